/* Shows: vm.mmap_min_addr: what others than root may map below it, and what a hint below it means. */
#include "mm.h"

/* A security module may have a limit of its own for hints, 64 KiB, besides the one that is asked for. */
static char *lowest, *hinted;

static void try_at(const char *what, char *address, int flags) {
    char *got = mmap(address, PAGE, RW, ANON | flags, -1, 0);
    printf("%s: %s\n", what, got == MAP_FAILED ? strerror(errno) : got == lowest || got == hinted ? "the lowest" : got == address ? "there" : "elsewhere");
    if (got != MAP_FAILED) munmap(got, PAGE);
}

int main(void) {
    FILE *file = fopen("/proc/sys/vm/mmap_min_addr", "r");
    unsigned long limit = 0;
    if (!file || fscanf(file, "%lu", &limit) != 1 || limit == 0) return 1;
    lowest = (char *)limit, hinted = (char *)(limit < 0x10000 ? 0x10000 : limit);
    if (geteuid() == 0 && (setgid(5) || setuid(5))) return 2;
    try_at("fixed at it", lowest, MAP_FIXED);
    try_at("fixed below it", lowest - PAGE, MAP_FIXED);
    try_at("fixed at 0", NULL, MAP_FIXED);
    try_at("noreplace below it", lowest - PAGE, MAP_FIXED_NOREPLACE);
    try_at("hint at it", hinted, 0);
    try_at("hint below it", hinted - PAGE, 0);
    try_at("hint 0", NULL, 0);
    try_at("hint 1", (char *)1, 0);
    char *area = lonely(1, RW, ANON);
    try(mremap(area, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, lowest - PAGE));
    show(mremap(area, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, lowest) == lowest);
    return 0;
}
