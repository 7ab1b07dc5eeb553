/* say(): the few conversions of printf that the guest programs use, and the two functions gcc itself may call. */
#include "say.h"

void *memset(void *to, int value, unsigned size) {
    void *start = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
    return start;
}

void *memcpy(void *to, const void *from, unsigned size) {
    void *start = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    return start;
}

static char *put_number(char *at, unsigned value, unsigned base, int width, char fill) {
    char digits[12];
    int count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (width-- > count) *at++ = fill;
    while (count) *at++ = digits[--count];
    return at;
}

void say(const char *format, ...) {
    char line[512], *at = line;
    __builtin_va_list args;
    __builtin_va_start(args, format);
    for (; *format && at < line + 400; format++) {
        if (*format != '%') {
            *at++ = *format;
            continue;
        }
        char fill = format[1] == '0' ? '0' : ' ';
        int width = 0;
        while (*++format >= '0' && *format <= '9') width = width * 10 + (*format - '0');
        if (*format == 's') {
            const char *text = __builtin_va_arg(args, const char *);
            while (*text && at < line + 400) *at++ = *text++;
        } else if (*format == 'd') {
            int value = __builtin_va_arg(args, int);
            if (value < 0) *at++ = '-';
            at = put_number(at, value < 0 ? -(unsigned)value : (unsigned)value, 10, width, fill);
        } else if (*format == 'u') {
            at = put_number(at, __builtin_va_arg(args, unsigned), 10, width, fill);
        } else if (*format == 'x') {
            at = put_number(at, __builtin_va_arg(args, unsigned), 16, width, fill);
        } else if (*format == 'c') {
            *at++ = __builtin_va_arg(args, int);
        } else {
            *at++ = '%';
        }
    }
    __builtin_va_end(args);
    put(line, at - line);
}
