/*
 * Driver.c - the driver behind the base provider: datagrams between the endpoints of this process,
 * in memory.
 *
 * On Windows it would be a module of its own in the system. Here it is put behind the runtime's
 * device hook (ws2spi/device.h), which is all that it has of ours: the provider knows the device by
 * its name and its codes only.
 *
 * One lock guards everything. Requests that end are completed without it.
 */
#include "Device.h"
#include <NtStatus.h>
#include <ws2spi/device.h>

typedef struct _DATAGRAM {
  LIST_ENTRY Link;
  SOCKADDR_IN From;
  DWORD Length;
  BYTE Data[1];
} DATAGRAM;

/* A request that is kept: a receive of an endpoint, or a poll of several. */
typedef struct _KEPT {
  LIST_ENTRY Link;
  ULONGLONG Number;
  DGRAM_RECEIVE Receive; /* Buffers is a copy of the program's array. */
  DWORD *Ids;
  DWORD IdCount;
  NTSTATUS Status;
  DWORD Bytes;
} KEPT;

typedef struct _ENDPOINT {
  LIST_ENTRY Link;
  DGRAM_STATE State;
  LIST_ENTRY Datagrams;
  LIST_ENTRY Receives;
  LIST_ENTRY Polls;
  DGRAM_EVENTS Events;
  LONG Recorded;
  BOOL Unreachable; /* A datagram met nobody: the next receive is told. */
} ENDPOINT;

#define MAX_QUEUED 256

static CRITICAL_SECTION gLock;
static LIST_ENTRY gEndpoints = {&gEndpoints, &gEndpoints};
static DWORD gLastId;
static USHORT gLastPort = 49151;

static __inline VOID ListInit(PLIST_ENTRY Head) { Head->Flink = Head->Blink = Head; }

static __inline BOOL ListIsEmpty(PLIST_ENTRY Head) { return Head->Flink == Head; }

static __inline VOID ListAdd(PLIST_ENTRY Head, PLIST_ENTRY Entry) {
  Entry->Flink = Head;
  Entry->Blink = Head->Blink;
  Head->Blink->Flink = Entry;
  Head->Blink = Entry;
}

static __inline PLIST_ENTRY ListRemove(PLIST_ENTRY Entry) {
  Entry->Blink->Flink = Entry->Flink;
  Entry->Flink->Blink = Entry->Blink;
  return Entry;
}

static PVOID Alloc(SIZE_T Size) { return HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, Size); }

static VOID Free(PVOID Memory) { HeapFree(GetProcessHeap(), 0, Memory); }

static VOID FreeKept(KEPT *Kept) {
  if (Kept->Receive.Buffers != NULL) Free(Kept->Receive.Buffers);
  if (Kept->Ids != NULL) Free(Kept->Ids);
  Free(Kept);
}

/* Completes the requests of a list, without the lock. */
static VOID CompleteAll(PLIST_ENTRY Ended) {
  while (!ListIsEmpty(Ended)) {
    KEPT *kept = CONTAINING_RECORD(ListRemove(Ended->Flink), KEPT, Link);
    ws2spi_device_complete(kept->Number, kept->Status, kept->Bytes);
    FreeKept(kept);
  }
}

static VOID End(KEPT *Kept, NTSTATUS Status, DWORD Bytes, PLIST_ENTRY Ended) {
  ListRemove(&Kept->Link);
  Kept->Status = Status;
  Kept->Bytes = Bytes;
  ListAdd(Ended, &Kept->Link);
}

static BOOL IsReadable(ENDPOINT *Endpoint) {
  return Endpoint->Unreachable || !ListIsEmpty(&Endpoint->Datagrams);
}

static VOID Record(ENDPOINT *Endpoint, LONG Event) {
  if ((Endpoint->Events.Mask & Event) == 0) return;
  Endpoint->Recorded |= Event;
  SetEvent(Endpoint->Events.Event);
}

static BOOL IsPolled(const KEPT *Poll, DWORD Id) {
  DWORD i;
  for (i = 0; i < Poll->IdCount; i++)
    if (Poll->Ids[i] == Id) return TRUE;
  return FALSE;
}

/* Ends the polls that wait for this endpoint. */
static VOID EndPolls(ENDPOINT *Readable, PLIST_ENTRY Ended) {
  PLIST_ENTRY link, poll;
  for (link = gEndpoints.Flink; link != &gEndpoints; link = link->Flink) {
    ENDPOINT *endpoint = CONTAINING_RECORD(link, ENDPOINT, Link);
    for (poll = endpoint->Polls.Flink; poll != &endpoint->Polls;) {
      KEPT *kept = CONTAINING_RECORD(poll, KEPT, Link);
      poll = poll->Flink;
      if (IsPolled(kept, Readable->State.Id)) End(kept, STATUS_SUCCESS, 0, Ended);
    }
  }
}

/* Copies a datagram into a receive; what does not fit is lost, with a warning. */
static NTSTATUS Copy(const DGRAM_RECEIVE *Receive, const DATAGRAM *Datagram, DWORD *Bytes) {
  DWORD done = 0, i;
  for (i = 0; i < Receive->Count && done < Datagram->Length; i++) {
    DWORD length = min(Receive->Buffers[i].len, Datagram->Length - done);
    CopyMemory(Receive->Buffers[i].buf, Datagram->Data + done, length);
    done += length;
  }
  if (Receive->From != NULL) {
    *Receive->From = Datagram->From;
    *Receive->FromLength = sizeof(SOCKADDR_IN);
  }
  *Bytes = done;
  return done < Datagram->Length ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static BOOL IsSame(const SOCKADDR_IN *One, const SOCKADDR_IN *Other) {
  return One->sin_port == Other->sin_port && One->sin_addr.s_addr == Other->sin_addr.s_addr;
}

static ENDPOINT *FindByName(const SOCKADDR_IN *Name) {
  PLIST_ENTRY link;
  for (link = gEndpoints.Flink; link != &gEndpoints; link = link->Flink) {
    ENDPOINT *endpoint = CONTAINING_RECORD(link, ENDPOINT, Link);
    const SOCKADDR_IN *own = &endpoint->State.Name;
    if (own->sin_family != 0 && own->sin_port == Name->sin_port &&
        (own->sin_addr.s_addr == INADDR_ANY || Name->sin_addr.s_addr == INADDR_ANY ||
         own->sin_addr.s_addr == Name->sin_addr.s_addr))
      return endpoint;
  }
  return NULL;
}

static BOOL IsLoopback(const SOCKADDR_IN *Name) {
  return (ntohl(Name->sin_addr.s_addr) >> 24) == 127;
}

static NTSTATUS Bind(ENDPOINT *Endpoint, const SOCKADDR_IN *Wanted) {
  SOCKADDR_IN name = *Wanted;
  int tries;
  if (Endpoint->State.Name.sin_family != 0) return STATUS_INVALID_PARAMETER;
  if (name.sin_family != AF_INET || (name.sin_addr.s_addr != INADDR_ANY && !IsLoopback(&name)))
    return STATUS_INVALID_ADDRESS_COMPONENT;
  for (tries = 0; name.sin_port == 0 && tries < 0x4000; tries++) {
    gLastPort = gLastPort == 0xffff ? 49152 : gLastPort + 1;
    name.sin_port = htons(gLastPort);
    if (FindByName(&name) != NULL) name.sin_port = 0;
  }
  if (name.sin_port == 0 || FindByName(&name) != NULL) return STATUS_ADDRESS_ALREADY_EXISTS;
  ZeroMemory(name.sin_zero, sizeof(name.sin_zero));
  Endpoint->State.Name = name;
  return STATUS_SUCCESS;
}

/* What is sent or connected to has a name. */
static NTSTATUS BindToAny(ENDPOINT *Endpoint) {
  SOCKADDR_IN any;
  if (Endpoint->State.Name.sin_family != 0) return STATUS_SUCCESS;
  ZeroMemory(&any, sizeof(any));
  any.sin_family = AF_INET;
  return Bind(Endpoint, &any);
}

/* The name by which others see an endpoint. */
static SOCKADDR_IN NameFor(const ENDPOINT *Endpoint) {
  SOCKADDR_IN name = Endpoint->State.Name;
  if (name.sin_addr.s_addr == INADDR_ANY) name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return name;
}

/* A datagram met nobody. */
static VOID Report(ENDPOINT *Sender, PLIST_ENTRY Ended) {
  if (Sender->State.NoReports) return;
  if (!ListIsEmpty(&Sender->Receives)) {
    End(CONTAINING_RECORD(Sender->Receives.Flink, KEPT, Link), STATUS_PORT_UNREACHABLE, 0, Ended);
    return;
  }
  Sender->Unreachable = TRUE;
  Record(Sender, FD_READ);
  EndPolls(Sender, Ended);
}

/* What a queue has no room for is lost. */
static NTSTATUS Deliver(ENDPOINT *Sender, const SOCKADDR_IN *From, const SOCKADDR_IN *To,
                        const DGRAM_SEND *Send, PLIST_ENTRY Ended) {
  ENDPOINT *to = FindByName(To);
  DATAGRAM *datagram;
  PLIST_ENTRY link;
  DWORD queued = 0, bytes = 0;
  if (to == NULL) {
    Report(Sender, Ended);
    return STATUS_SUCCESS;
  }
  if (to->State.Peer.sin_family != 0 && !IsSame(&to->State.Peer, From)) return STATUS_SUCCESS;
  datagram = (DATAGRAM *)Alloc(FIELD_OFFSET(DATAGRAM, Data) + Send->Length + 1);
  if (datagram == NULL) return STATUS_INSUFFICIENT_RESOURCES;
  datagram->From = *From;
  datagram->Length = Send->Length;
  CopyMemory(datagram->Data, Send->Data, Send->Length);
  if (!ListIsEmpty(&to->Receives)) {
    KEPT *kept = CONTAINING_RECORD(to->Receives.Flink, KEPT, Link);
    NTSTATUS status = Copy(&kept->Receive, datagram, &bytes);
    BOOL peek = kept->Receive.Peek;
    End(kept, status, bytes, Ended);
    if (!peek) {
      Free(datagram);
      return STATUS_SUCCESS;
    }
  }
  for (link = to->Datagrams.Flink; link != &to->Datagrams; link = link->Flink) queued++;
  if (queued >= MAX_QUEUED) {
    Free(datagram);
    return STATUS_SUCCESS;
  }
  ListAdd(&to->Datagrams, &datagram->Link);
  Record(to, FD_READ);
  EndPolls(to, Ended);
  return STATUS_SUCCESS;
}

static NTSTATUS Send(ENDPOINT *Endpoint, const DGRAM_SEND *Send, ULONG_PTR *Bytes,
                     PLIST_ENTRY Ended) {
  SOCKADDR_IN to = Send->To, from;
  NTSTATUS status;
  if (to.sin_family == 0) to = Endpoint->State.Peer;
  if (to.sin_family == 0) return STATUS_INVALID_CONNECTION;
  status = BindToAny(Endpoint);
  if (status != STATUS_SUCCESS) return status;
  if (!IsLoopback(&to)) return STATUS_HOST_UNREACHABLE;
  from = NameFor(Endpoint);
  *Bytes = Send->Length;
  return Deliver(Endpoint, &from, &to, Send, Ended);
}

static NTSTATUS Connect(ENDPOINT *Endpoint, const SOCKADDR_IN *Peer) {
  NTSTATUS status;
  if (Peer->sin_family == 0 || (Peer->sin_addr.s_addr == INADDR_ANY && Peer->sin_port == 0)) {
    ZeroMemory(&Endpoint->State.Peer, sizeof(Endpoint->State.Peer));
    return STATUS_SUCCESS;
  }
  if (!IsLoopback(Peer)) return STATUS_HOST_UNREACHABLE;
  status = BindToAny(Endpoint);
  if (status == STATUS_SUCCESS) Endpoint->State.Peer = *Peer;
  return status;
}

/* Keeps a request for later, with copies of what is on the caller's stack. */
static NTSTATUS Keep(PLIST_ENTRY List, ULONGLONG Number, const DGRAM_RECEIVE *Receive,
                     const DWORD *Ids, DWORD IdCount) {
  KEPT *kept = (KEPT *)Alloc(sizeof(*kept));
  if (kept == NULL) return STATUS_INSUFFICIENT_RESOURCES;
  kept->Number = Number;
  if (Receive != NULL) {
    SIZE_T size = Receive->Count * sizeof(WSABUF);
    kept->Receive = *Receive;
    kept->Receive.Buffers = (LPWSABUF)Alloc(size + 1);
    if (kept->Receive.Buffers != NULL) CopyMemory(kept->Receive.Buffers, Receive->Buffers, size);
  } else {
    kept->Ids = (DWORD *)Alloc(IdCount * sizeof(DWORD) + 1);
    kept->IdCount = IdCount;
    if (kept->Ids != NULL) CopyMemory(kept->Ids, Ids, IdCount * sizeof(DWORD));
  }
  if (kept->Receive.Buffers == NULL && kept->Ids == NULL) {
    FreeKept(kept);
    return STATUS_INSUFFICIENT_RESOURCES;
  }
  ListAdd(List, &kept->Link);
  return STATUS_PENDING;
}

static NTSTATUS Receive(ENDPOINT *Endpoint, ULONGLONG Number, const DGRAM_RECEIVE *Receive,
                        ULONG_PTR *Bytes) {
  DATAGRAM *datagram;
  NTSTATUS status;
  DWORD bytes = 0;
  if (Endpoint->State.Name.sin_family == 0) return STATUS_INVALID_PARAMETER;
  if (Endpoint->Unreachable) {
    Endpoint->Unreachable = FALSE;
    return STATUS_PORT_UNREACHABLE;
  }
  if (ListIsEmpty(&Endpoint->Datagrams))
    return Receive->AtOnce ? STATUS_DEVICE_NOT_READY
                           : Keep(&Endpoint->Receives, Number, Receive, NULL, 0);
  datagram = CONTAINING_RECORD(Endpoint->Datagrams.Flink, DATAGRAM, Link);
  status = Copy(Receive, datagram, &bytes);
  *Bytes = bytes;
  if (!Receive->Peek) {
    ListRemove(&datagram->Link);
    Free(datagram);
  }
  /* There is more to be told of. */
  if (!ListIsEmpty(&Endpoint->Datagrams)) Record(Endpoint, FD_READ);
  return status;
}

static NTSTATUS Poll(ENDPOINT *Endpoint, ULONGLONG Number, const DWORD *Ids, DWORD Count) {
  KEPT poll;
  PLIST_ENTRY link;
  ZeroMemory(&poll, sizeof(poll));
  poll.Ids = (DWORD *)Ids;
  poll.IdCount = Count;
  for (link = gEndpoints.Flink; link != &gEndpoints; link = link->Flink) {
    ENDPOINT *endpoint = CONTAINING_RECORD(link, ENDPOINT, Link);
    if (IsPolled(&poll, endpoint->State.Id) && IsReadable(endpoint)) return STATUS_SUCCESS;
  }
  return Keep(&Endpoint->Polls, Number, NULL, Ids, Count);
}

static NTSTATUS Set(DGRAM_STATE *State, const DGRAM_SETTING *Setting) {
  switch (Setting->Which) {
    case SET_SYNCHRONOUS:
      State->Synchronous = Setting->Value;
      return STATUS_SUCCESS;
    case SET_NON_BLOCKING:
      State->NonBlocking = Setting->Value;
      return STATUS_SUCCESS;
    case SET_SEND_SHUT:
      State->SendShut = Setting->Value;
      return STATUS_SUCCESS;
    case SET_NO_REPORTS:
      State->NoReports = Setting->Value;
      return STATUS_SUCCESS;
    case SET_RECEIVE_TIMEOUT:
      State->ReceiveTimeout = Setting->Value;
      return STATUS_SUCCESS;
  }
  return STATUS_INVALID_PARAMETER;
}

/* What already holds is recorded at once. */
static VOID Select(ENDPOINT *Endpoint, const DGRAM_EVENTS *Events) {
  Endpoint->Events = *Events;
  Endpoint->Recorded = 0;
  Endpoint->State.HasEvents = Events->Mask != 0;
  if (Events->Mask != 0) Endpoint->State.NonBlocking = TRUE;
  if (IsReadable(Endpoint)) Record(Endpoint, FD_READ);
  if (Endpoint->State.Name.sin_family != 0) Record(Endpoint, FD_WRITE);
}

static NTSTATUS Query(ENDPOINT *Endpoint, DGRAM_STATE *State) {
  *State = Endpoint->State;
  State->Readable = IsReadable(Endpoint);
  if (!ListIsEmpty(&Endpoint->Datagrams))
    State->Available = CONTAINING_RECORD(Endpoint->Datagrams.Flink, DATAGRAM, Link)->Length;
  return STATUS_SUCCESS;
}

/* Whether a request has so much input and room as its code needs. */
static BOOL Fits(const WS2SPI_DEVICE_REQUEST *Request, SIZE_T Input, SIZE_T Output) {
  return Request->InputSize >= Input && Request->OutputSize >= Output;
}

#define IN_OF(type)  ((const type *)Request->Input)
#define OUT_OF(type) ((type *)Request->Output)

static NTSTATUS ServeLocked(ENDPOINT *Endpoint, const WS2SPI_DEVICE_REQUEST *Request,
                            ULONG_PTR *Bytes, PLIST_ENTRY Ended) {
  BOOL had = Endpoint->State.Name.sin_family != 0;
  NTSTATUS status = STATUS_INVALID_PARAMETER;
  switch (Request->Code) {
    case IOCTL_DGRAM_OPEN:
      if (!Fits(Request, sizeof(WSAPROTOCOL_INFOW), 0)) break;
      Endpoint->State.Entry = *IN_OF(WSAPROTOCOL_INFOW);
      return STATUS_SUCCESS;
    case IOCTL_DGRAM_QUERY:
      if (!Fits(Request, 0, sizeof(DGRAM_STATE))) break;
      *Bytes = sizeof(DGRAM_STATE);
      return Query(Endpoint, OUT_OF(DGRAM_STATE));
    case IOCTL_DGRAM_SET:
      if (!Fits(Request, sizeof(DGRAM_SETTING), 0)) break;
      return Set(&Endpoint->State, IN_OF(DGRAM_SETTING));
    case IOCTL_DGRAM_BIND:
      if (Fits(Request, sizeof(SOCKADDR_IN), 0)) status = Bind(Endpoint, IN_OF(SOCKADDR_IN));
      break;
    case IOCTL_DGRAM_CONNECT:
      if (Fits(Request, sizeof(SOCKADDR_IN), 0)) status = Connect(Endpoint, IN_OF(SOCKADDR_IN));
      break;
    case IOCTL_DGRAM_SEND:
      if (Fits(Request, FIELD_OFFSET(DGRAM_SEND, Data), 0))
        status = Send(Endpoint, IN_OF(DGRAM_SEND), Bytes, Ended);
      break;
    case IOCTL_DGRAM_RECEIVE:
      if (!Fits(Request, sizeof(DGRAM_RECEIVE), 0)) break;
      return Receive(Endpoint, Request->Number, IN_OF(DGRAM_RECEIVE), Bytes);
    case IOCTL_DGRAM_POLL:
      return Poll(Endpoint, Request->Number, IN_OF(DWORD), Request->InputSize / sizeof(DWORD));
    case IOCTL_DGRAM_EVENTS:
      if (!Fits(Request, sizeof(DGRAM_EVENTS), 0)) break;
      Select(Endpoint, IN_OF(DGRAM_EVENTS));
      return STATUS_SUCCESS;
    case IOCTL_DGRAM_RECORD:
      if (!Fits(Request, 0, sizeof(LONG))) break;
      *OUT_OF(LONG) = Endpoint->Recorded;
      Endpoint->Recorded = 0;
      *Bytes = sizeof(LONG);
      return STATUS_SUCCESS;
    default:
      return STATUS_INVALID_DEVICE_REQUEST;
  }
  /* What has got its name can send. */
  if (!had && Endpoint->State.Name.sin_family != 0) Record(Endpoint, FD_WRITE);
  return status;
}

static NTSTATUS DriverOpen(LPVOID Context, const WS2SPI_DEVICE_OPENING *Opening, LPVOID *File) {
  ENDPOINT *endpoint;
  UNREFERENCED_PARAMETER(Context);
  if (Opening->Path[0] != 0) return STATUS_OBJECT_NAME_NOT_FOUND;
  endpoint = (ENDPOINT *)Alloc(sizeof(*endpoint));
  if (endpoint == NULL) return STATUS_INSUFFICIENT_RESOURCES;
  ListInit(&endpoint->Datagrams);
  ListInit(&endpoint->Receives);
  ListInit(&endpoint->Polls);
  EnterCriticalSection(&gLock);
  endpoint->State.Id = ++gLastId;
  ListAdd(&gEndpoints, &endpoint->Link);
  LeaveCriticalSection(&gLock);
  *File = endpoint;
  return STATUS_SUCCESS;
}

/* ReadFile: a receive into one buffer. */
static NTSTATUS Read(ENDPOINT *Endpoint, const WS2SPI_DEVICE_REQUEST *Request, ULONG_PTR *Bytes) {
  DGRAM_RECEIVE receive;
  WSABUF buffer;
  buffer.buf = (char *)Request->Output;
  buffer.len = Request->OutputSize;
  ZeroMemory(&receive, sizeof(receive));
  receive.Buffers = &buffer;
  receive.Count = 1;
  return Receive(Endpoint, Request->Number, &receive, Bytes);
}

/* WriteFile: a send to the peer. */
static NTSTATUS Write(ENDPOINT *Endpoint, const WS2SPI_DEVICE_REQUEST *Request, ULONG_PTR *Bytes,
                      PLIST_ENTRY Ended) {
  NTSTATUS status;
  DGRAM_SEND *send = (DGRAM_SEND *)Alloc(sizeof(*send) + Request->InputSize);
  if (send == NULL) return STATUS_INSUFFICIENT_RESOURCES;
  send->Length = Request->InputSize;
  CopyMemory(send->Data, Request->Input, Request->InputSize);
  status = Send(Endpoint, send, Bytes, Ended);
  Free(send);
  return status;
}

static NTSTATUS DriverServe(LPVOID File, const WS2SPI_DEVICE_REQUEST *Request, ULONG_PTR *Bytes) {
  LIST_ENTRY ended;
  NTSTATUS status;
  ListInit(&ended);
  EnterCriticalSection(&gLock);
  switch (Request->Operation) {
    case WS2SPI_DEVICE_READ:
      status = Read((ENDPOINT *)File, Request, Bytes);
      break;
    case WS2SPI_DEVICE_WRITE:
      status = Write((ENDPOINT *)File, Request, Bytes, &ended);
      break;
    default:
      status = ServeLocked((ENDPOINT *)File, Request, Bytes, &ended);
  }
  LeaveCriticalSection(&gLock);
  CompleteAll(&ended);
  return status;
}

static VOID CancelIn(PLIST_ENTRY List, ULONGLONG Number, BOOL All, PLIST_ENTRY Ended) {
  PLIST_ENTRY link = List->Flink;
  while (link != List) {
    KEPT *kept = CONTAINING_RECORD(link, KEPT, Link);
    link = link->Flink;
    if (All || kept->Number == Number) End(kept, STATUS_CANCELLED, 0, Ended);
  }
}

static VOID CancelOf(ENDPOINT *Endpoint, ULONGLONG Number, BOOL All) {
  LIST_ENTRY ended;
  ListInit(&ended);
  EnterCriticalSection(&gLock);
  CancelIn(&Endpoint->Receives, Number, All, &ended);
  CancelIn(&Endpoint->Polls, Number, All, &ended);
  LeaveCriticalSection(&gLock);
  CompleteAll(&ended);
}

static VOID DriverCancel(LPVOID File, ULONGLONG Number) {
  CancelOf((ENDPOINT *)File, Number, FALSE);
}

/* The last handle is closed: nobody finds the endpoint any more. */
static VOID DriverCleanup(LPVOID File) {
  ENDPOINT *endpoint = (ENDPOINT *)File;
  LIST_ENTRY ended;
  ListInit(&ended);
  EnterCriticalSection(&gLock);
  ZeroMemory(&endpoint->State.Name, sizeof(endpoint->State.Name));
  endpoint->Events.Mask = 0;
  EndPolls(endpoint, &ended);
  LeaveCriticalSection(&gLock);
  CompleteAll(&ended);
  CancelOf(endpoint, 0, TRUE);
}

static VOID DriverClose(LPVOID File) {
  ENDPOINT *endpoint = (ENDPOINT *)File;
  EnterCriticalSection(&gLock);
  ListRemove(&endpoint->Link);
  LeaveCriticalSection(&gLock);
  while (!ListIsEmpty(&endpoint->Datagrams))
    Free(CONTAINING_RECORD(ListRemove(endpoint->Datagrams.Flink), DATAGRAM, Link));
  Free(endpoint);
}

BOOL DriverLoad(VOID) {
  WS2SPI_DEVICE device;
  ZeroMemory(&device, sizeof(device));
  device.Size = sizeof(device);
  device.Open = DriverOpen;
  device.Serve = DriverServe;
  device.Cancel = DriverCancel;
  device.Cleanup = DriverCleanup;
  device.Close = DriverClose;
  InitializeCriticalSection(&gLock);
  return ws2spi_device_register(DGRAM_NAME, &device);
}

/* Files that are open keep the driver, and its lock with it. */
VOID DriverUnload(VOID) { ws2spi_device_unregister(DGRAM_NAME); }
