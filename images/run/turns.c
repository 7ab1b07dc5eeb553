/* Lesson: time is what the processor's clock says: processes take turns, and a timer interrupts each every millisecond. */
#include "sys.h"

enum { PROCESSES = 3, TICKS = 12, PAGES = 100, ITIMER_REAL = 0, SIGALRM = 14 };

/* What the processes share: whose ticks came in which order, and how often each went through its pages. */
struct record {
    volatile int ticks;
    volatile char order[PROCESSES * TICKS];
    volatile int rounds[PROCESSES];
};

static struct record *record;
static volatile int ticks, me;

static void on_tick(int signal, struct siginfo *info, struct ucontext *context) {
    (void)signal, (void)info, (void)context;
    if (ticks < TICKS) record->order[record->ticks++] = 'a' + me;
    ticks++;
}

static void work(void) {
    long millisecond[] = {0, 1000, 0, 1000}, never[] = {0, 0, 0, 0};
    char *pages = mmap(0, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    handle_signal(SIGALRM, on_tick);
    syscall(104, ITIMER_REAL, millisecond, 0);
    while (ticks < TICKS) {
        for (unsigned i = 0; i < PAGES * PAGE; i += PAGE / 32) pages[i]++;
        record->rounds[me]++;
    }
    syscall(104, ITIMER_REAL, never, 0);
    exit_process(0);
}

/* Prints only what every run has in common; with an argument also what depends on the machine. */
int guest_main(unsigned *stack) {
    int failed = 0, status;
    record = (struct record *)mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
    for (me = 0; me < PROCESSES; me++) {
        if (fork() == 0) work();
    }
    for (int i = 0; i < PROCESSES; i++) {
        waitpid(-1, &status);
        failed += status != 0;
    }
    say("%d processes, %d ticks each, %d failed\n", PROCESSES, TICKS, failed);
    if (stack[0] > 1) {
        for (int i = 0; i < record->ticks; i++) say("%c", record->order[i]);
        for (int i = 0; i < PROCESSES; i++) say(" %d", record->rounds[i]);
        say("\n");
    }
    return 0;
}
