/* Lesson: a private file mapping reads the page cache and copies on write; the file never sees the change. */
#include "sys.h"

static int same(const char *a, const char *b, unsigned size) {
    while (size && *a == *b) a++, b++, size--;
    return size == 0;
}

int guest_main(unsigned *stack) {
    (void)stack;
    int fd = open("/proc/self/exe", 0);
    char *file = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
    char *other = mmap(0, PAGE, PROT_READ, MAP_PRIVATE, fd);
    char *text = (char *)((unsigned)guest_main & -PAGE);
    close(fd);
    say("magic %02x %c%c%c, the mapping outlives its descriptor\n", file[0], file[1], file[2], file[3]);

    say("both mappings equal: %s\n", same(file, other, PAGE) ? "yes" : "no");
    file[1] = 'e';
    say("after a write: %c%c%c here, %c%c%c there\n", file[1], file[2], file[3], other[1], other[2], other[3]);
    say("the rest still equal: %s\n", same(file + 4, other + 4, PAGE - 4) ? "yes" : "no");
    say("one of the mapped pages is the code that runs: %s\n", same(other + 4, text + 4, 60) ? "yes" : "no");
    say("shared writable mapping of a read-only descriptor: ");
    fd = open("/proc/self/exe", 0);
    say("%d (-EACCES is -13)\n", (int)mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd));
    return 0;
}
