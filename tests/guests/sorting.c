/* Shows: qsort, qsort_r, bsearch, tsearch and hsearch of the C library. */
#define _GNU_SOURCE
#include <search.h>
#include <stdlib.h>
#include "show.h"

typedef int compare(const void *, const void *);

struct record {
    int key, order;
    char pad[7];
};

static int by_int(const void *a, const void *b) { return *(const int *)a < *(const int *)b ? -1 : *(const int *)a > *(const int *)b; }
static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
static int by_key(const void *a, const void *b, void *calls) {
    ++*(int *)calls;
    return ((const struct record *)a)->key - ((const struct record *)b)->key;
}

int main(void) {
    enum { COUNT = 50000 };
    static int numbers[COUNT];
    unsigned state = 1, sum = 0, ordered = 1;
    for (int i = 0; i < COUNT; i++) numbers[i] = (int)(state = state * 1103515245 + 12345);
    qsort(numbers, COUNT, sizeof *numbers, by_int);
    for (int i = 0; i < COUNT; i++) sum = sum * 31 + numbers[i], ordered &= i == 0 || numbers[i - 1] <= numbers[i];
    printf("%u %u %d %d\n", ordered, sum, numbers[0], numbers[COUNT - 1]);
    int *found = bsearch(&numbers[777], numbers, COUNT, sizeof *numbers, by_int), missing = 1;
    printf("%d %d\n", found && *found == numbers[777], bsearch(&missing, numbers, COUNT, sizeof *numbers, by_int) == NULL);

    static struct record records[200];
    for (int i = 0; i < 200; i++) records[i].key = (i * 37 + 11) % 23, records[i].order = i;
    int calls = 0;
    qsort_r(records, 200, sizeof *records, by_key, &calls);
    for (int i = 0; i < 200; i++) printf("%d/%d ", records[i].key, records[i].order);
    printf("\n%d comparisons\n", calls);

    char *words[] = {"walk", "page", "table", "entry", "frame", "fault", "dirty", "accessed", "present", "user"};
    void *tree = NULL;
    for (int i = 0; i < 10; i++) tsearch(words[i], &tree, (compare *)strcmp);
    qsort(words, 10, sizeof *words, by_text);
    for (int i = 0; i < 10; i++) printf("%s ", words[i]);
    void *root = tfind("frame", &tree, (compare *)strcmp);
    printf("\n%s\n", root ? *(char **)root : "none");
    hcreate(50);
    for (long i = 0; i < 10; i++) hsearch((ENTRY){words[i], (void *)i}, ENTER);
    ENTRY *entry = hsearch((ENTRY){"page", 0}, FIND);
    printf("%ld\n", entry ? (long)entry->data : -1);
    return 0;
}
