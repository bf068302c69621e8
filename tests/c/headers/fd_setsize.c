/*
 * The size of fd_set is the source's choice, compiled and never run. BEFORE and CHOSEN are what the
 * source defines FD_SETSIZE and WS2SPI_FD_SETSIZE to, STDLIB_FIRST puts libc's own select first,
 * and WANTED is the size that must come out.
 */
#ifdef BEFORE
#define FD_SETSIZE BEFORE
#endif
#ifdef CHOSEN
#define WS2SPI_FD_SETSIZE CHOSEN
#endif
#ifdef STDLIB_FIRST
#include <stdlib.h>
#include <sys/select.h>
#endif
#include <winsock2.h>
#include <stdlib.h>
#include <sys/select.h>

_Static_assert(FD_SETSIZE == WANTED, "FD_SETSIZE");
_Static_assert(sizeof(((fd_set *)0)->fd_array) == WANTED * sizeof(SOCKET), "fd_array");
