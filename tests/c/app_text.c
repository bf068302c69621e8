/*
 * app_text.c - a program that checks the text functions of the headers: printf's kin, strsafe.h and
 * 16-bit wide strings.
 *
 * Values, what is cut, and errors are those of Microsoft's pages. Prints each line that does not
 * hold; exit 0 when all did.
 */
#include <windows.h>
#include <strsafe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

static void check(int holds, const char *what, int line) {
  if (holds) return;
  printf("app_text.c:%d: %s\n", line, what);
  failures++;
}
#define CHECK(what) check((what) != 0, #what, __LINE__)

static BOOL same(const WCHAR *one, const WCHAR *other) { return wcscmp(one, other) == 0; }

/* "_snwprintf": the count, or -1 and no NUL when it does not fit; exactly full has no NUL either.
 */
static void bounded(void) {
  WCHAR wide[4] = L"???";
  char narrow[4] = "???";
  CHECK(_snwprintf(wide, 4, L"%d", 123) == 3 && same(wide, L"123"));
  CHECK(_snwprintf(wide, 4, L"%d", 1234) == 4 && memcmp(wide, L"1234", 8) == 0);
  CHECK(_snwprintf(wide, 4, L"%d", 56789) == -1 && memcmp(wide, L"5678", 8) == 0);
  CHECK(_snprintf(narrow, 4, "%d", 123) == 3 && strcmp(narrow, "123") == 0);
  CHECK(_snprintf(narrow, 4, "%d", 1234) == 4 && memcmp(narrow, "1234", 4) == 0);
  CHECK(_snprintf(narrow, 4, "%d", 56789) == -1 && memcmp(narrow, "5678", 4) == 0);
}

/* "Format specification syntax": sizes of Windows, the other width with %S, %hs, %ls, %ws, I64. */
static void conversions(void) {
  WCHAR wide[64];
  char narrow[64];
  _snwprintf(wide, 64, L"%s|%S|%hs|%ls|%ws", L"a", "b", "c", L"d", L"e");
  CHECK(same(wide, L"a|b|c|d|e"));
  _snprintf(narrow, 64, "%s|%S|%hs|%ls|%ws", "a", L"b", "c", L"d", L"e");
  CHECK(strcmp(narrow, "a|b|c|d|e") == 0);
  _snwprintf(wide, 64, L"%I64d|%lu|%08x|%-4d|%c", (LONGLONG)-5000000000LL, (ULONG)4294967295u,
             0xbeefu, 7, L'z');
  CHECK(same(wide, L"-5000000000|4294967295|0000beef|7   |z"));
  _snwprintf(wide, 64, L"%.2s|%5.1f|%%|%*d", L"abc", 2.25, 4, 9);
  CHECK(same(wide, L"ab|  2.2|%|   9"));
}

/* strsafe.h: HRESULTs, always a NUL, what fits of what does not. */
static void safe(void) {
  WCHAR wide[6];
  char narrow[6];
  size_t length = 99;
  CHECK(StringCchCopyW(wide, 6, L"12345") == S_OK && same(wide, L"12345"));
  CHECK(StringCchCopyW(wide, 6, L"123456") == STRSAFE_E_INSUFFICIENT_BUFFER &&
        same(wide, L"12345"));
  CHECK(StringCchCopyW(wide, 0, L"1") == STRSAFE_E_INVALID_PARAMETER);
  CHECK(StringCbCopyW(wide, 6, L"12345") == STRSAFE_E_INSUFFICIENT_BUFFER && same(wide, L"12"));
  CHECK(StringCchCatW(wide, 6, L"ab") == S_OK && same(wide, L"12ab"));
  CHECK(StringCchCatW(wide, 6, L"cd") == STRSAFE_E_INSUFFICIENT_BUFFER && same(wide, L"12abc"));
  CHECK(StringCchPrintfW(wide, 6, L"%d-%s", 1, L"ab") == S_OK && same(wide, L"1-ab"));
  CHECK(StringCchPrintfW(wide, 6, L"%d", 1234567) == STRSAFE_E_INSUFFICIENT_BUFFER &&
        same(wide, L"12345"));
  CHECK(StringCchPrintfA(narrow, 6, "%d", 1234567) == STRSAFE_E_INSUFFICIENT_BUFFER &&
        strcmp(narrow, "12345") == 0);
  CHECK(StringCchLengthW(wide, 6, &length) == S_OK && length == 5);
  CHECK(StringCchLengthW(wide, 5, &length) == STRSAFE_E_INVALID_PARAMETER);
  CHECK(StringCbLengthW(wide, 12, &length) == S_OK && length == 10);
}

/* The C library's functions on 16-bit units. */
static void strings(void) {
  WCHAR wide[8] = L"abc";
  WCHAR *end = NULL;
  CHECK(sizeof(L"ab") == 6 && wcslen(L"abc") == 3);
  wcscat(wide, L"de");
  CHECK(same(wide, L"abcde"));
  wcsncpy(wide, L"xy", 4);
  CHECK(same(wide, L"xy") && wide[2] == 0 && wide[3] == 0 && wide[4] == L'e');
  CHECK(wcschr(L"abca", L'a') != NULL && wcsrchr(L"abca", L'b') != NULL &&
        wcschr(L"abc", L'z') == NULL);
  CHECK(wcsstr(L"one two", L"two") != NULL && wcsstr(L"one", L"two") == NULL);
  CHECK(wcscmp(L"a", L"b") < 0 && wcsncmp(L"abc", L"abd", 2) == 0 && wcscmp(L"b", L"a") > 0);
  CHECK(_wcsicmp(L"WinSock", L"winsock") == 0 && _wcsnicmp(L"WINx", L"winy", 3) == 0);
  CHECK(wcstoul(L"0x1fz", &end, 16) == 31 && *end == L'z' && _wtoi(L" -42x") == -42);
  CHECK(lstrlenW(L"abc") == 3 && lstrcmpiW(L"ABC", L"abc") == 0);
  CHECK(wcscpy_s(wide, 8, L"1234567") == 0 && same(wide, L"1234567"));
}

int main(void) {
  bounded();
  conversions();
  safe();
  strings();
  if (failures == 0) printf("app_text: ok\n");
  return failures != 0;
}
