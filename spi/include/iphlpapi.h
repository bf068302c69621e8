/*
 * The addresses of the host (Microsoft's iphlpapi.h, with the table of ipmib.h that it fills). Of
 * its functions there are these two; what GetAdaptersAddresses tells, its declaration says.
 */
#ifndef __IPHLPAPI_H__
#define __IPHLPAPI_H__

#include "winsock2.h"
#include "iptypes.h"

#define MIB_IPADDR_PRIMARY      0x0001
#define MIB_IPADDR_DYNAMIC      0x0004
#define MIB_IPADDR_DISCONNECTED 0x0008
#define MIB_IPADDR_DELETED      0x0040
#define MIB_IPADDR_TRANSIENT    0x0080

typedef struct _MIB_IPADDRROW {
  DWORD dwAddr;
  IF_INDEX dwIndex;
  DWORD dwMask;
  DWORD dwBCastAddr;
  DWORD dwReasmSize;
  USHORT unused1;
  USHORT wType;
} MIB_IPADDRROW, *PMIB_IPADDRROW;

typedef struct _MIB_IPADDRTABLE {
  DWORD dwNumEntries;
  MIB_IPADDRROW table[1];
} MIB_IPADDRTABLE, *PMIB_IPADDRTABLE;

WS2SPI_BEGIN_DECLS

/*
 * Names, numbers, kinds and states of the interfaces and their unicast addresses with the lengths
 * of their prefixes. What else there is to know the system does not tell in one way everywhere:
 * hardware addresses are of length 0, speeds, metrics and MTU are 0, all other lists are empty.
 */
ULONG WINAPI GetAdaptersAddresses(ULONG Family, ULONG Flags, PVOID Reserved,
                                  PIP_ADAPTER_ADDRESSES AdapterAddresses, PULONG SizePointer);
DWORD WINAPI GetIpAddrTable(PMIB_IPADDRTABLE pIpAddrTable, PULONG pdwSize, BOOL bOrder);

WS2SPI_END_DECLS

#endif
