/* Shows: files of huge pages: memfd and System V shared memory, sizes, errors, names. (as root) (huge pages) */
#include "huge.h"
#include <sys/ipc.h>
#include <sys/shm.h>

#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4
#endif

int main(void) {
    char *area = huge_place();
    int fd = memfd_create("pages", MFD_HUGETLB);
    struct stat status;
    fstat(fd, &status);
    show(status.st_blksize == huge);
    show(status.st_size);
    try(ftruncate(fd, PAGE));
    try(ftruncate(fd, 2 * huge));
    fstat(fd, &status);
    show(status.st_size / huge);
    try(write(fd, "x", 1));
    char bytes[4] = "abc";
    show(pread(fd, bytes, 3, huge - 1));
    show(bytes[0] | bytes[1] | bytes[2]);
    show(mmap(area, huge, RW, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd, huge) == area);
    shown(area);
    try(mmap(area, huge, RW, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd, PAGE));
    show(mmap(area + 2 * huge, PAGE, RW, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd, 2 * huge) == area + 2 * huge);
    fstat(fd, &status);
    show(status.st_size / huge);
    munmap(area, 16 * huge);
    int plain = memfd_create("plain", 0);
    try(mmap(0, PAGE, RW, MAP_SHARED | MAP_HUGETLB, plain, 0));
    try(memfd_create("size", MFD_HUGETLB | 62u << 26));
    try(memfd_create("size", 62u << 26));
    try(shmget(IPC_PRIVATE, huge, IPC_CREAT | SHM_HUGETLB | 62 << 26 | 0600));
    int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | SHM_HUGETLB | SHM_NORESERVE | 0600);
    show(id >= 0);
    struct shmid_ds segment;
    shmctl(id, IPC_STAT, &segment);
    show(segment.shm_segsz);
    char *attached = shmat(id, area, 0);
    show(attached == area);
    if (attached == area) {
        char line[400], name[200] = "";
        FILE *file = fopen("/proc/self/maps", "r");
        while (fgets(line, sizeof line, file)) {
            unsigned long start, end;
            if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %199[^\n]", &start, &end, name) >= 2 && start == (unsigned long)area)
                printf("  %ld %.5s\n", (long)(end - start) / huge, name);
        }
        fclose(file);
        try(shmdt(area));
    }
    shmctl(id, IPC_RMID, 0);
    return 0;
}
