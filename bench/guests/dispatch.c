/* Lesson: an interpreter inside the interpreter: every instruction of its little program is an indirect jump. */
#include "bench.h"

enum { PUSH, LOAD, STORE, ADD, SUB, MUL, XOR, SHIFT, DUP, SWAP, LOOP, HALT };

/* a = 1; b = 0; do { b = (b ^ a * 3) + n; a = (a << 5) - b; } while (--n); answer b */
static const unsigned char program[] = {
    PUSH, 1, STORE, 0, PUSH, 0, STORE, 1,                                           /* 0 */
    LOAD, 0, PUSH, 3, MUL, LOAD, 1, XOR, LOAD, 2, ADD, DUP, STORE, 1,               /* 8 */
    LOAD, 0, SHIFT, 5, SWAP, SUB, STORE, 0, LOOP, 8, LOAD, 1, HALT,
};

static unsigned run(const unsigned char *code, unsigned n) {
    unsigned stack[16], slots[4] = {0, 0, n, 0}, *top = stack, kept;
    for (const unsigned char *at = code;;) {
        switch (*at++) {
            case PUSH: *top++ = *at++; break;
            case LOAD: *top++ = slots[*at++]; break;
            case STORE: slots[*at++] = *--top; break;
            case ADD: top--; top[-1] += *top; break;
            case SUB: top--; top[-1] -= *top; break;
            case MUL: top--; top[-1] *= *top; break;
            case XOR: top--; top[-1] ^= *top; break;
            case SHIFT: top[-1] <<= *at++; break;
            case DUP: *top = top[-1]; top++; break;
            case SWAP: kept = top[-1]; top[-1] = top[-2]; top[-2] = kept; break;
            case LOOP: at = --slots[2] ? code + *at : at + 1; break;
            default: return top[-1];
        }
    }
}

const unsigned full_rounds = 26000;

unsigned work(unsigned rounds) {
    unsigned sum = 0;
    while (rounds--) sum = sum * 31 + run(program, 500 + (sum & 15));
    return sum;
}
