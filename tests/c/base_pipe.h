/*
 * base_pipe.h - what a program needs to use the provider base_pipe.c: the
 * address family of in-process pipes, its address, and its catalog entry.
 *
 * Include <winsock2.h> first.
 */
#ifndef BASE_PIPE_H
#define BASE_PIPE_H

/* A family nobody else has; only SOCK_STREAM, protocol 0. */
#define AF_PIPE 0x7A01

/* The address of an endpoint: a name, zero-terminated, known in this process.
 * Binding to an empty name makes the provider choose one. */
struct sockaddr_pipe {
  u_short pipe_family;
  char pipe_name[30];
};

/* Fills in the catalog entry that the provider wants to be installed under, for
 * WSCInstallProvider (which sets GUID and id). Exported by base_pipe.c. */
__declspec(dllexport) void ws2spi_pipe_entry(LPWSAPROTOCOL_INFOW entry);

#endif
