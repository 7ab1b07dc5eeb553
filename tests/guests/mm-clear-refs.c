/* Shows: /proc/self/clear_refs: which pages have been used since. */
#include "mm.h"

static char *private, *shared;

static void clear(const char *text) {
    int fd = open("/proc/self/clear_refs", O_WRONLY);
    errno = 0;
    int written = write(fd, text, strlen(text));
    printf("%s: %d %s\n", text, written, strerror(errno));
    close(fd);
    /* Linux leaves the translations in the TLB, which then has no reason to set the bits again: this flushes them. */
    mprotect(private, 8 * PAGE, PROT_READ), mprotect(private, 8 * PAGE, RW);
    mprotect(shared, 8 * PAGE, PROT_READ), mprotect(shared, 8 * PAGE, RW);
}

int main(void) {
    plain_memory();
    private = lonely(8, RW, ANON), shared = lonely(8, RW, MAP_SHARED | MAP_ANONYMOUS);
    for (int i = 0; i < 6; i++) private[i * PAGE] = shared[i * PAGE] = 1;
    smaps("all", private);
    clear("1");
    smaps("none", private);
    smaps("none", shared);
    load(private), load(private + PAGE), store(private + PAGE, 1), store(private + 5 * PAGE, 1);
    load(shared + PAGE);
    smaps("three", private);
    smaps("one", shared);
    clear("3");
    smaps("anonymous memory stays", private);
    clear("2");
    smaps("none", private);
    store(private, 1);
    clear("4");
    smaps("one", private);
    clear("5");
    const char *wrong[] = {"0", "6", "-1", "x", "1x", ""};
    for (int i = 0; i < 6; i++) clear(wrong[i]);
    return 0;
}
