/* Shows: frame numbers of /proc/self/pagemap: root's eyes only. */
#include "mm.h"

static uint64_t entry(const char *address) {
    uint64_t value = 0;
    int fd = open("/proc/self/pagemap", O_RDONLY);
    if (fd < 0) return errno;
    pread(fd, &value, 8, (uintptr_t)address / PAGE * 8ll);
    close(fd);
    return value;
}

int main(void) {
    char *area = lonely(4, RW, ANON);
    for (int i = 0; i < 3; i++) area[i * PAGE] = 1;
    if (geteuid() == 0) {
        uint64_t frames[4];
        for (int i = 0; i < 4; i++) frames[i] = entry(area + i * PAGE) & ((1ull << 55) - 1);
        if (!(frames[0] && frames[1] && frames[2] && frames[0] != frames[1] && frames[1] != frames[2] && !frames[3])) return 1;
        int before = open("/proc/self/pagemap", O_RDONLY);
        if (setresgid(5, 5, 5) || setresuid(5, 5, 5)) return 2;
        prctl(PR_SET_DUMPABLE, 1);
        uint64_t value;
        pread(before, &value, 8, (uintptr_t)area / PAGE * 8ll);
        if ((value & ((1ull << 55) - 1)) != frames[0]) return 3;
    }
    printf("%llx %llx\n", (long long)entry(area), (long long)entry(area + 3 * PAGE));
    return 0;
}
