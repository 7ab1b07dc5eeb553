/* Shows: /proc/self/smaps and smaps_rollup: the lines of one mapping, byte for byte, and the fields of all. */
#include "mm.h"

static char text[1 << 20];

static int slurp(const char *path) {
    int fd = open(path, O_RDONLY), length = 0, got;
    while ((got = read(fd, text + length, sizeof text - 1 - length)) > 0) length += got;
    text[length] = 0;
    close(fd);
    return length;
}

int main(void) {
    plain_memory();
    char *area = lonely(300, RW, ANON), head[40];
    for (int i = 0; i < 260; i++) area[i * PAGE] = 1;
    slurp("/proc/self/smaps");
    snprintf(head, sizeof head, "\n%08lx-%08lx ", (long)area, (long)area + 300 * PAGE);
    char *line = strstr(text, head);
    if (!line) return 1;
    /* Behind the addresses: the rights, offset, device and inode. */
    printf("%.27s\n", line + 19);
    line = strchr(line + 1, '\n') + 1;
    while (*line >= 'A' && *line <= 'Z') {
        char *end = strchr(line, '\n');
        /* The host may manage memory in larger pieces. */
        if (strncmp(line, "THPeligible", 11)) printf("%.*s|\n", (int)(end - line), line);
        line = end + 1;
    }
    slurp("/proc/self/smaps_rollup");
    line = strchr(text, '\n');
    printf("%.*s\n", 27, text + 17);
    printf("%.8s\n", line - 8);
    /* How much of the program is in memory is the host's choice. */
    for (line++; *line; line = strchr(line, '\n') + 1) printf("%.16s%.3s\n", line, strchr(line, '\n') - 3);
    return 0;
}
