/* Shows: robust mutexes whose owner dies, process-shared ones, timed waits, cancellation, thread signals. */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "show.h"

static pthread_mutex_t *robust(void) {
    pthread_mutex_t *mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(mutex, &attributes);
    return mutex;
}

static void *dies(void *mutex) {
    pthread_mutex_lock(mutex);
    return NULL;
}

static void cleanup(void *what) { printf("cleanup %s\n", (char *)what); }

static void *cancelled(void *argument) {
    pthread_cleanup_push(cleanup, "of the sleeper");
    pause();
    pthread_cleanup_pop(0);
    return argument;
}

static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_t main_thread;
static volatile int right, wrong;
static void whose(int number) {
    (void)number;
    if (pthread_equal(pthread_self(), main_thread)) wrong++;
    else right++;
}

static void *listener(void *argument) {
    sem_post(argument);
    while (right < 2) usleep(1000);
    return NULL;
}

int main(void) {
    pthread_t threads[1];
    pthread_mutex_t *mutex = robust();
    pthread_create(threads, NULL, dies, mutex);
    pthread_join(threads[0], NULL);
    show(pthread_mutex_lock(mutex) == EOWNERDEAD);
    show(pthread_mutex_consistent(mutex));
    show(pthread_mutex_unlock(mutex));
    fflush(stdout);
    int ends[2];
    char byte;
    if (pipe(ends)) return 1;
    if (fork() == 0) {
        pthread_mutex_lock(mutex);
        if (write(ends[1], "", 1) == 1) usleep(20000);
        kill(getpid(), SIGKILL);
    }
    show(read(ends[0], &byte, 1));
    show(pthread_mutex_lock(mutex) == EOWNERDEAD);
    show(pthread_mutex_unlock(mutex));
    show(pthread_mutex_lock(mutex) == ENOTRECOVERABLE);
    wait(NULL);

    struct timespec soon;
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_nsec = (soon.tv_nsec + 5000000) % 1000000000;
    soon.tv_sec += soon.tv_nsec < 5000000;
    pthread_mutex_lock(&lock);
    show(pthread_cond_timedwait(&condition, &lock, &soon) == ETIMEDOUT);

    void *result;
    pthread_create(threads, NULL, cancelled, NULL);
    usleep(5000);
    int cancel = pthread_cancel(threads[0]);
    pthread_join(threads[0], &result);
    show(cancel);
    show(result == PTHREAD_CANCELED);

    main_thread = pthread_self();
    signal(SIGUSR1, whose);
    sem_t ready;
    sem_init(&ready, 0, 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_create(threads, NULL, listener, &ready);
    sem_wait(&ready);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_kill(threads[0], SIGUSR1);
    while (right < 1) usleep(1000);
    kill(getpid(), SIGUSR1);
    pthread_join(threads[0], NULL);
    show(right);
    show(wrong);
    fflush(stdout);
    _exit(3);
}
