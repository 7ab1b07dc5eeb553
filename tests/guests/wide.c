/* Shows: wide characters in the C locale: conversion, wide printf and scanf, searching, numbers, classification. */
#define _GNU_SOURCE
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>
#include "show.h"

int main(void) {
    const char *text = "page walk";
    wchar_t wide[20], word[20], line[100];
    char back[40];
    printf("%s\n", setlocale(LC_ALL, NULL));
    show(MB_CUR_MAX);
    size_t length = mbstowcs(wide, text, 20);
    for (size_t i = 0; i < length; i++) printf("%x ", (unsigned)wide[i]);
    printf("\n");
    show(wcstombs(back, wide, sizeof back));
    show(strcmp(back, text));
    mbstate_t state = {0};
    wchar_t one;
    show((int)mbrtowc(&one, "\xff", 1, &state));
    show(errno == EILSEQ);
    show((int)wctomb(back, 0x20ac));
    show(btowc('x'));
    show(wctob(0x20ac));

    show(swprintf(line, 100, L"%ls %5d %.2f %lc %s", L"wide", 42, 2.5, (wint_t)'x', "narrow"));
    printf("%ls|%.3ls|%lc|%10.2ls|\n", line, L"abcdef", (wint_t)'y', L"right");
    show(swprintf(line, 5, L"too long for five"));
    int number;
    show(swscanf(L"17 words here", L"%d %19ls", &number, word));
    printf("%d %ls\n", number, word);
    show(wcslen(wcscat(wcscpy(line, L"one "), L"two")));
    show(wcscmp(L"abc", L"abd") < 0);
    show(wcsncmp(L"abcx", L"abcy", 3));
    show(wcscasecmp(L"MiXed", L"mIxED"));
    show(wcsstr(L"haystack", L"stack") != NULL);
    show(wcschr(L"haystack", L'z') == NULL);
    show(wcslen(wcsrchr(L"abcabc", L'b')));
    show(wcsspn(L"aabbc", L"ab"));
    show(wcstol(L"-123rest", NULL, 10));
    show(wcstoull(L"ffffffffffffffff", NULL, 16) == ~0ULL);
    printf("%g %La\n", wcstod(L"2.5e3", NULL), wcstold(L"0x1.8p-3", NULL));
    show(wmemchr(L"abc", L'c', 3) != NULL);
    show(wmemcmp(wmemset(wide, L'q', 5), L"qqqqq", 5));
    wchar_t list[] = L"a:b::c", *rest;
    for (wchar_t *part = wcstok(list, L":", &rest); part; part = wcstok(NULL, L":", &rest)) printf("<%ls>", part);
    printf("\n");
    for (wint_t c = 0; c < 128; c += 5) printf("%d%d%d%d ", !!iswalpha(c), !!iswdigit(c), !!iswspace(c), !!iswpunct(c));
    printf("\n%c %c %d\n", (int)towupper('a'), (int)towlower('Q'), !!iswctype('7', wctype("xdigit")));
    show(fwide(stdout, 0) < 0);
    return 0;
}
