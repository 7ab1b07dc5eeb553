/* Lesson: dependent loads over 32 pages: what a small TLB just holds. */
#include "chase.h"

const unsigned full_rounds = 250000;

unsigned work(unsigned rounds) { return chase(32, rounds); }
