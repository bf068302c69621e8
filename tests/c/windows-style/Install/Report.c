/*
 * Report.c - what the installer says of the machine: itself, the system, the host's addresses, and
 * where each provider of the 32-bit and the 64-bit catalog lies.
 */
#include "Report.h"

#include <ws2tcpip.h>
#include <objbase.h>
#include <oleauto.h>
#include <strsafe.h>
#include <wchar.h>

/* One line, made of parts, as the oldest sources do it. */
static VOID __cdecl Say(const WCHAR *Format, ...) {
  WCHAR line[1025];
  CHAR text[2 * 1025];
  va_list arguments;
  va_start(arguments, Format);
  wvsprintfW(line, Format, arguments);
  va_end(arguments);
  WideCharToMultiByte(CP_ACP, 0, line, -1, text, sizeof(text), NULL, NULL);
  puts(text);
}

/* Into a string of COM's, which the caller frees. */
static BSTR __cdecl Describe(const WCHAR *Format, ...) {
  WCHAR text[256];
  va_list arguments;
  va_start(arguments, Format);
  if (_vsnwprintf(text, 255, Format, arguments) < 0) text[0] = 0;
  va_end(arguments);
  text[255] = 0;
  return SysAllocString(text);
}

static VOID ReportSystem(VOID) {
  CHAR folder[MAX_PATH], own[MAX_PATH];
  OSVERSIONINFOA version;
  BSTR text = NULL;
  ZeroMemory(&version, sizeof(version));
  version.dwOSVersionInfoSize = sizeof(version);
  GetVersionExA(&version);
  GetSystemDirectoryA(folder, MAX_PATH);
  GetModuleFileNameA(NULL, own, MAX_PATH);
  text =
      Describe(L"system: %lu.%lu in %hs", version.dwMajorVersion, version.dwMinorVersion, folder);
  if (text != NULL) Say(L"%s", text);
  SysFreeString(text);
  /* Whoever runs it under another name is told. */
  if (_strnicmp(PathName(own), "install", 7) != 0) Say(L"installer: %hs", PathName(own));
}

/* The addresses that the host's name has, in the order of the resolver. */
static VOID ReportAddresses(VOID) {
  struct addrinfo hints, *all = NULL, *one;
  CHAR host[256], name[INET6_ADDRSTRLEN];
  ZeroMemory(&hints, sizeof(hints));
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST;
  if (gethostname(host, sizeof(host)) == SOCKET_ERROR) return;
  Say(L"host: %hs", host);
  if (getaddrinfo("::1", NULL, &hints, &all) != 0) return;
  for (one = all; one != NULL; one = one->ai_next) {
    struct sockaddr_in6 *address = (struct sockaddr_in6 *)one->ai_addr;
    socklen_t length = (socklen_t)one->ai_addrlen;
    if (one->ai_family != AF_INET6 || length < (socklen_t)sizeof(*address)) continue;
    if (inet_ntop(AF_INET6, &address->sin6_addr, name, sizeof(name)) != NULL)
      Say(L"loopback: %hs", name);
  }
  freeaddrinfo(all);
}

/* Where a provider lies, after what the path is shortened by. */
static VOID ReportProvider(const WSAPROTOCOL_INFOW *Entry) {
  WCHAR path[MAX_PATH], full[MAX_PATH], shown[40], number[16], *end = NULL;
  LPOLESTR guid = NULL;
  INT length = MAX_PATH, error = 0;
  GUID id = Entry->ProviderId;
  if (WSCGetProviderPath(&id, path, &length, &error) == SOCKET_ERROR) return;
  ExpandEnvironmentStringsW(path, full, MAX_PATH);
  guid = (LPOLESTR)CoTaskMemAlloc(64 * sizeof(OLECHAR));
  if (guid == NULL) return;
  StringFromGUID2(&id, guid, 64);
  /* The file's name alone, cut to the column. */
  end = wcsrchr(full, L'/');
  if (end == NULL) end = wcsrchr(full, L'\\');
  wcsncpy_s(shown, sizeof(shown) / sizeof(shown[0]), end == NULL ? full : end + 1, _TRUNCATE);
  if (_wcsicmp(shown, L"ws2_32.dll") == 0 || wcslen(shown) == 0) wcscpy(shown, L"the base");
  swprintf(number, sizeof(number) / sizeof(number[0]), L"%04u", Entry->dwCatalogEntryId);
  Say(L"%s %s %s%s", number, guid, shown, wcscmp(path, full) == 0 ? L"" : L" *");
  CoTaskMemFree(guid);
}

/* The catalog of the other half of the system: the same one where there is only one. */
static VOID ReportCatalogs(VOID) {
  LPWSAPROTOCOL_INFOW entries = NULL;
  CHAR title[32];
  DWORD size = 0;
  INT error = 0, count, i;
  WSCEnumProtocols32(NULL, NULL, &size, &error);
  entries = (LPWSAPROTOCOL_INFOW)GlobalAlloc(GPTR, size);
  if (entries == NULL) return;
  count = WSCEnumProtocols32(NULL, entries, &size, &error);
  StringCbPrintfA(title, sizeof(title), "%d entries", count);
  StringCbCatA(title, sizeof(title), ":");
  Say(L"%hs", title);
  for (i = 0; i < count; i++) ReportProvider(&entries[i]);
  GlobalFree(entries);
}

/* Functions that not every version of the library has. */
static VOID ReportFunctions(HMODULE Ws2) {
  static const char *const names[] = {
      "WSCInstallProviderAndChains",
      "WSCInstallProviderAndChains64_32",
      "WSCUpdateProvider",
      "WSCUpdateProvider32",
  };
  SIZE_T i;
  for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    Say(L"%hs: %s", names[i], GetProcAddress(Ws2, names[i]) == NULL ? L"no" : L"yes");
}

int Report(HMODULE Ws2) {
  if (FAILED(CoInitialize(NULL))) return 1;
  ReportFunctions(Ws2);
  ReportSystem();
  ReportAddresses();
  ReportCatalogs();
  CoUninitialize();
  return 0;
}
