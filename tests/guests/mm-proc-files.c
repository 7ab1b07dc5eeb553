/* Shows: /proc/self: auxv, environ, cmdline, exe, limits, oom files, wchan, task, map_files and what may be written. */
#include "mm.h"
#include <dirent.h>
#include <elf.h>
#include <sys/auxv.h>

static char text[65536];

static int slurp(const char *path) {
    int fd = open(path, O_RDONLY), length = 0, got;
    if (fd < 0) return -errno;
    while ((got = read(fd, text + length, sizeof text - 1 - length)) > 0) length += got;
    text[length] = 0;
    close(fd);
    return length;
}

static void put(const char *path, const char *value) {
    int fd = open(path, O_WRONLY);
    errno = 0;
    if (fd < 0) printf("%s: cannot be opened\n", path);
    else printf("%s <- %s: %d %s", path, value, (int)write(fd, value, strlen(value)), strerror(errno));
    close(fd);
    printf(", is %s", slurp(path) > 0 ? text : "nothing\n");
}

int main(int argc, char **argv, char **envp) {
    (void)argc, (void)envp;
    int length = slurp("/proc/self/auxv");
    Elf32_auxv_t *pairs = (Elf32_auxv_t *)text;
    int count = length / sizeof *pairs, ends = 0, same = 1;
    for (int i = 0; i < count; i++) {
        if (pairs[i].a_type == AT_NULL) ends++;
        else if (pairs[i].a_type != AT_IGNORE && getauxval(pairs[i].a_type) != pairs[i].a_un.a_val) same = 0;
    }
    show(length % sizeof *pairs), show(ends >= 1), show(same);
    length = slurp("/proc/self/cmdline");
    show(length == (int)strlen(argv[0]) + 1 && !strcmp(text, argv[0]));
    setenv("ADDED", "later", 1);
    slurp("/proc/self/environ");
    show(strstr(text, "ADDED") == NULL);
    slurp("/proc/self/wchan");
    printf("wchan %s\n", text);
    struct rlimit limit = {5 * PAGE, 7 * PAGE};
    setrlimit(RLIMIT_MEMLOCK, &limit);
    slurp("/proc/self/limits");
    char *line = strstr(text, "Max locked");
    printf("%.*s|\n", (int)strcspn(line, "\n"), line);
    put("/proc/self/oom_score_adj", "500");
    put("/proc/self/oom_score_adj", "1001\n");
    put("/proc/self/oom_score_adj", "x");
    put("/proc/self/oom_score_adj", "700");
    show(slurp("/proc/self/oom_score") > 0 && atoi(text) >= 700);
    put("/proc/self/coredump_filter", "0x7");
    put("/proc/self/comm", "a new name that is long");
    put("/proc/self/task/self/comm", "x");
    DIR *tasks = opendir("/proc/self/task");
    int threads = 0;
    for (struct dirent *entry; (entry = readdir(tasks));) threads += entry->d_name[0] != '.' && atoi(entry->d_name) == getpid();
    show(threads);
    char path[100], link[100] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/smaps_rollup", getpid());
    show(access(path, R_OK));
    snprintf(path, sizeof path, "/proc/self/task/%d/map_files", getpid());
    show(access(path, R_OK));
    int fd = memfd_create("mapped", 0);
    ftruncate(fd, 2 * PAGE);
    char *area = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
    snprintf(path, sizeof path, "/proc/self/map_files/%lx-%lx", (long)area, (long)area + 2 * PAGE);
    show(readlink(path, link, sizeof link - 1) > 0);
    printf("%s\n", link);
    snprintf(path, sizeof path, "/proc/self/map_files/%lx-%lx", (long)area, (long)area + PAGE);
    try(readlink(path, link, sizeof link));
    snprintf(path, sizeof path, "/proc/self/map_files/0%lx-%lx", (long)area, (long)area + 2 * PAGE);
    try(readlink(path, link, sizeof link));
    DIR *files = opendir("/proc/self/map_files");
    int found = 0;
    for (struct dirent *entry; (entry = readdir(files));) found += strtoul(entry->d_name, NULL, 16) == (unsigned long)area;
    show(found);
    show(slurp("/proc/self/io") > 0);
    for (line = text; *line; line = strchr(line, '\n') + 1) printf("%.*s ", (int)strcspn(line, ":"), line);
    printf("\n");
    return 0;
}
