/* Shows: /proc/self/stat and statm: places of code, data, heap, stack, arguments; sizes; the same numbers in all files. */
#include "mm.h"

static long long fields[53];
static unsigned long words[7];
static int some_data = 1;

static void look(void) {
    char text[2000];
    int fd = open("/proc/self/stat", O_RDONLY), length = read(fd, text, sizeof text - 1);
    close(fd);
    text[length] = 0;
    char *at = strrchr(text, ')') + 2;
    for (int i = 3; i < 53; i++) {
        fields[i] = *at >= 'A' && *at <= 'Z' ? *at : atoll(at);
        at = strchr(at, ' ');
        if (!at++) break;
    }
    fd = open("/proc/self/statm", O_RDONLY);
    length = read(fd, text, sizeof text - 1);
    close(fd);
    text[length] = 0;
    sscanf(text, "%lu %lu %lu %lu %lu %lu %lu", words, words + 1, words + 2, words + 3, words + 4, words + 5, words + 6);
}

int main(int argc, char **argv) {
    (void)argc;
    plain_memory();
    look();
    printf("state %c, flags of a terminal %d\n", (char)fields[3], fields[7] == 0 ? fields[8] == -1 : fields[8] > 0);
    show(fields[4] == getppid() && fields[5] == getpgrp() && fields[6] == getsid(0));
    show(fields[18]), show(fields[19]), show(fields[20]), show(fields[21]);
    show(fields[26] <= (long long)(uintptr_t)main && (long long)(uintptr_t)main < fields[27]);
    show(fields[28] > fields[27] && fields[28] > (long long)(uintptr_t)&argc - (1 << 20));
    show(fields[45] <= (long long)(uintptr_t)&some_data && (long long)(uintptr_t)&some_data < fields[46]);
    show(fields[47] <= (long long)(uintptr_t)sbrk(0) && fields[47] >= fields[46]);
    show(fields[48] == (long long)(uintptr_t)argv[0]);
    show(fields[49] == fields[48] + (long long)strlen(argv[0]) + 1);
    show(fields[50] == fields[49] && fields[51] >= fields[50]);
    show(fields[52]), show(fields[38]), show(fields[40]), show(fields[41]), show(fields[43]);
    show(fields[23] == (long long)words[0] * PAGE);
    show(fields[24] == (long long)words[1]);
    show(words[4]), show(words[6]);
    show(words[3] == (((uintptr_t)fields[27] + 4095) / PAGE - (uintptr_t)fields[26] / PAGE));
    unsigned long before[7];
    /* Text that is run for the first time comes into memory. */
    store(lonely(1, RW, ANON), 1), store(lonely(1, RW, MAP_SHARED | MAP_ANONYMOUS), 1);
    memcpy(before, words, sizeof before);
    look();
    memcpy(before, words, sizeof before);
    char *area = lonely(100, RW, ANON), *shared = lonely(100, RW, MAP_SHARED | MAP_ANONYMOUS);
    for (int i = 0; i < 40; i++) store(area + i * PAGE, 1), store(shared + i * PAGE, 1);
    look();
    for (int i = 0; i < 7; i++) printf("%+ld ", (long)(words[i] - before[i]));
    printf("\n");
    strcpy(argv[0], "X");
    char text[200];
    int fd = open("/proc/self/cmdline", O_RDONLY), length = read(fd, text, sizeof text);
    show(length >= 2 && text[0] == 'X' && text[1] == 0);
    return 0;
}
