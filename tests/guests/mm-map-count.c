/* Shows: vm.max_map_count: the mapping and the split that are one too many, and what still works then. */
#include "mm.h"

int main(void) {
    FILE *file = fopen("/proc/sys/vm/max_map_count", "r");
    int limit = 0, made = 0;
    if (!file || fscanf(file, "%d", &limit) != 1) return 1;
    fclose(file);
    if (limit > 70000) return puts("this system allows more than the usual 65530") < 0;
    char *area = mmap(NULL, 140000ul * PAGE, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
    show(area != MAP_FAILED);
    while (made < limit && mprotect(area + made * 2l * PAGE, PAGE, PROT_READ) == 0) made++;
    printf("%s\n", strerror(errno));
    show(made > limit / 2 - 100 && made <= limit / 2);
    char *rest = area + 139000l * PAGE;
    try(mprotect(rest, PAGE, PROT_READ));
    try(madvise(rest, PAGE, MADV_DONTFORK));
    try(mlock(rest, PAGE));
    try(munmap(rest, PAGE));
    show(mprotect(area, PAGE, PROT_NONE));
    show(munmap(area + 2 * PAGE, 2 * PAGE));
    show(munmap(area, 140000ul * PAGE));
    show(mmap(NULL, PAGE, RW, ANON, -1, 0) != MAP_FAILED);
    return 0;
}
