/* Shows: mprotect: rights after each call, faults they give, splits and joins, errors, what happens before an error. */
#include "mm.h"

int main(void) {
    char *area = lonely(10, RW, ANON);
    static const int prots[] = {PROT_NONE, PROT_READ, PROT_WRITE, PROT_EXEC, PROT_READ | PROT_EXEC, PROT_WRITE | PROT_EXEC, RW | PROT_EXEC, RW};
    for (int i = 0; i < 10; i++) memset(area + i * PAGE, 0xc3, PAGE);
    catch_faults(area);
    for (unsigned i = 0; i < sizeof prots / sizeof *prots; i++) {
        show(mprotect(area + 3 * PAGE, 2 * PAGE, prots[i]));
        maps("maps", area, 10);
        attempt(load(area + 3 * PAGE));
        attempt(store(area + 4 * PAGE + 5, 0xc3));
        /* What may be read may be executed without the no-execute bit, which is the host's choice. */
        if (prots[i] & PROT_EXEC || !prots[i]) attempt(((void (*)(void))(area + 3 * PAGE))());
    }
    show(mprotect(area, 1, PROT_READ));
    show(mprotect(area + 9 * PAGE, 1, PROT_READ));
    maps("one byte is a page", area, 10);
    munmap(area + 6 * PAGE, PAGE);
    try(mprotect(area + 4 * PAGE, 4 * PAGE, PROT_READ));
    maps("before the hole it worked", area, 10);
    try(mprotect(area + 6 * PAGE, PAGE, PROT_READ));
    try(mprotect(area + 6 * PAGE, 2 * PAGE, PROT_READ));
    try(mprotect(area + 6 * PAGE, 0, PROT_READ));
    try(mprotect(area + 1, PAGE, PROT_READ));
    try(mprotect(area + 1, 0, PROT_READ));
    try(mprotect(area, 0, 99));
    try(mprotect(area, PAGE, 0x8 /* PROT_SEM */ | PROT_READ));
    try(mprotect(area, PAGE, 0x10));
    try(mprotect(area, PAGE, 0x80000000));
    try(mprotect(area, 0xffffffff, PROT_READ));
    try(mprotect((void *)0xfffff000u, PAGE, PROT_READ));
    try(mprotect(NULL, PAGE, PROT_READ));
    try(mprotect((char *)main - (uintptr_t)main % PAGE, PAGE, RW | PROT_EXEC));

    int fd = open("/proc/self/exe", O_RDONLY);
    char *shared = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0), *private = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    try(mprotect(shared, PAGE, RW));
    try(mprotect(shared, PAGE, PROT_WRITE));
    try(mprotect(shared, PAGE, PROT_EXEC));
    try(mprotect(private, PAGE, RW));
    return 0;
}
