/* Lesson: one byte at a time through a table: CRC-32 as zlib has it. */
#include "bench.h"

static unsigned table[256];
static unsigned char data[65536];

const unsigned full_rounds = 1600;

unsigned work(unsigned rounds) {
    for (unsigned i = 0; i < 256; i++) {
        unsigned entry = i;
        for (int bit = 0; bit < 8; bit++) entry = entry & 1 ? entry >> 1 ^ 0xedb88320 : entry >> 1;
        table[i] = entry;
    }
    unsigned seed = 1, crc = 0xffffffff;
    for (unsigned i = 0; i < sizeof data; i++) data[i] = next_random(&seed);
    while (rounds--) {
        for (unsigned i = 0; i < sizeof data; i++) crc = table[(crc ^ data[i]) & 255] ^ crc >> 8;
    }
    return ~crc;
}
