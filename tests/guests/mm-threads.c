/* Shows: threads share an address space: what one maps, protects and unmaps, all see; stacks, faults, fork of one of them. */
#include "mm.h"
#include <pthread.h>

static char *area;
static pthread_barrier_t barrier;

static void *worker(void *argument) {
    long name = (long)argument;
    for (int round = 0; round < 4; round++) {
        area[(round * 4 + name) * PAGE] = 'a' + name;
        pthread_barrier_wait(&barrier);
        if (name == round) mprotect(area + round * 4 * PAGE, 4 * PAGE, PROT_READ);
        pthread_barrier_wait(&barrier);
    }
    pthread_barrier_wait(&barrier);
    if (name == 1) munmap(area + 8 * PAGE, 4 * PAGE);
    pthread_barrier_wait(&barrier);
    if (name == 2) area = mremap(area, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + 32 * PAGE);
    pthread_barrier_wait(&barrier);
    return NULL;
}

static void *filler(void *unused) {
    (void)unused;
    char *mine = mmap(NULL, 64 * PAGE, RW, ANON, -1, 0);
    unsigned sum = 0;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 64; i++) mine[i * PAGE] = i + round;
        for (int i = 0; i < 64; i++) sum += mine[i * PAGE];
        madvise(mine, 64 * PAGE, MADV_DONTNEED);
        for (int i = 0; i < 64; i++) sum += mine[i * PAGE];
    }
    munmap(mine, 64 * PAGE);
    return (void *)(long)sum;
}

static void *forker(void *unused) {
    (void)unused;
    area[0] = 'f';
    pid_t child = forked();
    if (child == 0) {
        printf("the child of a thread: %c%c\n", area[0], area[PAGE]);
        area[0] = 'x';
        leave(3);
    }
    reap(child);
    return NULL;
}

int main(void) {
    pthread_t threads[4];
    char *room = place(64);
    area = mmap(room, 16 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
    pthread_barrier_init(&barrier, NULL, 4);
    for (long i = 0; i < 4; i++) pthread_create(threads + i, NULL, worker, (void *)i);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    maps("in the end", room, 64);
    show(area == room + 32 * PAGE);
    for (int i = 0; i < 8; i++) putchar(area[i * PAGE]);
    putchar('\n');
    for (int i = 0; i < 4; i++) pthread_create(threads + i, NULL, filler, NULL);
    for (int i = 0; i < 4; i++) {
        void *sum;
        pthread_join(threads[i], &sum);
        printf("%ld\n", (long)sum);
    }
    mprotect(area, 8 * PAGE, RW);
    pthread_create(threads, NULL, forker, NULL);
    pthread_join(threads[0], NULL);
    printf("%c%c\n", area[0], area[PAGE]);
    return 0;
}
