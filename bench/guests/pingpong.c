/* Lesson: one byte to and fro between two processes: context switches. */
#include "bench.h"

const unsigned full_rounds = 6000;

unsigned work(unsigned rounds) {
    int there[2], back[2], status;
    unsigned char byte = 1;
    unsigned sum = 0;
    pipe(there);
    pipe(back);
    if (fork() == 0) {
        close(there[1]);
        while (read(there[0], &byte, 1) == 1) byte = byte * 5 + 3, write(back[1], &byte, 1);
        exit_process(0);
    }
    while (rounds--) {
        write(there[1], &byte, 1);
        read(back[0], &byte, 1);
        sum = sum * 31 + byte;
    }
    close(there[1]);
    waitpid(-1, &status);
    return sum + status;
}
