// Trace.cpp - text for a debugger: OutputDebugString, from a buffer that each thread has of its
// own.
#include "LSP.h"

#define TRACE_LENGTH 512

static DWORD gTlsIndex = TLS_OUT_OF_INDEXES;
static LARGE_INTEGER gBegan;

static BOOL IsWanted(VOID) {
  TCHAR value[32];
  // What is not set stays as it is written.
  return ExpandEnvironmentStrings(_T("%LSP_BREAK%"), value, 32) != 0 && value[0] != _T('%');
}

BOOL TraceAttach(VOID) {
  // Somebody wants to see the layer begin.
  if (IsWanted()) DebugBreak();
  QueryPerformanceCounter(&gBegan);
  gTlsIndex = TlsAlloc();
  return gTlsIndex != TLS_OUT_OF_INDEXES;
}

// The thread's buffer.
static LPTSTR TraceBuffer(VOID) {
  LPTSTR buffer = (LPTSTR)TlsGetValue(gTlsIndex);
  if (buffer == NULL) {
    buffer = (LPTSTR)GlobalAlloc(GPTR, TRACE_LENGTH * sizeof(TCHAR));
    TlsSetValue(gTlsIndex, buffer);
  }
  return buffer;
}

VOID TraceDetachThread(VOID) {
  LPTSTR buffer = (LPTSTR)TlsGetValue(gTlsIndex);
  if (buffer != NULL) GlobalFree(buffer);
  TlsSetValue(gTlsIndex, NULL);
}

VOID TraceDetach(VOID) {
  TraceDetachThread();
  TlsFree(gTlsIndex);
}

// The time since the layer was loaded, the process and the thread, and the text. Keeps the last
// error.
VOID __cdecl Trace(_In_z_ _Printf_format_string_ LPCTSTR Format, ...) {
  DWORD lastError = GetLastError();
  LPTSTR buffer = TraceBuffer();
  LARGE_INTEGER now, frequency;
  va_list arguments;
  if (buffer != NULL) {
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    LONGLONG milliseconds = (now.QuadPart - gBegan.QuadPart) * 1000 / frequency.QuadPart;
    int length = _sntprintf(buffer, TRACE_LENGTH - 1, _T("%6lu [%lu:%lu] "), (ULONG)milliseconds,
                            GetCurrentProcessId(), GetCurrentThreadId());
    va_start(arguments, Format);
    _vsntprintf(buffer + length, TRACE_LENGTH - 1 - length, Format, arguments);
    va_end(arguments);
    buffer[TRACE_LENGTH - 1] = 0;
    OutputDebugString(buffer);
  }
  SetLastError(lastError);
}

// The name of an entry, in the letters of the build.
VOID TraceEntry(__in LPCSTR Function, __in const WSAPROTOCOL_INFOW *Entry) {
  CHAR name[WSAPROTOCOL_LEN + 1] = {0};
  WCHAR guid[64] = L"";
  TCHAR text[TRACE_LENGTH];
  WideCharToMultiByte(CP_ACP, 0, Entry->szProtocol, -1, name, sizeof(name), NULL, NULL);
  StringFromGUID2(Entry->ProviderId, guid, sizeof(guid) / sizeof(guid[0]));
#ifdef UNICODE
  WCHAR wide[WSAPROTOCOL_LEN + 1] = {0}, function[64] = {0};
  MultiByteToWideChar(CP_ACP, 0, name, -1, wide, WSAPROTOCOL_LEN);
  MultiByteToWideChar(CP_UTF8, 0, Function, -1, function, 63);
  StringCchPrintf(text, TRACE_LENGTH, L"%s: %s %s\n", function, wide, guid);
#else
  StringCchPrintf(text, TRACE_LENGTH, "%s: %s %ls\n", Function, name, guid);
#endif
  Trace(_T("%s"), text);
}
