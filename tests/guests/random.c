/* Shows: the C library's generators and hashes give the numbers they always give; getrandom gives bytes. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/random.h>
#include "show.h"

int main(void) {
    srand(1);
    for (int i = 0; i < 8; i++) printf("%d ", rand());
    srandom(12345);
    for (int i = 0; i < 8; i++) printf("%ld ", random());
    unsigned seed = 7;
    for (int i = 0; i < 4; i++) printf("%d ", rand_r(&seed));
    printf("\n");
    srand48(99);
    for (int i = 0; i < 5; i++) printf("%.15g %ld ", drand48(), mrand48());
    printf("\n");
    char state[64], *old = initstate(5, state, sizeof state);
    printf("%ld %ld ", random(), random());
    setstate(old);
    printf("%ld\n", random());

    unsigned char bytes[64] = {0}, more[64] = {0};
    show(getrandom(bytes, sizeof bytes, 0));
    show(getrandom(more, sizeof more, GRND_NONBLOCK));
    show(memcmp(bytes, more, sizeof bytes) != 0);
    int different = 0;
    for (int i = 1; i < 64; i++) different += bytes[i] != bytes[0];
    show(different > 40);
    try(getrandom(bytes, 1, 0x100));
    FILE *file = fopen("/dev/urandom", "r");
    show(file && fread(bytes, 1, sizeof bytes, file) == sizeof bytes);
    return 0;
}
