/* Shows: a program in a memfd is executed, though the memfd is open for writing */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

extern char **environ;

/* The program in `fd` runs with the word, in a child. */
static void execute(int fd, char *word) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        char *words[] = {"guest", word, NULL};
        fexecve(fd, words, environ);
        printf("fexecve: %s\n", strerror(errno));
        fflush(stdout);
        _exit(1);
    }
    int status;
    waitpid(child, &status, 0);
    show(WEXITSTATUS(status));
}

int main(int count, char **words) {
    char path[64], bytes[1 << 16];
    if (count > 1) {
        path[readlink("/proc/self/exe", path, sizeof path - 1)] = 0;
        printf("%s\n", path);
        /* The descriptor from which it was executed is still there. */
        try(write(atoi(words[1]), "x", 1));
        return 7;
    }
    int program = memfd_create("program", 0), self = open("/proc/self/exe", O_RDONLY);
    for (ssize_t length; (length = read(self, bytes, sizeof bytes)) > 0;) write(program, bytes, length);
    close(self);
    snprintf(bytes, sizeof bytes, "%d", program);
    execute(program, bytes);
    execute(program, bytes);
    return 0;
}
