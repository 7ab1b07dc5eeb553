/* Shows: a large .bss touched sparsely, big stack arrays, string functions over every alignment, page-edge reads. */
#define _GNU_SOURCE
#include <alloca.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "show.h"

static char bss[64 << 20];
static unsigned char a[600], b[600];

__attribute__((noinline)) static unsigned on_stack(unsigned size) {
    volatile unsigned char *block = alloca(size);
    unsigned sum = 0;
    for (unsigned i = 0; i < size; i += 4096) block[i] = i >> 12;
    for (unsigned i = 0; i < size; i += 4096) sum += block[i];
    return sum;
}

int main(void) {
    unsigned sum = 0;
    for (unsigned i = 0; i < sizeof bss; i += 1 << 20) bss[i + i / 1000] = i >> 20;
    for (unsigned i = 0; i < sizeof bss; i += 1 << 20) sum += bss[i + i / 1000] + bss[i + 77777];
    show(sum);
    show(on_stack(1 << 20));
    show(on_stack(4 << 20));

    unsigned hash = 1;
    for (int from = 0; from < 17; from++) {
        for (int to = 0; to < 17; to++) {
            for (int length = 0; length < 300; length += 1 + length / 4) {
                for (int i = 0; i < 600; i++) a[i] = i * 7 + from, b[i] = i;
                memcpy(b + to, a + from, length);
                memmove(a + to, a + from, length);
                hash = hash * 31 + memcmp(a + to, b + to, length) + b[to + length];
                memset(b + from, to, length);
                hash = hash * 31 + (memchr(a + from, to * 3, length) != NULL) + b[from + length / 2] + a[to + length / 3];
            }
        }
    }
    printf("%08x\n", hash);

    /* Strings that end at the last byte before an unmapped page: nothing may read beyond. */
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *edge = pages + 4096;
    munmap(edge, 4096);
    for (int length = 0; length < 70; length++) {
        char *text = edge - length - 1;
        memset(text, 'x', length);
        text[length] = 0;
        hash = hash * 31 + strlen(text) + (strchr(text, 'y') != NULL) + (strrchr(text, 'x') ? 1 : 0);
        hash = hash * 31 + strcmp(text, "xxx") % 2 + strspn(text, "xy") + (strstr(text, "xxxx") != NULL);
        hash = hash * 31 + strnlen(text, 33) + (memrchr(text, 'x', length) != NULL) + strlen(strdup(text));
    }
    printf("%08x\n", hash);
    char words[] = "one,two,,three;four", *rest = words, *word;
    while ((word = strsep(&rest, ",;"))) printf("<%s>", word);
    printf("\n%s %s %d\n", strpbrk("hello world", "ow"), strcasestr("HayStack", "stack"), strcasecmp("ABC", "abd"));
    printf("%s|%s|%s\n", basename("/a/b/c"), strerror(ENOENT), strsignal(11));
    printf("%d %d\n", strverscmp("file9", "file10") < 0, strcoll("a", "b") < 0);
    return 0;
}
