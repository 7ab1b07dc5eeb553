/* Shows: execve of damaged ELF files and scripts (root): an errno, a program that runs all the same, or a killed process. */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "show.h"

enum { BASE = 0x20000000, CODE = 0x200, SIZE = 0x2000 };

static struct { Elf32_Ehdr header; Elf32_Phdr segments[4]; char name[64]; } head;
static char image[SIZE];
static int size;

/* exit(42) */
static const char leave[] = {0xbb - 256, 42, 0, 0, 0, 0xb8 - 256, 1, 0, 0, 0, 0xcd - 256, 0x80 - 256};

static Elf32_Phdr load(unsigned offset, unsigned address, unsigned filesz, unsigned memsz, unsigned flags) {
    return (Elf32_Phdr){PT_LOAD, offset, address, address, filesz, memsz, flags, 0x1000};
}

static void start(void) {
    memset(image, 0, SIZE);
    memcpy(image + CODE, leave, sizeof leave);
    size = SIZE;
    head.header = (Elf32_Ehdr){.e_ident = {0x7f, 'E', 'L', 'F', 1, 1, 1}, .e_type = ET_EXEC, .e_machine = EM_386,
        .e_version = 1, .e_entry = BASE + CODE, .e_phoff = sizeof head.header, .e_ehsize = sizeof head.header,
        .e_phentsize = sizeof(Elf32_Phdr), .e_phnum = 1};
    memset(head.segments, 0, sizeof head.segments);
    head.segments[0] = load(0, BASE, 0x1000, 0x1000, PF_R | PF_X);
}

static void write_file(const char *path, const char *bytes, int count) {
    unlink(path);
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0755);
    if (write(fd, bytes, count) != count) exit(1);
    close(fd);
}

/* What becomes of a process that executes the file: the errno, the exit status, or the signal. */
static void execute(const char *what, const char *path) {
    fflush(stdout);
    int status, child = fork();
    if (child == 0) {
        char *argv[] = {"x", NULL};
        execve(path, argv, argv + 1);
        printf("%s: %s\n", what, strerror(errno));
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) printf("%s: killed by %d\n", what, WTERMSIG(status));
    else if (WEXITSTATUS(status)) printf("%s: exits %d\n", what, WEXITSTATUS(status));
}

static void go(const char *what) {
    memcpy(image, &head, sizeof head);
    write_file("p", image, size);
    execute(what, "./p");
    start();
}

#define damage(change) do { change; go(#change); } while (0)

int main(void) {
    Elf32_Ehdr *h = &head.header;
    Elf32_Phdr *s = head.segments;
    start();
    go("undamaged");
    damage(size = 40);
    damage(size = 60);
    damage(h->e_type = ET_REL);
    damage(h->e_machine = EM_ARM);
    damage(h->e_phnum = 0);
    damage(h->e_phnum = 200);
    damage(h->e_phoff = 0x10000);
    damage(h->e_phentsize = 40);
    damage(h->e_entry = 0xfffff000);
    damage(h->e_entry = BASE + 0x100000);
    damage(s->p_type = PT_NOTE);
    damage(s->p_offset = 0x10);
    damage(s->p_memsz = 0xfff);
    damage(s->p_memsz = 0xffffffff);
    damage(s->p_filesz = s->p_memsz = 0x100000);
    damage(s->p_offset = 0x10000);
    damage(s->p_vaddr = 0xfffff000);
    damage(s->p_vaddr = 0);
    damage(s->p_flags = PF_R);
    damage(h->e_phnum = 2; s[1] = load(0x1000, BASE, 0x1000, 0x1000, PF_R | PF_X));
    damage(h->e_phnum = 2; s[1] = s[0]; s[0] = load(0x1000, BASE, 0x1000, 0x1000, PF_R | PF_W));
    damage(h->e_phnum = 2; s[1] = load(0x10000, BASE + 0x10000, 0x100, 0x200, PF_R | PF_W));
    damage(h->e_phnum = 2; s[1] = load(0x10000, BASE + 0x10000, 0x100, 0x200, PF_R));
    damage(h->e_phnum = 2; s[1] = load(0, BASE - 0x10000, 0x100, 0xe0000000, PF_R | PF_W));
    const Elf32_Phdr name = {PT_INTERP, offsetof(__typeof__(head), name), 0, 0, 7, 7, PF_R, 1};
    write_file("short", "text", 4);
    write_file("text", image, 0x1000);
#define with_interpreter(change) damage(h->e_phnum = 2; s[1] = s[0]; s[0] = name; strcpy(head.name, "./text"); change)
    with_interpreter(s->p_filesz = 1);
    with_interpreter(s->p_filesz = 6);
    with_interpreter(s->p_filesz = 5000);
    with_interpreter(s->p_offset = 0x10000);
    with_interpreter(strcpy(head.name, "./none"));
    with_interpreter(strcpy(head.name, "."); s->p_filesz = 2);
    with_interpreter(strcpy(head.name, "./short"); s->p_filesz = 8);
    with_interpreter((void)0);
    static const char *const scripts[] = {"#!./none\n", "#!.\n", "#!", "#!./s\n", "#!./text\n", "", "text", "\x7f" "ELF"};
    for (unsigned i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        write_file("s", scripts[i], strlen(scripts[i]));
        execute(*scripts[i] == 0x7f ? "four bytes of ELF" : scripts[i], "./s");
    }
    return 0;
}
