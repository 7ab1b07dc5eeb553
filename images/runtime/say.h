/* Text output for guests without a libc, on Linux and on the bare machine. */
#ifndef SAY_H
#define SAY_H

/* Formats and writes at most 400 characters in one put: %s %c %d %u %x %%, widths such as %8x and %08x. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Where the text goes: file descriptor 1 (start.S) or the serial port (boot.S). */
void put(const char *text, unsigned size);

/* What gcc itself calls to clear and copy structures. */
void *memset(void *to, int value, unsigned size);
void *memcpy(void *to, const void *from, unsigned size);

#endif
