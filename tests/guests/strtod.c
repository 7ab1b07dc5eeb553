/* Shows: strtod, strtold and strtof round correctly at the last bit, on overflow, underflow and halfway cases. */
#include <stdlib.h>
#include "show.h"

static const char *const texts[] = {
    "0", "-0", "1", ".5", "5.", "1e0", "1e-1", "0x1p-1074", "0x1.8p1", "0x1.00000000000008p0", "0x1.000000000000080001p0",
    "9007199254740992", "9007199254740993", "9007199254740994", "9007199254740993.00000000000000001", "1e308", "1e309",
    "-1e309", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "4.9e-324", "2.47e-324",
    "2.48e-324", "1e-400", "2.2250738585072014e-308", "2.2250738585072011e-308", "inf", "-Infinity", "nan", "nan(12)",
    "  +3.25xyz", "1e", "1e+", "0x", "0xg", "", "abc", "123456789012345678901234567890", "0.1", "0.30000000000000004",
    "1.15", "8.5899345930e9", "3.4028235677973366e38", "3.4028235677973365e38", "1.401298464324817e-45", "1e23", "1e22",
    "6.631236846766476e-316", "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587"
    "207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571"
    "366959622842914819860834936475292719074168444365510704342711559699508093042880", "1.00000000000000011102230246251565",
    "1.00000000000000011102230246251566", "1.000000000000000054210108624275221700372640043497085571289062500",
};

int main(void) {
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *end;
        errno = 0;
        double d = strtod(texts[i], &end);
        int error = errno;
        errno = 0;
        float f = strtof(texts[i], NULL);
        int error_f = errno;
        errno = 0;
        long double l = strtold(texts[i], NULL);
        printf("%.30s: %a %d, %a %d, %La %d, rest \"%s\"\n", texts[i], d, error, f, error_f, l, errno, end);
    }
    char text[64];
    unsigned state = 12345, wrong = 0;
    for (int i = 0; i < 3000; i++) {
        union {
            unsigned long long bits;
            double value;
        } before, after;
        state = state * 1664525 + 1013904223;
        before.bits = (unsigned long long)state << 32;
        state = state * 1664525 + 1013904223;
        before.bits |= state;
        if ((before.bits >> 52 & 0x7ff) == 0x7ff) continue;
        snprintf(text, sizeof text, "%.17g", before.value);
        after.value = strtod(text, NULL);
        wrong += after.bits != before.bits;
    }
    show(wrong);
    return 0;
}
