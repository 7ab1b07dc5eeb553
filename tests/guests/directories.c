/* Shows: directories (root): mkdir, chdir, getcwd, readdir, rmdir, relative paths, symbolic links, realpath. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "show.h"

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void list(const char *name) {
    struct dirent **entries;
    int count = scandir(name, &entries, NULL, by_name);
    printf("%s has %d:", name, count);
    for (int i = 0; i < count; i++) {
        int type = entries[i]->d_type;
        printf(" %s%s", entries[i]->d_name, type == DT_DIR ? "/" : type == DT_LNK ? "@" : type == DT_REG ? "" : "?");
    }
    printf("\n");
}

/* The part of the working directory below the one this started in. */
static void where(size_t prefix) {
    char path[PATH_MAX];
    if (!getcwd(path, sizeof path)) printf("cwd %s\n", strerror(errno));
    else printf("cwd %s\n", path[prefix] ? path + prefix : "/");
}

int main(void) {
    char start[PATH_MAX], path[PATH_MAX], tiny[1];
    size_t prefix = strlen(getcwd(start, sizeof start));
    if (prefix == 1) prefix = 0;
    try(getcwd(tiny, sizeof tiny) ? 0 : -1);
    try(mkdir("top", 0755));
    try(mkdir("top", 0755));
    try(mkdir("no/such", 0755));
    try(mkdir("top/inner", 0700));
    try(mkdir("top/other", 0755));
    for (int i = 0; i < 5; i++) {
        sprintf(path, "top/file%d", i * 7 % 5);
        close(open(path, O_CREAT | O_WRONLY, 0644));
    }
    try(symlink("inner", "top/link"));
    try(symlink("loop", "top/loop"));
    list("top");
    try(chdir("top/link"));
    where(prefix);
    try(chdir(".."));
    where(prefix);
    try(chdir("file1"));
    try(chdir("loop"));
    try(chdir("nothing"));
    try(open("file1/x", O_RDONLY));
    try(rmdir("file1"));
    try(unlink("inner"));
    try(rmdir("../top"));
    try(rmdir("inner/."));
    printf("%s\n", realpath("./link/../inner//", path) ? path + prefix : strerror(errno));
    try(rename("inner", "other/moved"));
    list(".");
    list("other");
    try(rename("other", "other/moved/deeper"));
    try(rename("file0", "other"));
    try(rename("other", "file0"));

    int directory = open("other", O_RDONLY | O_DIRECTORY);
    try(mkdirat(directory, "at", 0755));
    int file = openat(directory, "at/new", O_CREAT | O_RDWR, 0644);
    show(write(file, "text", 4));
    struct stat s;
    show(fstatat(directory, "at/new", &s, 0));
    show(s.st_size);
    try(unlinkat(directory, "at", AT_REMOVEDIR));
    try(unlinkat(directory, "at/new", 0));
    try(unlinkat(directory, "at", AT_REMOVEDIR));
    try(fchdir(directory));
    where(prefix);
    try(read(directory, path, 10));
    try(open("../file1", O_RDONLY | O_DIRECTORY));
    try(chdir(start));
    where(prefix);

    DIR *stream = opendir("top");
    int before = 0, after = 0;
    while (readdir(stream)) before++;
    rewinddir(stream);
    while (readdir(stream)) after++;
    printf("%d %d\n", before, after);
    closedir(stream);
    try(mkdir("gone", 0755));
    try(chdir("gone"));
    try(rmdir("../gone"));
    where(prefix);
    try(open("new", O_CREAT | O_WRONLY, 0644));
    return 0;
}
