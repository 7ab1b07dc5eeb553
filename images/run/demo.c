/* Lesson: the tour: demand paging, copy-on-write after fork, a pipe between two processes, and x87 in a picture. */
#include "sys.h"

enum { PAGES = 256, WIDTH = 64, HEIGHT = 19, LIMIT = 64 };

static volatile unsigned char *pages;

static void touch_pages(void) {
    long before = minor_faults();
    for (int page = 0; page < PAGES; page++) pages[page * PAGE] = page;
    say("1. touched %d fresh pages:           %4d page faults\n", PAGES, (int)(minor_faults() - before));
    before = minor_faults();
    unsigned sum = 0;
    for (int sweep = 0; sweep < 16; sweep++) {
        for (int page = 0; page < PAGES; page++) sum += pages[page * PAGE];
    }
    say("2. swept them 16 times (sum %u): %4d page faults, %d loads\n", sum,
        (int)(minor_faults() - before), 16 * PAGES);
}

/* Hands out rows; x and y stay on the x87 stack. */
static void draw_row(int row, char *line) {
    for (int column = 0; column < WIDTH; column++) {
        double cx = column * 3.0 / WIDTH - 2.2, cy = row * 2.3 / (HEIGHT - 1) - 1.15, x = 0, y = 0;
        int n = 0;
        for (; n < LIMIT && x * x + y * y < 4; n++) {
            double next = x * x - y * y + cx;
            y = 2 * x * y + cy;
            x = next;
        }
        line[column] = n == LIMIT ? '#' : " .:-=+*%"[n < 7 ? n : 7];
    }
    line[WIDTH] = '\n';
}

static void child(int output) {
    long before = minor_faults();
    for (int page = 0; page < PAGES; page += 8) pages[page * PAGE] = 'C';
    say("3. the child wrote to %d of the pages:%4d copies\n", PAGES / 8, (int)(minor_faults() - before));
    char line[WIDTH + 1];
    for (int row = 0; row < HEIGHT; row++) {
        draw_row(row, line);
        write(output, line, sizeof line);
    }
    exit_process(0);
}

int guest_main(unsigned *stack) {
    (void)stack;
    int ends[2], status, changed = 0, bytes = 0;
    char line[WIDTH + 1];
    say("pagewalk: an i386 behind a paging MMU\n\n");
    pages = (volatile unsigned char *)mmap(0, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    touch_pages();
    pipe(ends);
    if (fork() == 0) child(ends[1]);
    close(ends[1]);
    for (int got; (got = read(ends[0], line, sizeof line)) > 0; bytes += got) write(1, line, got);
    waitpid(-1, &status);
    for (int page = 0; page < PAGES; page++) changed += pages[page * PAGE] != page;
    say("4. the picture came through a pipe:  %4d bytes\n", bytes);
    say("5. pages changed under the parent:    %4d\n", changed);
    return status;
}
