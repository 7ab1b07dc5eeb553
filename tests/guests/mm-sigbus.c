/* Shows: SIGBUS behind the end of files: private and shared, loads and stores, kernel copies, after truncation and growth. */
#include "mm.h"

int main(void) {
    int fd = memfd_create("file", 0), ends[2];
    pipe(ends);
    ftruncate(fd, PAGE + 10);
    char *shared = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0), *private = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
    catch_faults(shared);
    attempt(load(shared + PAGE + 10));
    attempt(store(shared + 2 * PAGE - 1, 1));
    attempt(load(shared + 2 * PAGE));
    attempt(store(shared + 2 * PAGE, 1));
    attempt(load(shared + 4 * PAGE - 1));
    base = (uintptr_t)private;
    attempt(load(private + 2 * PAGE + 5));
    attempt(store(private + 3 * PAGE + 5, 1));
    attempt(store(private + PAGE, 7));
    try(write(ends[1], shared + 2 * PAGE, 1));
    try(read(fd, shared + 2 * PAGE, 1));
    show(write(ends[1], shared + 2 * PAGE - 3, 10));
    base = (uintptr_t)shared;
    show(ftruncate(fd, 3 * PAGE));
    attempt(store(shared + 2 * PAGE, 5));
    show(ftruncate(fd, 5));
    attempt(load(shared + PAGE));
    attempt(load(private + PAGE));
    attempt(load(shared));
    show(ftruncate(fd, 4 * PAGE));
    attempt(printf("  %d\n", shared[2 * PAGE]));
    attempt(printf("  %d\n", private[PAGE]));
    show(ftruncate(fd, 0));
    attempt(store(shared, 1));
    pid_t child = forked();
    if (child == 0) {
        signal(SIGBUS, SIG_DFL);
        store(shared, 1);
        leave(0);
    }
    reap(child);
    /* A hole in the middle of an offset that no file has. */
    char *far = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0x7ff000);
    base = (uintptr_t)far;
    attempt(load(far));
    return 0;
}
