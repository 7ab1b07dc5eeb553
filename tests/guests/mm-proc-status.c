/* Shows: (Linux 6.12) /proc/self/status: the fields in order, and the Vm and Rss lines as memory comes and goes. */
#include "mm.h"

static char text[8192];

static void slurp(void) {
    int fd = open("/proc/self/status", O_RDONLY), length = 0, got;
    while ((got = read(fd, text + length, sizeof text - 1 - length)) > 0) length += got;
    text[length] = 0;
    close(fd);
}

static long value(const char *name) {
    char key[40];
    snprintf(key, sizeof key, "\n%s:", name);
    slurp();
    char *line = strstr(text, key);
    return line ? atol(line + strlen(key)) : -1;
}

static const char *const watched[] = {"VmSize", "VmLck", "VmPin", "RssAnon", "RssShmem", "VmData", "VmStk", "VmSwap", "HugetlbPages"};
enum { WATCHED = sizeof watched / sizeof *watched };
static long last[WATCHED];

static void changes(const char *what) {
    printf("%s:", what);
    for (int i = 0; i < WATCHED; i++) {
        long now = value(watched[i]);
        if (now != last[i]) printf(" %s %+ld", watched[i], now - last[i]);
        last[i] = now;
    }
    printf("\n");
}

int main(void) {
    plain_memory();
    /* Nothing of the library's own in between. */
    static char buffer[65536];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    memset(buffer, 0, sizeof buffer), memset(text, 0, sizeof text);
    slurp();
    for (char *line = text; *line; line = strchr(line, '\n') + 1) {
        int length = strcspn(line, ":");
        /* What only a 64-bit processor has. */
        if (!strncmp(line, "untag_mask", length) || !strncmp(line, "x86_Thread", 10)) continue;
        /* Lines in kB have a fixed width. */
        char *end = strchr(line, '\n');
        printf("%.*s%s", length, line, end[-1] == 'B' ? "" : "\n");
        if (end[-1] == 'B') printf(" %d\n", (int)(end - line) - length);
    }
    printf("%ld %ld %ld %ld\n", value("Threads"), value("Seccomp"), value("Ngid"), value("CoreDumping"));
    for (int i = 0; i < WATCHED; i++) last[i] = value(watched[i]);
    changes("nothing");
    char *area = lonely(100, RW, ANON);
    changes("100 pages mapped");
    for (int i = 0; i < 50; i++) store(area + i * PAGE, 1);
    changes("50 written");
    for (int i = 50; i < 60; i++) load(area + i * PAGE);
    changes("10 read");
    mlock(area, 20 * PAGE);
    changes("20 locked");
    mprotect(area + 50 * PAGE, 20 * PAGE, PROT_READ);
    changes("20 read-only");
    char *shared = lonely(30, RW, MAP_SHARED | MAP_ANONYMOUS);
    changes("30 shared");
    for (int i = 0; i < 10; i++) store(shared + i * PAGE, 1);
    changes("10 written");
    char *down = lonely(10, RW, ANON | MAP_GROWSDOWN);
    store(down - 1, 1);
    changes("10 that grow, and one more");
    munmap(area, 50 * PAGE);
    changes("50 unmapped");
    pid_t child = forked();
    if (child == 0) {
        for (int i = 0; i < WATCHED; i++) last[i] = value(watched[i]);
        munmap(area + 50 * PAGE, 50 * PAGE), munmap(shared, 30 * PAGE);
        changes("a child unmaps");
        leave(0);
    }
    reap(child);
    show(value("VmPeak") >= value("VmSize") + 200);
    show(value("VmHWM") >= value("VmRSS"));
    show(value("VmRSS") == value("RssAnon") + value("RssFile") + value("RssShmem"));
    return 0;
}
