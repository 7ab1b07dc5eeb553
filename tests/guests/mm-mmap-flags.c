/* Shows: mmap with every combination of flags, on anonymous memory, a file, a read-only and a write-only descriptor. */
#include "mm.h"

static int answer(void *address) {
    if (address == MAP_FAILED) return errno;
    munmap(address, PAGE);
    return 0;
}

int main(void) {
    /* MAP_HUGETLB depends on what the host has configured, MAP_SYNC on the filesystem of the program. */
    static const int flags[] = {0x20, 0x100, 0x800, 0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000, 0x100000, 0x200000,
                                0x400000, 0x800000, 0x1000000, 0x4000000, 0x40000000, 0x80000000};
    int fds[4] = {-1, open("/proc/self/exe", O_RDONLY), memfd_create("m", 0), open("/dev/null", O_WRONLY)};
    int path = open("/dev/zero", O_PATH);
    ftruncate(fds[2], PAGE);
    for (int fd = 0; fd < 4; fd++) {
        /* Type 8, MAP_DROPPABLE, is for 64-bit kernels. */
        for (int type = 0; type < 8; type++) {
            printf("descriptor %d type %d:", fd, type);
            for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++)
                printf(" %d", answer(mmap(NULL, PAGE, PROT_READ, type | flags[i], fds[fd], 0)));
            printf("\n");
        }
    }
    for (int prot = 0; prot < 16; prot++) {
        printf("prot %d:", prot);
        for (int fd = 0; fd < 4; fd++) {
            printf(" %d", answer(mmap(NULL, PAGE, prot, MAP_SHARED, fds[fd], 0)));
            printf(" %d", answer(mmap(NULL, PAGE, prot, MAP_PRIVATE, fds[fd], 0)));
            printf(" %d", answer(mmap(NULL, PAGE, prot, MAP_SHARED_VALIDATE, fds[fd], 0)));
        }
        printf("\n");
    }
    printf("O_PATH %d\n", answer(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, path, 0)));
    printf("directory %d\n", answer(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open("/", O_RDONLY), 0)));
    printf("unknown prot %d\n", answer(mmap(NULL, PAGE, 0x7ffffff0, ANON, -1, 0)));
    /* MAP_32BIT means nothing to a 32-bit program. */
    char *low = mmap(NULL, PAGE, RW, ANON | MAP_32BIT, -1, 0);
    show(low != MAP_FAILED);
    char *zero = mmap(NULL, PAGE, RW, MAP_PRIVATE, open("/dev/zero", O_RDWR), 0);
    maps("/dev/zero", zero, 1);
    zero[0] = 'z';
    printf("%c%d\n", zero[0], zero[1]);
    return 0;
}
