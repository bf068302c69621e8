// Select.cpp - WSPSelect: sets of the program's numbers go down as sets of the numbers below, and
// come back. What is not ours goes down as it is: the provider below says what it thinks of it.
#include "NonIfs.h"

typedef struct _SELECT_SET {
  fd_set *App;
  fd_set *Lower;
  // Both numbers of each socket: one that is closed during the wait may be told still.
  SOCKET *AppNumbers;
  SOCKET *LowerNumbers;
  u_int Count;
} SELECT_SET;

static VOID SelectFree(SELECT_SET *Set) {
  LspFree(Set->Lower);
  LspFree(Set->AppNumbers);
  LspFree(Set->LowerNumbers);
}

// fd_count is the only truth about a set's size.
static BOOL SelectMap(SELECT_SET *Set, fd_set *App, LPPROVIDER *Provider, LPINT lpErrno) {
  INT ignored;
  if (App == NULL) return TRUE;
  SIZE_T size = FIELD_OFFSET(fd_set, fd_array) + (App->fd_count + 1) * sizeof(SOCKET);
  Set->App = App;
  Set->Count = App->fd_count;
  Set->Lower = (fd_set *)LspAlloc(max(size, sizeof(fd_set)), lpErrno);
  Set->AppNumbers = (SOCKET *)LspAlloc((Set->Count + 1) * sizeof(SOCKET), lpErrno);
  Set->LowerNumbers = (SOCKET *)LspAlloc((Set->Count + 1) * sizeof(SOCKET), lpErrno);
  if (Set->Lower == NULL || Set->AppNumbers == NULL || Set->LowerNumbers == NULL) return FALSE;
  FD_ZERO(Set->Lower);
  for (u_int i = 0; i < Set->Count; i++) {
    SOCKET app = App->fd_array[i];
    LPSOCK_INFO info = SockFind(app, &ignored);
    Set->AppNumbers[i] = app;
    Set->LowerNumbers[i] = info == NULL ? app : info->Lower;
    if (info == NULL) continue;
    *Provider = info->Provider;
    SockRelease(info);
  }
  // As many as the program has: FD_SET would leave those out that stand twice.
  CopyMemory(Set->Lower->fd_array, Set->LowerNumbers, Set->Count * sizeof(SOCKET));
  Set->Lower->fd_count = Set->Count;
  return TRUE;
}

// What is left below, by the program's numbers: each once, however often it stood in the set.
static VOID SelectMapBack(SELECT_SET *Set) {
  u_int count = 0, i, j;
  if (Set->App == NULL) return;
  for (i = 0; i < Set->Lower->fd_count && i < Set->Count; i++) {
    for (j = 0; j < Set->Count && Set->LowerNumbers[j] != Set->Lower->fd_array[i]; j++)
      ;
    if (j == Set->Count) continue;
    Set->App->fd_array[count++] = Set->AppNumbers[j];
  }
  Set->App->fd_count = count;
}

int WSPAPI LspSelect(int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds,
                     const struct timeval *timeout, LPINT lpErrno) {
  fd_set *app[3] = {readfds, writefds, exceptfds}, *lower[3];
  SELECT_SET sets[3];
  LPPROVIDER provider = NULL;
  int result = SOCKET_ERROR, same;
  BOOL empty = TRUE;
  ZeroMemory(sets, sizeof(sets));
  for (int i = 0; i < 3; i++) {
    // One set in two places is one set in two places below as well.
    for (same = 0; app[same] != app[i]; same++)
      ;
    if (same == i && !SelectMap(&sets[i], app[i], &provider, lpErrno)) goto cleanup;
    if (sets[same].Count != 0) empty = FALSE;
    lower[i] = sets[same].Lower;
  }
  if (provider == NULL) {
    *lpErrno = empty ? WSAEINVAL : WSAENOTSOCK;
    goto cleanup;
  }
  result =
      provider->NextProcTable.lpWSPSelect(nfds, lower[0], lower[1], lower[2], timeout, lpErrno);
  if (result != SOCKET_ERROR)
    for (int i = 0; i < 3; i++) SelectMapBack(&sets[i]);
cleanup:
  for (int i = 0; i < 3; i++) SelectFree(&sets[i]);
  return result;
}
