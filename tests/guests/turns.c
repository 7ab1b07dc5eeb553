/* Shows: four threads that take turns by a condition variable, and meet at a barrier. */
#include <pthread.h>
#include "show.h"

static pthread_barrier_t barrier;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int turn;

static void *player(void *number) {
    int me = (long)number;
    for (int i = 0; i < 100; i++) {
        pthread_mutex_lock(&lock);
        while (turn % 4 != me) pthread_cond_wait(&condition, &lock);
        turn++;
        pthread_cond_broadcast(&condition);
        pthread_mutex_unlock(&lock);
    }
    return (void *)(long)pthread_barrier_wait(&barrier);
}

int main(void) {
    pthread_t threads[4];
    pthread_barrier_init(&barrier, NULL, 4);
    long serial = 0;
    for (long i = 0; i < 4; i++) pthread_create(threads + i, NULL, player, (void *)i);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        serial += (long)result;
    }
    show(turn);
    show(serial == PTHREAD_BARRIER_SERIAL_THREAD);
    return 0;
}
