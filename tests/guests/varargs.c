/* Shows: variable arguments, va_copy, positional and starred formats, snprintf lengths, sscanf. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include "show.h"

struct triple {
    char a;
    double b;
    short c;
};

static void mixed(const char *types, ...) {
    va_list args, again;
    va_start(args, types);
    va_copy(again, args);
    for (int round = 0; round < 2; round++) {
        for (const char *type = types; *type; type++) {
            va_list *list = round ? &again : &args;
            switch (*type) {
                case 'i': printf("%d ", va_arg(*list, int)); break;
                case 'l': printf("%lld ", va_arg(*list, long long)); break;
                case 'd': printf("%g ", va_arg(*list, double)); break;
                case 'L': printf("%Lg ", va_arg(*list, long double)); break;
                case 's': printf("%s ", va_arg(*list, char *)); break;
                case 't': {
                    struct triple t = va_arg(*list, struct triple);
                    printf("%c/%g/%d ", t.a, t.b, t.c);
                }
            }
        }
        printf("\n");
    }
    va_end(again);
    va_end(args);
}

static int count(char *to, size_t room, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = vsnprintf(to, room, format, args);
    va_end(args);
    return length;
}

int main(void) {
    mixed("ildLstis", 'a', 1LL << 40, 2.5, 3.25L, "text", (struct triple){'x', 1.5, -3}, (short)-7, "end");
    printf("%2$s %1$d %2$s %3$*4$d|\n", 5, "twice", 42, 8);
    printf("%*d|%-*d|%.*f|%0*d|%+d|% d|%#x|%#o|%5c|%-5c|%%\n", 6, 42, -6, 42, 2, 3.14159, 7, -42, 5, 5, 255, 8, 'x', 'y');
    printf("%hhd %hd %hhu %hu %zu %td %jd %.3s %.0d|%.5d|%8.3d|\n", 300, 70000, 300, 70000, (size_t)-1, (ptrdiff_t)-5,
           (long long)-9, "abcdef", 0, 42, -7);
    char small[8];
    show(count(small, sizeof small, "%s-%d", "0123456789", 12345));
    printf("%s\n", small);
    show(count(NULL, 0, "%1000d", 1));
    int n = 0;
    printf("abc%ndef ", &n);
    show(n);

    int i = 0, j = 0, got;
    char word[20], set[20], c = 0;
    float f = 0;
    double d = 0;
    got = sscanf("  12 0x1f -3.5e2 6.25 hello,world [a-c]xyz", "%d %i %f %lf %[^,],%19s", &i, &j, &f, &d, set, word);
    printf("%d: %d %d %g %g %s %s\n", got, i, j, f, d, set, word);
    got = sscanf("abc123", "%3c%n%2d%c", word, &n, &i, &c);
    printf("%d: %.3s %d %d %c\n", got, word, n, i, c);
    got = sscanf("99 bottles", "%*d %s%d", word, &i);
    printf("%d: %s\n", got, word);
    show(sscanf("", "%d", &i));
    show(sscanf("x", "%d", &i));
    show(strtol("  -0x7fz", NULL, 16));
    errno = 0;
    show(strtol("99999999999", NULL, 10));
    show(errno == ERANGE);
    show(strtoul("-1", NULL, 0));
    show(atoi("12abc"));
    return 0;
}
