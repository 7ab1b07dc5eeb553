/* What a compiler makes: recursion, structures by value, bytes and words, 64-bit and floating-point arithmetic. */
int numbers[600];
static struct item {
    char name[11];
    short weight;
    long long key;
    double share;
} items[40];

static void sort(int *from, int *to) {
    if (to - from < 2) return;
    int pivot = from[(to - from) / 2], *low = from, *high = to - 1;
    while (low <= high) {
        while (*low < pivot) low++;
        while (*high > pivot) high--;
        if (low <= high) {
            int held = *low;
            *low++ = *high;
            *high-- = held;
        }
    }
    sort(from, high + 1);
    sort(low, to);
}

static struct item heavier(struct item a, struct item b) { return a.weight >= b.weight ? a : b; }

void traced(void) {
    unsigned random = 1;
    for (int i = 0; i < 600; i++) numbers[i] = random = random * 1664525 + 1013904223;
    sort(numbers, numbers + 600);
    for (int i = 0; i < 40; i++) {
        struct item *item = &items[i];
        item->weight = numbers[i * 13] >> 16;
        item->key = (long long)numbers[i] * numbers[i + 1] / (i + 3);
        item->share = item->weight / 7.0;
        item->name[i % 11] = 'a' + i % 26;
    }
    for (int i = 1; i < 40; i++) items[i] = heavier(items[i - 1], items[i]);
}
