/* Shows: shmat and shmdt: places, rounding, read-only and over others, names in maps, parts left over, fork and exec of none. */
#include "mm.h"
#include <sys/ipc.h>
#include <sys/shm.h>

static int id;

static void attached(void) {
    struct shmid_ds status;
    if (shmctl(id, IPC_STAT, &status)) printf("  %s\n", strerror(errno));
    else printf("  attached %d, mode %o\n", (int)status.shm_nattch, status.shm_perm.mode);
}

/* The rights and ranges of the segment within an area. */
static void where(const char *what, char *area) {
    char line[300];
    FILE *file = fopen("/proc/self/maps", "r");
    printf("%s:", what);
    while (fgets(line, sizeof line, file)) {
        unsigned long start, end;
        char rights[5], name[100] = "", rest[20] = "";
        sscanf(line, "%lx-%lx %4s %*s %*s %*s %99s %19s", &start, &end, rights, name, rest);
        if (end <= (unsigned long)area || start >= (unsigned long)area + 16 * PAGE) continue;
        printf(" %ld-%ld %s %s %s", (start - (long)area) / PAGE, (end - (long)area) / PAGE, rights, name, rest);
    }
    printf("\n");
    fclose(file);
}

static char *at(char *address, int flags) {
    errno = 0;
    char *got = shmat(id, address, flags);
    printf("  %s\n", got == (void *)-1 ? strerror(errno) : "attached");
    return got;
}

int main(void) {
    char *area = place(16);
    id = shmget(IPC_PRIVATE, 3 * PAGE - 5, 0600);
    char *any = shmat(id, NULL, 0);
    show(any != (void *)-1);
    strcpy(any, "shared");
    any[3 * PAGE - 1] = 'e';
    attached();
    at(area + 2 * PAGE, 0);
    where("fixed", area);
    printf("%s %c\n", area + 2 * PAGE, area[5 * PAGE - 1]);
    at(area + 3 * PAGE, 0);
    at(area + 8 * PAGE + 5, 0);
    at(area + 8 * PAGE + 5, SHM_RND | SHM_RDONLY);
    where("rounded", area);
    catch_faults(area);
    attempt(store(area + 8 * PAGE, 1));
    try(mprotect(area + 8 * PAGE, PAGE, RW));
    at(area + 9 * PAGE, SHM_REMAP);
    where("over another", area);
    at(NULL, SHM_REMAP);
    at((char *)5, SHM_RND | SHM_REMAP);
    attached();
    munmap(area + 3 * PAGE, PAGE);
    where("a part unmapped", area);
    attached();
    show(shmdt(area + 2 * PAGE));
    where("detached", area);
    attached();
    try(shmdt(area + 2 * PAGE));
    try(shmdt(area + 9 * PAGE + 1));
    try(shmdt(any + PAGE));
    try(shmdt(lonely(1, RW, ANON)));
    char *moved = mremap(any, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + 13 * PAGE);
    printf("%s\n", moved);
    pid_t child = forked();
    if (child == 0) {
        attached();
        moved[0] = 'S';
        show(shmdt(moved));
        attached();
        leave(0);
    }
    reap(child);
    attached();
    printf("%s\n", moved);
    show(shmctl(id, IPC_RMID, NULL));
    attached();
    where("removed", area);
    try(shmat(id, NULL, 0) != (void *)-1 ? 0 : -1);
    return 0;
}
