// Memory.cpp - the private heap of the layer.
#include "lsp.h"

LPVOID LspAlloc(__in SIZE_T Size, __out LPINT lpErrno) {
  LPVOID memory = HeapAlloc(gHeap, HEAP_ZERO_MEMORY, Size);
  if (memory == NULL) *lpErrno = WSAENOBUFS;
  return memory;
}

VOID LspFree(__in_opt LPVOID Memory) {
  if (Memory != NULL) HeapFree(gHeap, 0, Memory);
}
