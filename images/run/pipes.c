/* Lesson: a pipe and two execs are a pipeline; the writer blocks on a full pipe, the reader on an empty one. */
#include "sys.h"

enum { BLOCK = 1000, BLOCKS = 200 };

/* 200 000 bytes through a pipe that holds 65 536. */
static int produce(void) {
    static char block[BLOCK];
    for (int i = 0; i < BLOCKS; i++) {
        for (int j = 0; j < BLOCK; j++) block[j] = i + j;
        write(1, block, BLOCK);
    }
    return 3;
}

static int consume(void) {
    static unsigned char block[4096];
    unsigned total = 0, sum = 1;
    for (int got; (got = read(0, block, sizeof block)) > 0; total += got) {
        for (int i = 0; i < got; i++) sum = sum * 31 + block[i];
    }
    say("consumer: end of file after %u bytes, checksum %08x\n", total, sum);
    return 4;
}

static int start(char *role, int input, int output, int unused) {
    int child = fork();
    if (child) return child;
    if (input) dup2(input, 0);
    if (output) dup2(output, 1);
    close(unused);
    close(input ? input : output);
    char *argv[] = {"pipes", role, 0}, *envp[] = {0};
    execve("/proc/self/exe", argv, envp);
    exit_process(127);
    return 0;
}

int guest_main(unsigned *stack) {
    if (stack[0] == 2) return ((char *)stack[2])[0] == 'p' ? produce() : consume();
    int ends[2], status[2];
    pipe(ends);
    int producer = start("produce", 0, ends[1], ends[0]);
    int consumer = start("consume", ends[0], 0, ends[1]);
    close(ends[0]);
    close(ends[1]);
    waitpid(producer, &status[0]);
    waitpid(consumer, &status[1]);
    say("producer left with %d, consumer with %d\n", status[0] >> 8, status[1] >> 8);
    return 0;
}
