/* Every guest prints what it tries and what came of it; the same binary run on a real processor is the expectation. */
#ifndef SHOW_H
#define SHOW_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* An expression and its integer value. */
#define show(expression) printf("%s = %lld\n", #expression, (long long)(expression))

/* A call that answers -1 and errno: its value only if it is zero, since descriptors and addresses are nobody's business. */
#define try(call)                                                                          \
    do {                                                                                   \
        errno = 0;                                                                         \
        long answer_ = (long)(call);                                                       \
        printf("%s: %s\n", #call, answer_ == -1 ? strerror(errno) : answer_ ? "done" : "0"); \
    } while (0)

#endif
