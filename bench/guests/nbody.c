/* Lesson: x87 with square roots and divisions: sun and four planets, symplectic steps. */
#include "bench.h"

enum { BODIES = 5 };

/* Units: astronomical unit, day, solar mass times 4 pi^2 per year^2; values are those of the usual benchmark, rounded. */
static struct body {
    double x[3], v[3], mass;
} bodies[BODIES] = {
    {{0, 0, 0}, {0, 0, 0}, 39.478},
    {{4.841, -1.160, -0.104}, {0.6063, 2.8120, -0.0252}, 0.0376937},
    {{8.343, 4.125, -0.404}, {-1.0108, 1.8257, 0.0084}, 0.0112863},
    {{12.894, -15.111, -0.223}, {1.0827, 0.8687, -0.0108}, 0.00172372},
    {{15.380, -25.919, 0.179}, {0.9791, 0.5947, -0.0347}, 0.00203369},
};

static double root(double x) {
    __asm__("fsqrt" : "+t"(x));
    return x;
}

static void step(double dt) {
    for (struct body *a = bodies; a < bodies + BODIES; a++) {
        for (struct body *b = a + 1; b < bodies + BODIES; b++) {
            double d[3], square = 0;
            for (int i = 0; i < 3; i++) d[i] = a->x[i] - b->x[i], square += d[i] * d[i];
            double factor = dt / (square * root(square));
            for (int i = 0; i < 3; i++) {
                a->v[i] -= d[i] * b->mass * factor;
                b->v[i] += d[i] * a->mass * factor;
            }
        }
    }
    for (struct body *a = bodies; a < bodies + BODIES; a++) {
        for (int i = 0; i < 3; i++) a->x[i] += dt * a->v[i];
    }
}

const unsigned full_rounds = 2000000;

unsigned work(unsigned rounds) {
    while (rounds--) step(0.01);
    unsigned sum = 0;
    for (int i = 0; i < BODIES; i++) sum = sum * 31 + (int)(bodies[i].x[0] * 1e6) + (int)(bodies[i].v[1] * 1e6);
    return sum;
}
