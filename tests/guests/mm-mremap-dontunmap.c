/* Shows: MREMAP_DONTUNMAP: the pages go, the mapping stays, for anonymous, shared and locked memory. */
#include "mm.h"

static void one(const char *what, int flags) {
    char *area = place(32);
    mmap(area, 4 * PAGE, RW, flags | MAP_FIXED, -1, 0);
    for (int i = 0; i < 4; i++) area[i * PAGE] = 'a' + i;
    printf("%s\n", what);
    show(mremap(area, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, area + 16 * PAGE) == area + 16 * PAGE);
    maps("both", area, 32);
    smaps("old", area);
    smaps("new", area + 16 * PAGE);
    printf("%d %c\n", area[0], area[16 * PAGE]);
    area[0] = 'n';
    show(mremap(area + PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, area + 24 * PAGE) == area + 24 * PAGE);
    maps("one page", area, 32);
    char *away = mremap(area, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    printf("%c %d\n", away[0], area[0]);
    try(mremap(area, 4 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
    try(mremap(area, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
    try(mremap(area, 4 * PAGE, 4 * PAGE, MREMAP_DONTUNMAP, NULL));
    try(mremap(area, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
    try(mremap(area + PAGE, 0, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
}

int main(void) {
    plain_memory();
    one("private", ANON);
    one("shared", MAP_SHARED | MAP_ANONYMOUS);
    one("locked", ANON | MAP_LOCKED);
    return 0;
}
