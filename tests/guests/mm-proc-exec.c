/* Shows: files of /proc/PID that are open when the process executes another program: they stay with the old memory. */
#include "mm.h"

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1) {
        /* The second program says that it runs, and waits. */
        write(3, "x", 1);
        char byte;
        read(4, &byte, 1);
        return 0;
    }
    int ready[2], go[2];
    char byte, path[40], text[64];
    pipe(ready), pipe(go);
    char *area = lonely(2, RW, ANON);
    strcpy(area, "old");
    pid_t child = forked();
    if (child == 0) {
        write(ready[1], "x", 1);
        read(go[0], &byte, 1);
        int out = dup(ready[1]), in = dup(go[0]);
        dup2(out, 20), dup2(in, 21);
        dup2(20, 3), dup2(21, 4);
        execl("/proc/self/exe", "guest", "again", NULL);
        _exit(1);
    }
    read(ready[0], &byte, 1);
    snprintf(path, sizeof path, "/proc/%d/mem", child);
    int mem = open(path, O_RDONLY);
    snprintf(path, sizeof path, "/proc/%d/smaps", child);
    int maps = open(path, O_RDONLY);
    snprintf(path, sizeof path, "/proc/%d/pagemap", child);
    int pages = open(path, O_RDONLY);
    snprintf(path, sizeof path, "/proc/%d/status", child);
    int status = open(path, O_RDONLY);
    snprintf(path, sizeof path, "/proc/%d/limits", child);
    int limits = open(path, O_RDONLY);
    uint64_t entry;
    show(pread64(mem, text, 4, (uintptr_t)area));
    show(pread64(pages, &entry, 8, (uintptr_t)area / PAGE * 8ll));
    show(entry >> 63);
    write(go[1], "x", 1);
    read(ready[0], &byte, 1);
    show(pread64(mem, text, 4, (uintptr_t)area));
    show(read(maps, text, sizeof text));
    show(pread64(pages, &entry, 8, (uintptr_t)area / PAGE * 8ll));
    snprintf(path, sizeof path, "/proc/%d/mem", child);
    int again = open(path, O_RDONLY);
    try(pread64(again, text, 4, (uintptr_t)area));
    show(pread64(again, text, 4, (uintptr_t)main & ~4095));
    write(go[1], "x", 1);
    reap(child);
    try(read(maps, text, sizeof text));
    snprintf(path, sizeof path, "/proc/%d/status", child);
    try(open(path, O_RDONLY));
    try(read(status, text, sizeof text));
    try(read(limits, text, sizeof text));
    return 0;
}
