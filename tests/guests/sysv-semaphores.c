/* Shows: System V semaphores: operations all at once, undo, timeouts, waiters, removal, refusals. */
#define _GNU_SOURCE
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

union semun { int val; struct semid_ds *buf; unsigned short *array; };

static void semaphores(void) {
    int id = semget(IPC_PRIVATE, 3, 0600), status;
    unsigned short values[3] = {1, 2, 3};
    show(id >= 0);
    try(semctl(id, 0, SETALL, (union semun){.array = values}));
    show(semctl(id, 2, GETVAL));
    show(semctl(id, 1, GETPID) == getpid());
    try(semctl(id, 3, GETVAL));
    try(semctl(id, 0, SETVAL, (union semun){.val = 40000}));
    struct sembuf both[2] = {{0, -1, IPC_NOWAIT}, {1, -3, IPC_NOWAIT}};
    try(semop(id, both, 2));
    show(semctl(id, 0, GETVAL));
    both[1].sem_op = -2;
    try(semop(id, both, 2));
    printf("%d %d\n", semctl(id, 0, GETVAL), semctl(id, 1, GETVAL));
    struct sembuf far = {7, 1, 0}, zero = {0, 0, IPC_NOWAIT}, up = {0, 1, 0}, down = {0, -1, 0}, undo = {2, -3, SEM_UNDO};
    try(semop(id, &far, 1));
    try(semop(id, &zero, 1));
    try(semop(id, &up, 0));
    try(semop(-1, &up, 1));
    try(semtimedop(id, &down, 1, &(struct timespec){0, 2000000}));
    if (fork() == 0) {
        semop(id, &undo, 1);
        semop(id, &down, 1);
        _exit(semctl(id, 2, GETVAL));
    }
    while (semctl(id, 0, GETNCNT) == 0) usleep(1000);
    show(semctl(id, 2, GETVAL));
    try(semop(id, &up, 1));
    wait(&status);
    show(WEXITSTATUS(status));
    show(semctl(id, 2, GETVAL));
    if (fork() == 0) _exit(semop(id, &down, 1) < 0 ? errno : 0);
    while (semctl(id, 0, GETNCNT) == 0) usleep(1000);
    struct semid_ds state;
    try(semctl(id, 0, IPC_STAT, (union semun){.buf = &state}));
    printf("%d semaphores, mode %o, otime %d\n", (int)state.sem_nsems, state.sem_perm.mode, state.sem_otime > 0);
    try(semctl(id, 0, IPC_RMID));
    wait(&status);
    show(WEXITSTATUS(status) == EIDRM);
    try(semop(id, &up, 1));
    try(semget(IPC_PRIVATE, 0, 0600));
    try(semget(0x7ead, 1, 0));
}

int main(void) {
    semaphores();
    return 0;
}
