/* Shows: printf of doubles: %f %e %g %a, rounding, widths, flags, infinities and subnormals. */
#include <float.h>
#include <math.h>
#include "show.h"

static volatile double values[] = {
    0.0, -0.0, 1.0, -1.5, 0.1, 0.5, 1.5, 2.5, 0.125, 9.995, 99.9999999, 123456789.987654321, 1e15, 1e16, 1e22, 1e23,
    1e-5, 1.7e-308, 4.9e-324, DBL_MAX, DBL_MIN, DBL_EPSILON, 3.141592653589793, 2.718281828459045, 1e100, 6.02214076e23,
    1.0 / 3, 2.0 / 3, 1e-310, 999999.5, 9999995, 0.0001, 0.00001234, 4503599627370497.5,
};

int main(void) {
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        double x = values[i];
        printf("%f|%e|%g|%a\n", x, x, x, x);
        printf("%.0f|%.3f|%.17g|%.1e|%#.0f|%+.2f|% .3g|%-12.4g|%012.3e|%G\n", x, x, x, x, x, x, x, x, x, x);
    }
    printf("%f %F %e %g %5.1f|%-8f|%08f\n", INFINITY, -INFINITY, INFINITY, -INFINITY, NAN, INFINITY, -INFINITY);
    for (int precision = 0; precision < 20; precision++) printf("%.*f %.*e\n", precision, 1.0 / 7, precision, 1e10 / 7);
    for (double x = 1; x < 1e30; x *= 17) printf("%.3f ", x / 8);
    printf("\n%.60f\n%.40g\n", 1e-20, 1e-300);
    return 0;
}
