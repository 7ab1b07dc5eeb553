/* Shows: rounding modes and exception flags of the x87, and arithmetic at each of its three precisions. */
#include <fenv.h>
#include <math.h>
#include "show.h"

static volatile double one = 1, three = 3, big = 1e308, tiny = 1e-308, zero = 0, half = 0.5;

static void flags(const char *what) {
    int raised = fetestexcept(FE_ALL_EXCEPT);
    printf("%s:%s%s%s%s%s\n", what, raised & FE_INVALID ? " invalid" : "", raised & FE_DIVBYZERO ? " divbyzero" : "",
           raised & FE_OVERFLOW ? " overflow" : "", raised & FE_UNDERFLOW ? " underflow" : "",
           raised & FE_INEXACT ? " inexact" : "");
    feclearexcept(FE_ALL_EXCEPT);
}

static void control(unsigned short word) { __asm__ volatile("fldcw %0" : : "m"(word)); }

int main(void) {
    static const int modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
    for (int i = 0; i < 4; i++) {
        fesetround(modes[i]);
        printf("mode %d: %a %a %ld %ld %g %g\n", fegetround() == modes[i], one / three, -one / three, lrint(half * 5),
               lrint(-half * 5), rint(2.5 * one), nearbyint(-0.5 * one));
        printf("  %.1f %.1f %.3g %.0f\n", 0.25, -0.35, 2.0 / 3, 1e23);
    }
    fesetround(FE_TONEAREST);
    feclearexcept(FE_ALL_EXCEPT);
    volatile double r = one + one;
    flags("1+1");
    r = one / three;
    flags("1/3");
    r = one / zero;
    flags("1/0");
    r = zero / zero;
    flags("0/0");
    r = big * big;
    flags("big*big");
    r = tiny * tiny;
    flags("tiny*tiny");
    r = sqrt(-one);
    flags("sqrt(-1)");
    volatile int n = (int)(big * one);
    flags("(int)big");
    r = rint(half);
    flags("rint");
    r = nearbyint(half);
    flags("nearbyint");
    feraiseexcept(FE_OVERFLOW);
    flags("raised");

    static const unsigned short precisions[] = {0x007f, 0x027f, 0x037f};
    for (int i = 0; i < 3; i++) {
        control(precisions[i]);
        volatile long double third = (long double)one / three, root = sqrtl(three);
        control(0x037f);
        printf("control %03x: %La %La\n", precisions[i], third, root);
    }
    fenv_t environment;
    fegetenv(&environment);
    show(environment.__control_word);
    feholdexcept(&environment);
    r = one / zero;
    feupdateenv(&environment);
    flags("held and merged");
    return (int)(r * 0) + n * 0;
}
