/* Shows: (as root) mlockall and munlockall: flags, what is locked now and later, on fault, and not in children. */
#include "mm.h"

int main(void) {
    plain_memory();
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_MEMLOCK, &unlimited) && geteuid()) return 1;
    for (int flags = 0; flags < 10; flags++) {
        errno = 0;
        int result = mlockall(flags);
        printf("mlockall(%d): %d %s\n", flags, result, strerror(errno));
        munlockall();
    }
    char *area = lonely(4, RW, ANON), *none = lonely(2, PROT_NONE, ANON);
    show(mlockall(MCL_CURRENT));
    smaps("now", area);
    smaps("not accessible", none);
    char *later = lonely(4, RW, ANON);
    smaps("later", later);
    show(mlockall(MCL_FUTURE));
    later = lonely(4, RW, ANON);
    smaps("after MCL_FUTURE", later);
    smaps("before it", area);
    char *grown = mremap(later, 4 * PAGE, 6 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place(8));
    smaps("grown", grown);
    show(mlockall(MCL_FUTURE | MCL_ONFAULT));
    later = lonely(4, RW, ANON);
    later[0] = 1;
    smaps("on fault", later);
    pid_t child = forked();
    if (child == 0) {
        smaps("a child's", later);
        char *new = lonely(2, RW, ANON);
        smaps("a child's new one", new);
        leave(0);
    }
    reap(child);
    show(munlockall());
    smaps("unlocked", later);
    smaps("new ones are not", lonely(4, RW, ANON));
    return 0;
}
