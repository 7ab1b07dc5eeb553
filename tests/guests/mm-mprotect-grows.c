/* Shows: mprotect with PROT_GROWSDOWN and PROT_GROWSUP. */
#include "mm.h"

int main(void) {
    catch_faults(NULL);
    char *plain = lonely(8, RW, ANON), *down = lonely(8, RW, ANON | MAP_GROWSDOWN);
    try(mprotect(plain + 4 * PAGE, PAGE, PROT_READ | PROT_GROWSDOWN));
    try(mprotect(plain + 4 * PAGE, PAGE, PROT_READ | PROT_GROWSUP));
    try(mprotect(down + 4 * PAGE, PAGE, PROT_READ | PROT_GROWSUP));
    try(mprotect(down + 4 * PAGE, PAGE, PROT_READ | PROT_GROWSUP | PROT_GROWSDOWN));
    try(mprotect(down + 4 * PAGE, PAGE, PROT_READ | PROT_GROWSDOWN));
    maps("from its start", down, 8);
    try(mprotect(down + 5 * PAGE, 0, PROT_READ | PROT_GROWSDOWN));
    try(mprotect(down - PAGE, PAGE, PROT_READ | PROT_GROWSDOWN));
    try(mprotect(down - PAGE, 2 * PAGE, PROT_READ | PROT_GROWSDOWN));
    try(mprotect(down + 7 * PAGE, 2 * PAGE, PROT_NONE | PROT_GROWSDOWN));
    maps("up to its end", down, 8);
    try(mprotect(plain - PAGE, 2 * PAGE, PROT_READ | PROT_GROWSDOWN));
    /* The stack of the program, as a loader that wants it executable does. */
    char local;
    char *page = &local - (uintptr_t)&local % PAGE;
    try(mprotect(page, PAGE, RW | PROT_EXEC | PROT_GROWSDOWN));
    attempt(store(page, *page));
    try(mprotect(page, PAGE, RW | PROT_GROWSDOWN));
    return 0;
}
