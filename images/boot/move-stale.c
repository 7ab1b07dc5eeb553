/* Lesson: a forgotten INVLPG need not show, as long as the old frame keeps its bytes; boot --check-stale sees it. */
#define FORGET_INVLPG
#include "move.c"
