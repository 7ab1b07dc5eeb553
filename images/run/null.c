/* Lesson: page 0 is never mapped, so a null pointer is caught by the MMU: SIGSEGV, status 128 + 11. */
#include "sys.h"

struct list {
    int value;
    struct list *volatile next;
};

static struct list two = {2, 0}, one = {1, &two};

/* Walks one step too far: there is no third element. */
__attribute__((noinline)) static int third(struct list *list) { return list->next->next->value; }

int guest_main(unsigned *stack) {
    (void)stack;
    say("list %d %d\n", one.value, one.next->value);
    say("third %d\n", third(&one));
    return 0;
}
