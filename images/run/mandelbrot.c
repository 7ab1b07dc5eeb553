/* Lesson: floating point before SSE is the x87 register stack, 80 bits wide. */
#include "sys.h"

enum { WIDTH = 72, HEIGHT = 28, LIMIT = 96 };

static int escape_time(long double cx, long double cy) {
    long double x = 0, y = 0;
    for (int n = 0; n < LIMIT; n++) {
        long double xx = x * x, yy = y * y;
        if (xx + yy > 4) return n;
        y = 2 * x * y + cy;
        x = xx - yy + cx;
    }
    return LIMIT;
}

int guest_main(unsigned *stack) {
    (void)stack;
    static const char shades[] = " .,:;i1tfLCG08@";
    unsigned total = 0;
    for (int row = 0; row < HEIGHT; row++) {
        char line[WIDTH + 1];
        for (int column = 0; column < WIDTH; column++) {
            int n = escape_time(column * 3.0L / WIDTH - 2.2L, row * 2.4L / (HEIGHT - 1) - 1.2L);
            total += n;
            line[column] = n == LIMIT ? '#' : shades[n < 14 ? n : 14];
        }
        line[WIDTH] = 0;
        say("%s\n", line);
    }
    say("%u iterations\n", total);
    return 0;
}
