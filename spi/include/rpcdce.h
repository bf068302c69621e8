/* The part of Microsoft's rpcdce.h about UUIDs: making them, writing and reading them. */
#ifndef __RPCDCE_H__
#define __RPCDCE_H__

#include "windef.h"
#include "guiddef.h"

#define RPC_ENTRY __stdcall

typedef LONG RPC_STATUS;
typedef unsigned char *RPC_CSTR;
#ifdef __cplusplus
typedef WCHAR *RPC_WSTR;
#else
typedef unsigned short *RPC_WSTR;
#endif
typedef GUID UUID;

#define RPC_S_OK                  0L
#define RPC_S_OUT_OF_MEMORY       14L
#define RPC_S_INVALID_ARG         87L
#define RPC_S_INVALID_STRING_UUID 1705L
#define RPC_S_UUID_NO_ADDRESS     1739L
#define RPC_S_UUID_LOCAL_ONLY     1824L

WS2SPI_BEGIN_DECLS

RPC_STATUS RPC_ENTRY UuidCreate(UUID *Uuid);
RPC_STATUS RPC_ENTRY UuidToStringA(const UUID *Uuid, RPC_CSTR *StringUuid);
RPC_STATUS RPC_ENTRY UuidToStringW(const UUID *Uuid, RPC_WSTR *StringUuid);
RPC_STATUS RPC_ENTRY UuidFromStringA(RPC_CSTR StringUuid, UUID *Uuid);
RPC_STATUS RPC_ENTRY UuidFromStringW(RPC_WSTR StringUuid, UUID *Uuid);
RPC_STATUS RPC_ENTRY RpcStringFreeA(RPC_CSTR *String);
RPC_STATUS RPC_ENTRY RpcStringFreeW(RPC_WSTR *String);

WS2SPI_END_DECLS

#ifdef UNICODE
#define UuidToString   UuidToStringW
#define UuidFromString UuidFromStringW
#define RpcStringFree  RpcStringFreeW
#else
#define UuidToString   UuidToStringA
#define UuidFromString UuidFromStringA
#define RpcStringFree  RpcStringFreeA
#endif

#endif
