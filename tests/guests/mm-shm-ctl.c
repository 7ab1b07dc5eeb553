/* Shows: shmctl: every command, permissions of others, times, SHM_DEST, locking, segments in the list of all. */
#include "mm.h"
#include <sys/ipc.h>
#include <sys/shm.h>

static void status(int id) {
    struct shmid_ds s;
    if (shmctl(id, IPC_STAT, &s)) printf("  %s\n", strerror(errno));
    else printf("  size %d mode %o attached %d a %d d %d c %d\n", (int)s.shm_segsz, s.shm_perm.mode, (int)s.shm_nattch,
                s.shm_atime != 0, s.shm_dtime != 0, s.shm_ctime != 0);
}

int main(void) {
    int id = shmget(IPC_PRIVATE, 2 * PAGE, 0640);
    struct shmid_ds s;
    struct shm_info info;
    struct shminfo limits;
    status(id);
    char *at = shmat(id, NULL, 0);
    status(id);
    shmctl(id, IPC_STAT, &s);
    show(s.shm_lpid == getpid());
    shmdt(at);
    status(id);
    s.shm_perm.mode = 0777;
    show(shmctl(id, IPC_SET, &s));
    status(id);
    for (int command = -1; command < 20; command++) {
        static char room[512];
        if (command == IPC_RMID || command == IPC_SET || command == 13 || command == 15) continue;
        errno = 0;
        int result = shmctl(id, command, (struct shmid_ds *)room);
        printf("command %d: %s\n", command, result < 0 ? strerror(errno) : "done");
    }
    /* The library looks at the structure itself. */
    try(syscall(SYS_shmctl, id, IPC_STAT, 8));
    try(syscall(SYS_shmctl, id, IPC_SET, 8));
    try(shmctl(0x7fffffff, IPC_STAT, &s));
    try(shmctl(-1, IPC_STAT, &s));
    show(shmctl(0, IPC_INFO, (struct shmid_ds *)&limits) >= 0);
    show(limits.shmmin);
    show(limits.shmmni);
    int highest = shmctl(0, SHM_INFO, (struct shmid_ds *)&info), found = 0;
    show(highest >= 0 && info.used_ids >= 1 && info.shm_tot >= 2);
    for (int i = 0; i <= highest; i++) found += shmctl(i, SHM_STAT, &s) == id;
    show(found);
    if (geteuid() == 0) {
        shmctl(id, IPC_STAT, &s);
        s.shm_perm.mode = 0600;
        shmctl(id, IPC_SET, &s);
        pid_t child = forked();
        if (child == 0) {
            if (setgid(5) || setuid(5)) leave(9);
            int wrong = 0;
            wrong += shmctl(id, IPC_STAT, &s) != -1 || errno != EACCES;
            wrong += shmctl(id, IPC_RMID, NULL) != -1 || errno != EPERM;
            wrong += shmctl(id, IPC_SET, &s) != -1 || errno != EPERM;
            wrong += shmat(id, NULL, 0) != (void *)-1 || errno != EACCES;
            wrong += shmat(id, NULL, SHM_RDONLY) != (void *)-1 || errno != EACCES;
            leave(wrong);
        }
        reap(child);
    }
    at = shmat(id, NULL, 0);
    strcpy(at, "still here");
    show(shmctl(id, IPC_RMID, NULL));
    status(id);
    printf("%s\n", at);
    char *again = shmat(id, NULL, 0);
    show(again != (void *)-1);
    shmdt(again);
    shmdt(at);
    status(id);
    return 0;
}
