/* Lesson: fork shares every page read-only; the first write to each copies it, the last owner just takes it back. */
#include "sys.h"

enum { PAGES = 8 };

static void show(const char *who, volatile char *area) {
    char row[PAGES + 1];
    for (int page = 0; page < PAGES; page++) row[page] = area[page * PAGE];
    row[PAGES] = 0;
    say("%s sees %s\n", who, row);
}

static int fill(volatile char *area, int from, int to, char letter) {
    long before = minor_faults();
    for (int page = from; page < to; page++) area[page * PAGE] = letter;
    return minor_faults() - before;
}

int guest_main(unsigned *stack) {
    (void)stack;
    volatile char *area = mmap(0, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    say("first writes: %d faults\n", fill(area, 0, PAGES, 'p'));
    show("parent", area);

    int child = fork();
    if (child == 0) {
        show("child ", area);
        say("child writes 3 pages: %d copies\n", fill(area, 2, 5, 'c'));
        show("child ", area);
        exit_process(7);
    }
    int status = 0;
    waitpid(child, &status);
    say("child left with status %d\n", status >> 8);
    show("parent", area);
    say("parent writes all: %d faults, though nobody else shares the pages now\n", fill(area, 0, PAGES, 'P'));
    say("and again: %d\n", fill(area, 0, PAGES, 'Q'));
    show("parent", area);
    return 0;
}
