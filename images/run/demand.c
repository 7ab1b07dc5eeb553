/* Lesson: mmap maps nothing; each page costs one fault when it is first touched, two if it is read before written. */
#include "sys.h"

enum { PAGES = 64 };

static long faults_before;

static void begin(void) { faults_before = minor_faults(); }
static void end(const char *what) { say("%3d faults: %s\n", (int)(minor_faults() - faults_before), what); }

int guest_main(unsigned *stack) {
    (void)stack;
    begin(); /* takes the fault of its own page in .bss */
    begin();
    end("nothing at all");
    begin();
    volatile char *area = mmap(0, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    end("mmap of 64 pages");

    begin();
    for (int page = 0; page < PAGES; page += 4) area[page * PAGE] = 1;
    end("first write to 16 pages");
    begin();
    for (int page = 0; page < PAGES; page += 4) area[page * PAGE + 1] = 2;
    end("second write to the same pages");

    int sum = 0;
    begin();
    for (int page = 0; page < PAGES; page++) sum += area[page * PAGE];
    end("read of all 64 (the other 48 now share one zero page)");
    begin();
    for (int page = 0; page < PAGES; page++) area[page * PAGE] += 1;
    end("write to all 64 (the 48 get frames of their own)");
    for (int page = 0; page < PAGES; page++) sum += area[page * PAGE];
    say("sum %d\n", sum);
    return 0;
}
