/* Lesson: mmap, munmap and mprotect edit a list of areas; they split, join and replace each other. */
#include "sys.h"

static char *anonymous(void *start, unsigned pages, int extra) {
    return mmap(start, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | extra, -1);
}

/* A system call reads the byte for us: a hole answers -EFAULT instead of a signal. */
static int mapped(char *address, int pipe_end) { return write(pipe_end, address, 1) == 1; }

static void show(const char *what, char *base, int pipe_end) {
    char row[9];
    for (int i = 0; i < 8; i++) row[i] = mapped(base + i * PAGE, pipe_end) ? base[i * PAGE] + 'A' : '.';
    row[8] = 0;
    say("%s %s\n", row, what);
}

int guest_main(unsigned *stack) {
    (void)stack;
    int ends[2];
    pipe(ends);
    char *base = anonymous(0, 8, 0);
    for (int i = 0; i < 8; i++) base[i * PAGE] = i;
    show("eight pages", base, ends[1]);
    say("munmap middle: %d\n", munmap(base + 2 * PAGE, 3 * PAGE));
    show("a hole splits the area", base, ends[1]);
    say("munmap of a hole: %d\n", munmap(base + 2 * PAGE, 3 * PAGE));
    say("mprotect across the hole: %d (-ENOMEM is %d)\n", mprotect(base, 8 * PAGE, PROT_READ), -ENOMEM);
    say("MAP_FIXED lands in the hole: %s\n", anonymous(base + 3 * PAGE, 3, MAP_FIXED) == base + 3 * PAGE ? "yes" : "no");
    show("three fresh pages, one of them replaced F", base, ends[1]);
    say("mprotect to PROT_NONE: %d\n", mprotect(base + 6 * PAGE, PAGE, PROT_NONE));
    show("PROT_NONE cannot be read even by the kernel", base, ends[1]);

    say("zero length: %d (-EINVAL is %d)\n", (int)anonymous(0, 0, 0), -EINVAL);
    say("fixed at an odd address: %d\n", (int)anonymous(base + 1, 1, MAP_FIXED));
    say("bad file descriptor: %d (-EBADF is %d)\n", (int)mmap(0, PAGE, PROT_READ, MAP_PRIVATE, 99), -EBADF);
    say("munmap at an odd address: %d\n", munmap(base + 1, PAGE));
    return 0;
}
