/* Shows: files (root): stdio streams: modes, buffering, seek, ungetc, scanf, getline, memory streams. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>
#include "show.h"

int main(void) {
    FILE *file = fopen("text", "w+");
    fprintf(file, "%d %s %.3f\n", 42, "words", 2.5);
    for (int i = 0; i < 2000; i++) fprintf(file, "line %d of many\n", i);
    show(ftell(file));
    rewind(file);
    int number, count = 0;
    char word[20], *line = NULL;
    double real;
    show(fscanf(file, "%d %19s %lf\n", &number, word, &real));
    printf("%d %s %g\n", number, word, real);
    size_t room = 0;
    long total = 0;
    for (ssize_t got; (got = getline(&line, &room, file)) > 0; count++) total += got;
    printf("%d lines, %ld bytes, eof %d error %d\n", count, total, !!feof(file), !!ferror(file));
    show(fseek(file, -10, SEEK_END));
    show(fgetc(file));
    show(ungetc('?', file));
    show(fgetc(file));
    fputs("OVER", file);
    fseek(file, -12, SEEK_END);
    show(fread(word, 1, 12, file));
    printf("%.11s\n", word);
    fclose(file);

    file = fopen("text", "a");
    fputs("tail\n", file);
    show(ftell(file));
    fclose(file);
    file = fopen("text", "r");
    show(fputc('x', file));
    show(ferror(file) != 0);
    clearerr(file);
    setvbuf(file, NULL, _IONBF, 0);
    show(fgetc(file));
    show(lseek(fileno(file), 0, SEEK_CUR));
    fclose(file);
    try(fopen("missing", "r") ? 0 : -1);
    try(fopen("text", "q") ? 0 : -1);

    char *memory = NULL;
    size_t size = 0;
    file = open_memstream(&memory, &size);
    for (int i = 0; i < 100; i++) fprintf(file, "%d,", i * i);
    fclose(file);
    printf("%zu %.30s\n", size, memory);
    file = fmemopen(memory, size, "r");
    int sum = 0;
    while (fscanf(file, "%d,", &number) == 1) sum += number;
    show(sum);
    fclose(file);
    show(remove("text"));
    try(remove("text"));

    setvbuf(stdout, NULL, _IOFBF, 4096);
    printf("buffered ");
    fflush(stdout);
    show(write(1, "direct ", 7));
    FILE *temporary = fdopen(dup(1), "w");
    fprintf(temporary, "through a copy\n");
    fclose(temporary);
    return 0;
}
