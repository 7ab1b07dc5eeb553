/* Lesson: three nested loops of integer multiply and add, one operand walked against the grain. */
#include "bench.h"

enum { N = 96 };

static int a[N][N], b[N][N], c[N][N];

const unsigned full_rounds = 450;

unsigned work(unsigned rounds) {
    unsigned seed = 7, sum = 0;
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) a[i][j] = next_random(&seed) >> 20, b[i][j] = next_random(&seed) >> 20;
    }
    while (rounds--) {
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                int total = 0;
                for (int l = 0; l < N; l++) total += a[i][l] * b[l][j];
                c[i][j] = total;
            }
        }
        for (int i = 0; i < N; i++) sum += c[i][(i + rounds) % N], a[i][i] ^= sum & 255;
    }
    return sum;
}
