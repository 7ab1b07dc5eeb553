/* Lesson: a hash table with chains from a free-list allocator: small blocks, pointers, little locality. */
#include "bench.h"

enum { BUCKETS = 1 << 14, KEYS = 1 << 16, CHUNK = 1 << 16 };

struct node {
    struct node *next;
    unsigned key, value;
};

static struct node *buckets[BUCKETS], *unused;

static struct node *allocate(void) {
    if (!unused) {
        struct node *chunk = anonymous(CHUNK);
        for (unsigned i = 0; i < CHUNK / sizeof *chunk; i++) chunk[i].next = unused, unused = &chunk[i];
    }
    struct node *node = unused;
    unused = node->next;
    return node;
}

static struct node **find(unsigned key) {
    struct node **link = &buckets[key * 2654435761u >> 18];
    while (*link && (*link)->key != key) link = &(*link)->next;
    return link;
}

const unsigned full_rounds = 8000;

/* A key that is there is counted up or, one time in four, removed; one that is not there is added. */
unsigned work(unsigned rounds) {
    unsigned seed = 11, sum = 0;
    for (unsigned n = rounds * 2000; n > 0; n--) {
        unsigned random = next_random(&seed);
        struct node **link = find(random % KEYS), *node = *link;
        if (!node) {
            node = allocate();
            *node = (struct node){0, random % KEYS, n};
            *link = node;
        } else if (random >> 30) {
            sum += node->value++;
        } else {
            *link = node->next;
            node->next = unused;
            unused = node;
        }
    }
    return sum;
}
