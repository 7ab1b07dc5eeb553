/* Shows: MAP_POPULATE, MAP_NONBLOCK, MAP_LOCKED, MAP_NORESERVE, MAP_STACK: what is in memory and what smaps says. */
#include "mm.h"

int main(void) {
    plain_memory();
    int fd = memfd_create("file", 0);
    ftruncate(fd, 2 * PAGE);
    static const struct { const char *name; int flags; } flags[] = {
        {"none", 0}, {"populate", MAP_POPULATE}, {"nonblock", MAP_POPULATE | MAP_NONBLOCK}, {"locked", MAP_LOCKED},
        {"noreserve", MAP_NORESERVE}, {"stack", MAP_STACK}, {"grows", MAP_GROWSDOWN}, {"all", MAP_POPULATE | MAP_LOCKED | MAP_NORESERVE}};
    static const int prots[] = {RW, PROT_READ, PROT_WRITE, PROT_NONE};
    for (unsigned f = 0; f < sizeof flags / sizeof *flags; f++)
        for (int p = 0; p < 4; p++) {
            printf("%s, rights %d\n", flags[f].name, prots[p]);
            char *area = lonely(3, prots[p], ANON | flags[f].flags);
            pagemap("private", area, 3);
            smaps("private", area);
            if (flags[f].flags == MAP_GROWSDOWN) continue;
            area = lonely(3, prots[p], MAP_SHARED | MAP_ANONYMOUS | flags[f].flags);
            pagemap("shared", area, 3);
            area = mmap(NULL, 3 * PAGE, prots[p], MAP_PRIVATE | flags[f].flags, fd, 0);
            pagemap("file", area, 3);
            area = mmap(NULL, 3 * PAGE, prots[p], MAP_SHARED | flags[f].flags, fd, 0);
            pagemap("shared file", area, 3);
        }
    return 0;
}
