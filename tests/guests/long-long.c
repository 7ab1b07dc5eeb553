/* Shows: 64-bit integers on a 32-bit machine: multiply, divide, shift, compare, convert, and the overflow builtins. */
#include <inttypes.h>
#include <stdlib.h>
#include "show.h"

static volatile long long values[] = {
    0, 1, -1, 2, -2, 7, -7, 10, 1000000007, 0x7fffffff, -0x7fffffff - 1, 0x80000000LL, 0xffffffffLL, 0x100000000LL,
    0x123456789abcdefLL, -0x123456789abcdefLL, 0x7fffffffffffffffLL, -0x7fffffffffffffffLL - 1, 1000000000000000003LL,
};

int main(void) {
    int count = sizeof values / sizeof *values;
    unsigned long long mix = 0;
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++) {
            unsigned long long ua = values[i], ub = values[j];
            long long a = values[i], b = values[j];
            mix = mix * 31 + ua * ub + (ua - ub) + (a < b) * 3 + (ua < ub) * 5;
            if (b != 0) mix = mix * 31 + ua / ub + ua % ub;
            if (b != 0 && b != -1) mix = mix * 31 + a / b + a % b;
            long long sum, product;
            mix = mix * 31 + __builtin_add_overflow(a, b, &sum) * 7 + __builtin_mul_overflow(a, b, &product) + product;
        }
    }
    printf("%016llx\n", mix);
    for (int i = 0; i < count; i++) {
        long long a = values[i];
        printf("%lld %llu %llx %llo", a, a, a, a);
        for (int shift = 0; shift < 64; shift += 9) {
            volatile int by = shift;
            printf(" %llx/%llx/%lld", a << by, (unsigned long long)a >> by, a >> by);
        }
        volatile double d = a;
        volatile float f = a;
        volatile long double l = (unsigned long long)a;
        printf(" %.17g %.9g %.20Lg\n", d, f, l);
    }
    static volatile double reals[] = {0.5, -0.5, 1e9, 4294967296.5, -4294967297.9, 9.2e18, 1.8e19, 1e10};
    for (int i = 0; i < 8; i++) printf("%lld %llu ", (long long)reals[i], (unsigned long long)(reals[i] < 0 ? 0 : reals[i]));
    printf("\n%lld %llu %lld\n", strtoll("-9223372036854775809", NULL, 10), strtoull("0xffffffffffffffff1", NULL, 0),
           strtoll("zz9", NULL, 36));
    lldiv_t parts = lldiv(-1000000000001LL, 1000);
    printf("%lld %lld %d %d %d %d\n", parts.quot, parts.rem, __builtin_clzll(mix), __builtin_ctzll(mix | 1ULL << 40),
           __builtin_popcountll(mix), __builtin_parityll(mix));
    unsigned long long state = 88172645463325252ULL, sum = 0;
    for (int i = 0; i < 100000; i++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        sum += state % (i + 3ULL) + state / (state >> (i % 60) | 1);
    }
    printf("%" PRIu64 " %" PRIx64 "\n", (uint64_t)sum, __builtin_bswap64(state));
    return 0;
}
