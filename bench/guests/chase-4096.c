/* Lesson: dependent loads over 4096 pages: every one misses the TLB. */
#include "chase.h"

const unsigned full_rounds = 18000;

unsigned work(unsigned rounds) { return chase(4096, rounds); }
