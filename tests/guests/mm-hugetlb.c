/* Shows: mappings of huge pages that were promised none: errors, places, names, what must be whole. (as root) (huge pages) */
#include "mm.h"
#include <sys/ipc.h>
#include <sys/shm.h>

#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4
#endif

static long huge;

static long meminfo(const char *name) {
    char line[200];
    long value = -1;
    FILE *file = fopen("/proc/meminfo", "r");
    while (fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0) value = atol(strchr(line, ':') + 1);
    fclose(file);
    return value;
}

/* The line of maps and the flags of smaps of a mapping, its addresses and sizes in huge pages. */
static void shown(char *area) {
    char line[400];
    FILE *file = fopen("/proc/self/smaps", "r");
    int inside = 0;
    while (fgets(line, sizeof line, file)) {
        unsigned long start, end, offset;
        char rights[8], name[200] = "";
        if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %199[^\n]", &start, &end, rights, &offset, name) >= 4) {
            inside = start >= (unsigned long)area && start < (unsigned long)area + 16 * huge;
            if (inside)
                printf("  +%ld %ld %s %ld %s\n", (long)(start - (unsigned long)area) / huge, (long)(end - start) / huge, rights,
                       (long)offset / huge, name);
        } else if (inside && (strncmp(line, "VmFlags:", 8) == 0 || strncmp(line, "Rss:", 4) == 0)) {
            printf("  %s", line);
        } else if (inside && strncmp(line, "KernelPageSize:", 15) == 0) {
            printf("  page size as meminfo says: %d\n", atol(line + 15) * 1024 == huge);
        }
    }
    fclose(file);
}

#define FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE)

int main(void) {
    huge = meminfo("Hugepagesize") * 1024;
    show(huge > PAGE);
    show(meminfo("HugePages_Surp"));
    /* Room for aligned places. */
    char *room = mmap(0, 24 * huge, PROT_NONE, ANON, -1, 0);
    char *area = (char *)(((unsigned long)room + huge - 1) / huge * huge);
    munmap(room, 24 * huge);
    show(mmap(area, 8 * huge, RW, FLAGS | MAP_FIXED, -1, 0) == area);
    shown(area);
    try(mmap(area + PAGE, huge, RW, FLAGS | MAP_FIXED, -1, 0));
    try(mmap(area, huge, RW, FLAGS | (62 << 26), -1, 0));
    try(mmap(area, huge, RW, MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0));
    try(munmap(area + PAGE, PAGE));
    try(munmap(area, PAGE));
    try(munmap(area + huge - PAGE, huge));
    try(mprotect(area, PAGE, PROT_READ));
    try(mprotect(area + PAGE, huge - PAGE, PROT_READ));
    try(madvise(area + PAGE, PAGE, MADV_DONTNEED));
    try(madvise(area, PAGE, MADV_DONTNEED));
    try(madvise(area, huge, MADV_FREE));
    try(madvise(area, huge, MADV_DONTFORK));
    try(madvise(area, huge, MADV_DOFORK));
    try(mmap(area + PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0));
    try(mremap(area, huge, 2 * huge, MREMAP_MAYMOVE));
    try(mremap(area + PAGE, huge, huge, MREMAP_MAYMOVE | MREMAP_FIXED, area + 10 * huge));
    try(msync(area, huge, MS_SYNC));
    shown(area);
    try(mprotect(area + huge, huge, PROT_READ));
    try(munmap(area + 3 * huge, huge));
    shown(area);
    show(mremap(area + 4 * huge, huge, huge, MREMAP_MAYMOVE | MREMAP_FIXED, area + 10 * huge) == area + 10 * huge);
    shown(area);
    char *hinted = mmap(area + 3 * huge - PAGE, huge, RW, FLAGS, -1, 0);
    show((hinted - area) / huge);
    char *anywhere = mmap(0, 3 * huge, RW, FLAGS, -1, 0);
    show((unsigned long)anywhere % huge);
    munmap(anywhere, 3 * huge);
    munmap(area, 16 * huge);
    shown(area);
    /* Files of huge pages. */
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
