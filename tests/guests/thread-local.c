/* Shows: thread-local storage, keys with destructors, once, detached threads, stack sizes, signals to threads. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include "show.h"

static __thread int mine = 5;
static __thread char zero[3000];
static __thread struct { int a, b; } pair = {1, 2};
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int destroyed, initialised, other_tids;
static volatile int finished, signalled;
static pthread_t main_thread;

static void destroy(void *value) { __atomic_add_fetch(&destroyed, (int)(long)value, __ATOMIC_SEQ_CST); }
static void initialise(void) { initialised++; }
static void on_signal(int number) {
    signalled = number + (pthread_equal(pthread_self(), main_thread) ? 1000 : mine);
}

static void *work(void *argument) {
    int self = (int)(long)argument, wrong = mine != 5 || pair.a != 1 || pair.b != 2;
    for (unsigned i = 0; i < sizeof zero; i++) wrong += zero[i] != 0;
    pthread_once(&once, initialise);
    pthread_setspecific(key, (void *)(long)(self + 1));
    for (int i = 0; i < 1000; i++) {
        mine += self;
        zero[i] = self;
        errno = self;
        if (i % 100 == 0) sched_yield();
        wrong += errno != self;
    }
    if (gettid() != getpid()) __atomic_add_fetch(&other_tids, 1, __ATOMIC_SEQ_CST);
    return (void *)(long)(mine * 10 + wrong);
}

static void *deep(void *argument) {
    volatile char big[100000];
    for (unsigned i = 0; i < sizeof big; i += 1000) big[i] = 1;
    *(volatile int *)argument = big[99000];
    return NULL;
}

static void *wait_for_signal(void *argument) {
    mine = 7;
    *(volatile int *)argument = 1;
    while (!signalled) usleep(1000);
    return NULL;
}

int main(void) {
    pthread_t threads[5];
    void *answer;
    main_thread = pthread_self();
    pthread_key_create(&key, destroy);
    for (long i = 0; i < 5; i++) pthread_create(&threads[i], NULL, work, (void *)i);
    for (int i = 0; i < 5; i++) pthread_join(threads[i], &answer), printf("%ld ", (long)answer);
    printf("\nmine %d destroyed %d initialised %d tids %d\n", mine, destroyed, initialised, other_tids);

    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    show(pthread_attr_setstacksize(&attributes, 200000 & -4096));
    pthread_create(&threads[0], &attributes, deep, (void *)&finished);
    while (!finished) usleep(1000);
    show(finished);

    signal(SIGUSR1, on_signal);
    volatile int ready = 0;
    pthread_create(&threads[0], NULL, wait_for_signal, (void *)&ready);
    while (!ready) usleep(1000);
    show(pthread_kill(threads[0], SIGUSR1));
    pthread_join(threads[0], NULL);
    show(signalled);
    raise(SIGUSR1);
    show(signalled);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    show(pthread_kill(pthread_self(), 0));
    char name[16] = "";
    pthread_setname_np(pthread_self(), "walker");
    pthread_getname_np(pthread_self(), name, sizeof name);
    printf("%s\n", name);
    int rest = 3;
    pthread_exit(&rest);
}
