/* Shows: shmget: keys, sizes, flags, and every error. */
#include "mm.h"
#include <sys/ipc.h>
#include <sys/shm.h>

int main(void) {
    key_t key = 0x70770000 + getpid();
    try(shmget(key, PAGE, 0600));
    int id = shmget(key, 100, IPC_CREAT | 0600);
    show(id >= 0);
    show(shmget(key, 0, 0) == id);
    show(shmget(key, 100, 0) == id);
    show(shmget(key, 50, IPC_CREAT) == id);
    try(shmget(key, 101, 0));
    try(shmget(key, PAGE, 0));
    try(shmget(key, 100, IPC_CREAT | IPC_EXCL));
    try(shmget(key, 0, IPC_EXCL) == id ? 0 : -1);
    try(shmget(IPC_PRIVATE, 0, 0600));
    try(shmget(key + 1, 0, IPC_CREAT | 0600));
    int one = shmget(IPC_PRIVATE, 1, 0), two = shmget(IPC_PRIVATE, 1, 0);
    show(one != two && one >= 0 && two >= 0);
    struct shmid_ds status;
    show(shmctl(id, IPC_STAT, &status));
    printf("size %d mode %o attached %d owner %d creator %d last %d\n", (int)status.shm_segsz, status.shm_perm.mode,
           (int)status.shm_nattch, status.shm_perm.uid == geteuid(), status.shm_cpid == getpid(), status.shm_lpid);
    show(status.shm_perm.__key == key);
    show(status.shm_atime || status.shm_dtime);
    show(status.shm_ctime > 0);
    for (int i = 0; i < 3; i++) show(shmctl((int[]){id, one, two}[i], IPC_RMID, NULL));
    try(shmctl(id, IPC_RMID, NULL));
    try(shmget(key, PAGE, 0));
    return 0;
}
