/* Shows: a tree of forks; every parent waits for its children and adds up their statuses, memory stays apart. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static volatile int counter;
static int *heap;

static int node(int depth, int label) {
    counter += label;
    heap[label % 1000] += label;
    if (depth == 0) return 1;
    int children[2], sum = 1;
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0) _exit(node(depth - 1, 2 * label + i));
    }
    for (int i = 0; i < 2; i++) {
        int status;
        if (waitpid(children[i], &status, 0) != children[i] || !WIFEXITED(status)) return 200;
        sum += WEXITSTATUS(status);
    }
    return sum;
}

int main(void) {
    heap = calloc(1000, sizeof *heap);
    for (int depth = 0; depth < 6; depth++) printf("depth %d: %d processes\n", depth, node(depth, 1));
    show(counter);
    show(heap[1]);
    show(heap[2]);
    try(wait(NULL));

    /* A chain: each process forks the next and passes its status up, plus one. */
    int level = 0, status = 0;
    while (level < 20 && fork() == 0) level++;
    if (level < 20) wait(&status);
    if (level > 0) _exit(level == 20 ? 7 : WEXITSTATUS(status) + 1);
    show(WEXITSTATUS(status));

    /* Output buffered before a fork belongs to both. */
    printf("once ");
    fflush(stdout);
    if (fork() == 0) {
        printf("child ");
        exit(0);
    }
    wait(NULL);
    printf("parent\n");
    show(getppid() != getpid());
    return 0;
}
