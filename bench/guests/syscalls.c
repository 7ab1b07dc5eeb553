/* Lesson: the shortest system call, over and over. */
#include "bench.h"

const unsigned full_rounds = 80;

unsigned work(unsigned rounds) {
    int self = getpid();
    unsigned same = 0;
    while (rounds--) {
        for (int i = 0; i < 1000; i++) same += getpid() == self;
        same += close(-1) == -EBADF;
    }
    return same;
}
