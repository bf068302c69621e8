/*
 * win64_host.c - a host in Microsoft's x64 convention.
 *
 * Stands for the Windows code that a compatibility layer maps into the process:
 * every function it calls and every table it passes is of that convention. It
 * starts a provider with the table of upcalls by value, as Windows does, and
 * echoes a text over TCP through the procedure table, on one thread. Returns 0,
 * or the number of the step that failed.
 */
#include <stdint.h>
#include <string.h>

#define MS __attribute__((ms_abi))

typedef uint64_t socket_handle;

struct upcalls {
  void *slot[15];
};

struct procs {
  void *slot[30];
};

struct buffer {
  uint32_t len;
  char *data;
};

typedef int(MS *startup_function)(uint16_t, void *, const void *, struct upcalls, struct procs *);
typedef socket_handle(MS *accept_function)(socket_handle, void *, int32_t *, void *, uint64_t,
                                           int32_t *);
typedef int(MS *name_function)(socket_handle, void *, int32_t, int32_t *);
typedef int(MS *ioctl_function)(socket_handle, uint32_t, void *, uint32_t, void *, uint32_t,
                                uint32_t *, void *, void *, void *, int32_t *);
typedef int(MS *disconnect_function)(socket_handle, void *, uint32_t, uint32_t);
typedef int(MS *query_function)(socket_handle, void *, int32_t *, int32_t *);
typedef int(MS *cleanup_function)(int32_t *);
typedef int(MS *close_function)(socket_handle, int32_t *);
typedef int(MS *connect_function)(socket_handle, void *, int32_t, void *, void *, void *, void *,
                                  int32_t *);
typedef int(MS *listen_function)(socket_handle, int32_t, int32_t *);
typedef int(MS *receive_function)(socket_handle, struct buffer *, uint32_t, uint32_t *, uint32_t *,
                                  void *, void *, void *, int32_t *);
typedef int(MS *send_function)(socket_handle, struct buffer *, uint32_t, uint32_t *, uint32_t,
                               void *, void *, void *, int32_t *);
typedef socket_handle(MS *socket_function)(int32_t, int32_t, int32_t, const void *, uint32_t,
                                           uint32_t, int32_t *);

int win64_host_echo(void *startup, const struct upcalls *upcalls, const void *info);

int win64_host_echo(void *startup, const struct upcalls *upcalls, const void *info) {
  struct procs procs = {{0}};
  char data[516], text[] = "through Microsoft's convention", echo[sizeof text] = "";
  struct {
    uint16_t family, port;
    uint8_t address[4], zero[8];
  } name = {2, 0, {127, 0, 0, 1}, {0}};
  int32_t error = 0, len = sizeof name;
  uint32_t moved = 0, flags = 0;
  uint16_t version;

  if (((startup_function)startup)(0x0202, data, info, *upcalls, &procs) != 0) return 1;
  memcpy(&version, data, sizeof version);
  if (version != 0x0202) return 2;
  for (int slot = 0; slot < 30; slot++)
    if (procs.slot[slot] == NULL) return 3;

  socket_function open_socket = (socket_function)procs.slot[28];
  close_function close_socket = (close_function)procs.slot[6];
  socket_handle listener = open_socket(2, 1, 6, info, 0, 1, &error);
  if (listener == UINT64_MAX) return 4;
  if (((name_function)procs.slot[3])(listener, &name, sizeof name, &error) != 0) return 5;
  if (((query_function)procs.slot[13])(listener, &name, &len, &error) != 0) return 6;
  if (((listen_function)procs.slot[18])(listener, 1, &error) != 0) return 7;
  socket_handle client = open_socket(2, 1, 6, info, 0, 1, &error);
  if (((connect_function)procs.slot[7])(client, &name, sizeof name, 0, 0, 0, 0, &error) != 0)
    return 8;
  socket_handle server = ((accept_function)procs.slot[0])(listener, 0, 0, 0, 0, &error);
  if (server == UINT64_MAX) return 9;

  struct buffer out = {sizeof text, text}, in = {sizeof echo, echo};
  if (((send_function)procs.slot[23])(client, &out, 1, &moved, 0, 0, 0, 0, &error) != 0) return 10;
  if (moved != sizeof text) return 11;
  if (((receive_function)procs.slot[19])(server, &in, 1, &moved, &flags, 0, 0, 0, &error) != 0)
    return 12;
  if (moved != sizeof text || memcmp(text, echo, sizeof text) != 0) return 13;

  /* DisconnectEx, by its GUID: an extension function has the convention of who asks for it. */
  static const uint8_t name_of_disconnect[16] = {0x11, 0x2e, 0xda, 0x7f, 0x30, 0x86, 0x6f, 0x43,
                                                 0xa0, 0x31, 0xf5, 0x36, 0xa6, 0xee, 0xc1, 0x57};
  disconnect_function disconnect = NULL;
  if (((ioctl_function)procs.slot[16])(client, 0xc8000006, (void *)name_of_disconnect, 16,
                                       &disconnect, sizeof disconnect, &moved, 0, 0, 0,
                                       &error) != 0)
    return 18;
  if (disconnect == NULL || !disconnect(client, NULL, 0, 0)) return 19;
  if (((receive_function)procs.slot[19])(server, &in, 1, &moved, &flags, 0, 0, 0, &error) != 0 ||
      moved != 0)
    return 20;

  if (close_socket(client, &error) != 0 || close_socket(server, &error) != 0) return 14;
  if (close_socket(listener, &error) != 0) return 15;
  error = 0;
  if (close_socket(listener, &error) != -1 || error != 10038) return 16;
  return ((cleanup_function)procs.slot[5])(&error) == 0 ? 0 : 17;
}
