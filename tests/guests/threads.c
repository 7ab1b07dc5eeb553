/* Shows: pthreads: create, join, mutexes of three kinds, condition variables, semaphores and barriers. */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include "show.h"

enum { THREADS = 4, ITEMS = 2000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t semaphore;
static pthread_spinlock_t spin;
static int counter, spun, queue[16], head, tail;
static unsigned long long consumed;
static int after[THREADS], before[THREADS];

static void *count(void *argument) {
    for (int i = 0; i < 5000; i++) {
        pthread_mutex_lock(&lock);
        counter++;
        pthread_mutex_unlock(&lock);
        if (i % 100 == 0) {
            pthread_spin_lock(&spin);
            spun++;
            pthread_spin_unlock(&spin);
        }
    }
    return (char *)argument + 100;
}

static void *produce(void *argument) {
    for (int i = 1; i <= ITEMS; i++) {
        pthread_mutex_lock(&lock);
        while (tail - head == 16) pthread_cond_wait(&not_full, &lock);
        queue[tail++ % 16] = i;
        pthread_cond_signal(&not_empty);
        pthread_mutex_unlock(&lock);
    }
    return argument;
}

static void *consume(void *argument) {
    for (int i = 0; i < ITEMS; i++) {
        pthread_mutex_lock(&lock);
        while (tail == head) pthread_cond_wait(&not_empty, &lock);
        consumed += queue[head++ % 16];
        pthread_cond_broadcast(&not_full);
        pthread_mutex_unlock(&lock);
    }
    return argument;
}

static void *meet(void *argument) {
    int self = (int)(long)argument;
    before[self] = 1;
    int serial = pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
    for (int i = 0; i < THREADS; i++) after[self] += before[i];
    sem_post(&semaphore);
    return (void *)(long)serial;
}

int main(void) {
    pthread_t threads[THREADS];
    void *answer;
    pthread_spin_init(&spin, 0);
    for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, count, (void *)i);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], &answer), printf("%ld ", (long)answer);
    printf("\ncounter %d spun %d\n", counter, spun);
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, i & 1 ? produce : consume, NULL);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    printf("consumed %llu\n", consumed);

    pthread_barrier_init(&barrier, NULL, THREADS);
    sem_init(&semaphore, 0, 0);
    int serials = 0;
    for (long i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, meet, (void *)i);
    for (int i = 0; i < THREADS; i++) sem_wait(&semaphore);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], &answer), serials += (long)answer;
    printf("serial %d, seen %d %d %d %d\n", serials, after[0], after[1], after[2], after[3]);

    pthread_mutexattr_t kind;
    pthread_mutex_t other;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&other, &kind);
    printf("recursive: %d %d", pthread_mutex_lock(&other), pthread_mutex_lock(&other));
    printf(" %d %d %d\n", pthread_mutex_unlock(&other), pthread_mutex_unlock(&other), pthread_mutex_unlock(&other));
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&other, &kind);
    printf("checking: %d %d", pthread_mutex_lock(&other), pthread_mutex_lock(&other));
    printf(" %d %d\n", pthread_mutex_unlock(&other), pthread_mutex_unlock(&other));
    struct timespec deadline = {1, 0};
    pthread_mutex_lock(&lock);
    printf("timed out: %d %d\n", pthread_cond_timedwait(&not_full, &lock, &deadline), sem_trywait(&semaphore));
    show(pthread_join(pthread_self(), NULL));
    return 0;
}
