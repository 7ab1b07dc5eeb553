/* Shows: printf of long doubles: %Lf %Le %Lg %La over the whole range of the 80-bit format. */
#include <float.h>
#include <math.h>
#include "show.h"

static volatile long double values[] = {
    0.0L, -0.0L, 1.0L, 0.1L, 0.5L, 2.5L, 1e18L, 1e19L, 1e20L, 1e4000L, 1e-4000L, LDBL_MAX, LDBL_MIN, LDBL_EPSILON,
    3.64519953188247460253e-4951L, 18446744073709551615.0L, 9223372036854775808.0L, 1.0L / 3, 2.0L / 3,
    3.141592653589793238462643383279502884L, 123456789.123456789123456789L, 0.999999999999999999L,
};

int main(void) {
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        long double x = values[i];
        printf("%Lg|%.21Lg|%Le|%La|%.3Lf\n", x, x, x, x, fabsl(x) < 1e30L ? x : 1e30L);
    }
    long double one = values[2];
    printf("%La %La\n", nextafterl(one, 2), nextafterl(one, 0));
    printf("%La %La\n", nextafterl(0, 1), nextafterl(LDBL_MAX, INFINITY));
    printf("%Lf %Lf %La\n", (long double)INFINITY, -(long double)NAN, (long double)INFINITY);
    printf("%.50Lf\n", one / 10);
    printf("%d %d %.20Lg\n", LDBL_MANT_DIG, LDBL_MAX_EXP, sqrtl(2 * one));
    long double product = 1;
    for (int i = 1; i <= 25; i++) product *= i;
    printf("25! = %.0Lf\n", product);
    double narrow = (double)values[17];
    float narrower = (float)values[17];
    printf("%a %a %La\n", narrow, narrower, values[17]);
    return 0;
}
