/* Shows: libm to ten digits, and its rounding, remainder and scaling functions exactly. */
#include <math.h>
#include "show.h"

int main(void) {
    static volatile double xs[] = {0.0, 0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 10.0, 100.25, 1e5, 1e10, -0.75, -3.5};
    for (unsigned i = 0; i < sizeof xs / sizeof *xs; i++) {
        double x = xs[i];
        printf("%g: sin %.10g cos %.10g tan %.10g atan %.10g", x, sin(x), cos(x), tan(x), atan(x));
        printf(" exp %.10g log %.10g sqrt %a cbrt %.10g\n", exp(x), log(x), sqrt(x), cbrt(x));
        printf("  sinh %.10g tanh %.10g asin %.10g log2 %.10g log10 %.10g", sinh(x), tanh(x), asin(x), log2(x), log10(x));
        printf(" expm1 %.10g log1p %.10g erf %.10g tgamma %.10g\n", expm1(x), log1p(x), erf(x), tgamma(x));
        printf("  floor %g ceil %g trunc %g round %g rint %g lrint %ld\n", floor(x), ceil(x), trunc(x), round(x), rint(x),
               lrint(x));
        printf("  sinl %.10Lg expl %.10Lg logl %.10Lg atan2l %.10Lg sqrtl %La\n", sinl(x), expl(x), logl(x),
               atan2l(x, 2), sqrtl(x));
    }
    for (int i = 0; i < 8; i++) printf("pow %.10g hypot %.10g ", pow(xs[i + 3], xs[i]), hypot(xs[i], xs[i + 1]));
    printf("\nfmod %g remainder %g fmod %g\n", fmod(1e20, 7), remainder(11, 4), fmod(-7.5, 2));
    int exponent;
    double fraction = frexp(-123.456, &exponent), whole;
    printf("frexp %a %d ldexp %a logb %g scalbn %a\n", fraction, exponent, ldexp(0.7, -1070), logb(1e-310), scalbn(1.5, 900));
    fraction = modf(-3.75, &whole);
    printf("modf %g %g fma %a copysign %g fdim %g\n", fraction, whole, fma(0.1, 10, -1), copysign(3, -0.0), fdim(5, 3));
    printf("isnan %d isinf %d signbit %d fpclassify %d\n", !!isnan(sqrt(-xs[3])), !!isinf(xs[3] / xs[0]),
           !!signbit(-0.0), fpclassify(4e-320) == FP_SUBNORMAL);
    printf("lround %ld llrint %lld ilogb %d\n", lround(-2.5), llrint(4503599627370496.5), ilogb(0x1p-1060));
    return 0;
}
