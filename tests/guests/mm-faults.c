/* Shows: how many minor faults what takes: touches, copies, forks, locks, populated memory; the same in getrusage and stat. */
#include "mm.h"

static long before;

/* All that is counted here are multiples of eight; a busy host adds one or two now and then. */
#define count(what)                                                     \
    do {                                                                \
        before = faults();                                              \
        what;                                                           \
        long taken_ = faults() - before;                                \
        printf("%s: %ld\n", #what, taken_ % 8 < 3 ? taken_ / 8 * 8 : taken_); \
    } while (0)

static void touch(char *area, int pages, int write) {
    for (int i = 0; i < pages; i++)
        if (write) store(area + i * PAGE, 1);
        else load(area + i * PAGE);
}

static long stat_faults(int field) {
    char text[1000];
    int fd = open("/proc/self/stat", O_RDONLY), length = read(fd, text, sizeof text - 1);
    close(fd);
    text[length] = 0;
    char *at = strrchr(text, ')');
    for (int i = 2; i < field; i++) at = strchr(at + 1, ' ');
    return atol(at);
}

int main(void) {
    plain_memory();
    char *area = lonely(64, RW, ANON), *shared = lonely(64, RW, MAP_SHARED | MAP_ANONYMOUS);
    stat_faults(10), faults();
    printf("%d\n", 0);
    count((void)0);
    count(touch(area, 16, 1));
    count(touch(area, 16, 0));
    count(touch(area + 16 * PAGE, 16, 0));
    count(touch(area + 16 * PAGE, 16, 1));
    count(touch(shared, 16, 1));
    count(touch(shared, 16, 0));
    count((mprotect(area, 16 * PAGE, PROT_READ), mprotect(area, 16 * PAGE, RW), touch(area, 16, 1)));
    count((madvise(area, 16 * PAGE, MADV_DONTNEED), touch(area, 16, 1)));
    count((area = mremap(area, 64 * PAGE, 64 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place(64)), touch(area, 16, 1)));
    count(mmap(area + 32 * PAGE, 8 * PAGE, RW, ANON | MAP_POPULATE | MAP_FIXED, -1, 0));
    count(touch(area + 32 * PAGE, 8, 1));
    pid_t child = forked();
    if (child == 0) _exit(0);
    reap(child);
    count(touch(area, 16, 1));
    count(touch(shared, 16, 1));
    int ends[2];
    pipe(ends);
    count(write(ends[1], area + 48 * PAGE, 8 * PAGE));
    count(read(ends[0], area + 56 * PAGE, 8 * PAGE));
    show(stat_faults(10) - faults() <= 0);
    show(stat_faults(10) > 100);
    child = forked();
    if (child == 0) {
        touch(area + 40 * PAGE, 8, 1);
        _exit(0);
    }
    struct rusage usage;
    reap(child);
    getrusage(RUSAGE_CHILDREN, &usage);
    show(usage.ru_minflt > 8);
    show(usage.ru_minflt == stat_faults(11));
    getrusage(RUSAGE_SELF, &usage);
    show(usage.ru_nswap);
    return 0;
}
