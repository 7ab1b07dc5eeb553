/* Shows: System V message queues and shared memory: types, limits, attachments, removal, refusals. */
#define _GNU_SOURCE
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

static struct { long type; char text[100]; } message;

static void messages(void) {
    int id = msgget(IPC_PRIVATE, 0600), status;
    for (int i = 1; i <= 5; i++) {
        message.type = i * 7 % 5 + 1;
        sprintf(message.text, "message %d", i);
        try(msgsnd(id, &message, strlen(message.text), 0));
    }
    static const int wanted[] = {0, 3, -3, 5, 9, 0, 0};
    for (int i = 0; i < 7; i++) {
        memset(&message, 0, sizeof message);
        errno = 0;
        int length = msgrcv(id, &message, sizeof message.text, wanted[i], IPC_NOWAIT);
        printf("wanted %d: %d %ld %s %s\n", wanted[i], length, message.type, message.text, strerror(errno));
    }
    message.type = 0;
    try(msgsnd(id, &message, 1, 0));
    message.type = 1;
    try(msgsnd(id, &message, 9000, 0));
    try(msgsnd(id, &message, 50, 0));
    try(msgrcv(id, &message, 10, 0, 0));
    show(msgrcv(id, &message, 10, 0, MSG_NOERROR));
    int count = 0;
    while (msgsnd(id, &message, 100, IPC_NOWAIT) == 0) count++;
    show(count);
    struct msqid_ds state;
    try(msgctl(id, IPC_STAT, &state));
    printf("%ld messages, %ld bytes, limit %ld\n", (long)state.msg_qnum, (long)state.__msg_cbytes, (long)state.msg_qbytes);
    if (fork() == 0) _exit(msgsnd(id, &message, 100, 0) == 0 ? 1 : 2);
    usleep(5000);
    show(msgrcv(id, &message, 100, 0, 0));
    wait(&status);
    show(WEXITSTATUS(status));
    try(msgctl(id, IPC_RMID, NULL));
    try(msgrcv(id, &message, 10, 0, 0));
    try(msgget(0x7ead, 0));
}

static void memory(void) {
    int id = shmget(IPC_PRIVATE, 10000, IPC_CREAT | 0600), status;
    char *first = shmat(id, NULL, 0), *second = shmat(id, NULL, SHM_RDONLY);
    strcpy(first + 5000, "shared");
    puts(second + 5000);
    struct shmid_ds state;
    try(shmctl(id, IPC_STAT, &state));
    printf("%d bytes, %d attached, mode %o\n", (int)state.shm_segsz, (int)state.shm_nattch, state.shm_perm.mode);
    if (fork() == 0) {
        shmctl(id, IPC_STAT, &state);
        first[1] = 'c';
        _exit(state.shm_nattch);
    }
    wait(&status);
    printf("child saw %d attached and wrote %c\n", WEXITSTATUS(status), second[1]);
    try(shmdt(first + 4096));
    try(shmdt(first));
    try(shmdt(first));
    try(shmat(id, first + 1, 0));
    show(shmat(id, first + 1, SHM_RND) == first);
    try(shmat(id, second, 0));
    show(shmat(id, second, SHM_REMAP) == second);
    try(shmget(0x7ead, 100, 0));
    try(shmget(IPC_PRIVATE, 0, 0600));
    int named = shmget(0x5eed77, 4096, IPC_CREAT | IPC_EXCL | 0600);
    show(shmget(0x5eed77, 4096, 0) == named);
    try(shmget(0x5eed77, 4096, IPC_CREAT | IPC_EXCL | 0600));
    try(shmget(0x5eed77, 8192, 0));
    try(shmctl(named, IPC_RMID, NULL));
    try(shmctl(id, IPC_RMID, NULL));
    shmctl(id, IPC_STAT, &state);
    printf("removed: %d attached, mode %o, %s\n", (int)state.shm_nattch, state.shm_perm.mode, second + 5000);
    shmdt(first);
    shmdt(second);
    try(shmat(id, NULL, 0));
}

int main(void) {
    messages();
    memory();
    return 0;
}
