/* Lesson: nothing but calls and returns. */
#include "bench.h"

__attribute__((noinline, optimize("no-optimize-sibling-calls,no-inline"))) static unsigned fib(unsigned n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

const unsigned full_rounds = 500;

unsigned work(unsigned rounds) {
    unsigned sum = 0;
    while (rounds--) sum = sum * 3 + fib(25);
    return sum;
}
