/* Shows: private mappings of huge pages that were promised none: errors, places, names, what must be whole. (huge pages) */
#include "huge.h"

#define FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE)

int main(void) {
    char *area = huge_place();
    show(huge > PAGE);
    show(mmap(area, 8 * huge, RW, FLAGS | MAP_FIXED, -1, 0) == area);
    shown(area);
    try(mmap(area + PAGE, huge, RW, FLAGS | MAP_FIXED, -1, 0));
    try(mmap(area, huge, RW, FLAGS | (62 << 26), -1, 0));
    try(mmap(area, huge, RW, MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0));
    try(munmap(area + PAGE, PAGE));
    try(munmap(area, PAGE));
    try(munmap(area + huge - PAGE, huge));
    try(mprotect(area, PAGE, PROT_READ));
    try(mprotect(area + PAGE, huge - PAGE, PROT_READ));
    try(madvise(area + PAGE, PAGE, MADV_DONTNEED));
    try(madvise(area, PAGE, MADV_DONTNEED));
    try(madvise(area, huge, MADV_FREE));
    try(madvise(area, huge, MADV_DONTFORK));
    try(madvise(area, huge, MADV_DOFORK));
    try(mmap(area + PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    try(mremap(area, huge, 2 * huge, MREMAP_MAYMOVE));
    try(mremap(area + PAGE, huge, huge, MREMAP_MAYMOVE | MREMAP_FIXED, area + 10 * huge));
    try(msync(area, huge, MS_SYNC));
    shown(area);
    try(mprotect(area + huge, huge, PROT_READ));
    try(munmap(area + 3 * huge, huge));
    shown(area);
    show(mremap(area + 4 * huge, huge, huge, MREMAP_MAYMOVE | MREMAP_FIXED, area + 10 * huge) == area + 10 * huge);
    shown(area);
    char *hinted = mmap(area + 3 * huge - PAGE, huge, RW, FLAGS, -1, 0);
    show((hinted - area) / huge);
    char *anywhere = mmap(0, 3 * huge, RW, FLAGS, -1, 0);
    show((unsigned long)anywhere % huge);
    munmap(anywhere, 3 * huge);
    munmap(area, 16 * huge);
    shown(area);
    return 0;
}
