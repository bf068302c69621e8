/*
 * Adapters and their addresses (Microsoft's iptypes.h, with what it takes from nldef.h, ifdef.h and
 * ipifcons.h): what GetAdaptersAddresses of iphlpapi.h stores, as it is since Windows Vista. Lists
 * that are always empty here have their types, but for those of Windows XP. Left out: the
 * structures of GetAdaptersInfo, GetPerAdapterInfo and GetNetworkParams.
 */
#ifndef _IPTYPES_
#define _IPTYPES_

#include "ws2def.h"
#include "guiddef.h"

#define MAX_ADAPTER_ADDRESS_LENGTH   8
#define MAX_DHCPV6_DUID_LENGTH       130
#define MAX_DNS_SUFFIX_STRING_LENGTH 256

#define IF_TYPE_OTHER             1
#define IF_TYPE_ETHERNET_CSMACD   6
#define IF_TYPE_PPP               23
#define IF_TYPE_SOFTWARE_LOOPBACK 24
#define IF_TYPE_IEEE80211         71
#define IF_TYPE_TUNNEL            131

#define GAA_FLAG_SKIP_UNICAST                0x0001
#define GAA_FLAG_SKIP_ANYCAST                0x0002
#define GAA_FLAG_SKIP_MULTICAST              0x0004
#define GAA_FLAG_SKIP_DNS_SERVER             0x0008
#define GAA_FLAG_INCLUDE_PREFIX              0x0010
#define GAA_FLAG_SKIP_FRIENDLY_NAME          0x0020
#define GAA_FLAG_INCLUDE_WINS_INFO           0x0040
#define GAA_FLAG_INCLUDE_GATEWAYS            0x0080
#define GAA_FLAG_INCLUDE_ALL_INTERFACES      0x0100
#define GAA_FLAG_INCLUDE_ALL_COMPARTMENTS    0x0200
#define GAA_FLAG_INCLUDE_TUNNEL_BINDINGORDER 0x0400

#define IP_ADAPTER_DDNS_ENABLED         0x0001
#define IP_ADAPTER_DHCP_ENABLED         0x0004
#define IP_ADAPTER_RECEIVE_ONLY         0x0008
#define IP_ADAPTER_NO_MULTICAST         0x0010
#define IP_ADAPTER_IPV4_ENABLED         0x0080
#define IP_ADAPTER_IPV6_ENABLED         0x0100
#define IP_ADAPTER_ADDRESS_DNS_ELIGIBLE 0x01
#define IP_ADAPTER_ADDRESS_TRANSIENT    0x02

typedef ULONG IF_INDEX;
typedef ULONG NET_IF_COMPARTMENT_ID;
typedef GUID NET_IF_NETWORK_GUID;
typedef ULONG IFTYPE;

typedef enum {
  IfOperStatusUp = 1,
  IfOperStatusDown,
  IfOperStatusTesting,
  IfOperStatusUnknown,
  IfOperStatusDormant,
  IfOperStatusNotPresent,
  IfOperStatusLowerLayerDown
} IF_OPER_STATUS;

typedef enum _NET_IF_CONNECTION_TYPE {
  NET_IF_CONNECTION_DEDICATED = 1,
  NET_IF_CONNECTION_PASSIVE = 2,
  NET_IF_CONNECTION_DEMAND = 3,
  NET_IF_CONNECTION_MAXIMUM = 4
} NET_IF_CONNECTION_TYPE;

typedef enum {
  TUNNEL_TYPE_NONE = 0,
  TUNNEL_TYPE_OTHER = 1,
  TUNNEL_TYPE_DIRECT = 2,
  TUNNEL_TYPE_6TO4 = 11,
  TUNNEL_TYPE_ISATAP = 13,
  TUNNEL_TYPE_TEREDO = 14,
  TUNNEL_TYPE_IPHTTPS = 15
} TUNNEL_TYPE;

typedef union _NET_LUID {
  ULONG64 Value;
  struct {
    ULONG64 Reserved : 24;
    ULONG64 NetLuidIndex : 24;
    ULONG64 IfType : 16;
  } Info;
} NET_LUID, *PNET_LUID, IF_LUID, *PIF_LUID;

typedef enum {
  IpPrefixOriginOther = 0,
  IpPrefixOriginManual,
  IpPrefixOriginWellKnown,
  IpPrefixOriginDhcp,
  IpPrefixOriginRouterAdvertisement,
  IpPrefixOriginUnchanged = 16
} NL_PREFIX_ORIGIN,
    IP_PREFIX_ORIGIN;

typedef enum {
  IpSuffixOriginOther = 0,
  IpSuffixOriginManual,
  IpSuffixOriginWellKnown,
  IpSuffixOriginDhcp,
  IpSuffixOriginLinkLayerAddress,
  IpSuffixOriginRandom,
  IpSuffixOriginUnchanged = 16
} NL_SUFFIX_ORIGIN,
    IP_SUFFIX_ORIGIN;

typedef enum {
  IpDadStateInvalid = 0,
  IpDadStateTentative,
  IpDadStateDuplicate,
  IpDadStateDeprecated,
  IpDadStatePreferred
} NL_DAD_STATE,
    IP_DAD_STATE;

typedef struct _IP_ADAPTER_UNICAST_ADDRESS_LH {
  __extension__ union {
    ULONGLONG Alignment;
    __extension__ struct {
      ULONG Length;
      DWORD Flags;
    };
  };
  struct _IP_ADAPTER_UNICAST_ADDRESS_LH *Next;
  SOCKET_ADDRESS Address;
  IP_PREFIX_ORIGIN PrefixOrigin;
  IP_SUFFIX_ORIGIN SuffixOrigin;
  IP_DAD_STATE DadState;
  ULONG ValidLifetime;
  ULONG PreferredLifetime;
  ULONG LeaseLifetime;
  UINT8 OnLinkPrefixLength;
} IP_ADAPTER_UNICAST_ADDRESS_LH, *PIP_ADAPTER_UNICAST_ADDRESS_LH, IP_ADAPTER_UNICAST_ADDRESS,
    *PIP_ADAPTER_UNICAST_ADDRESS;

#define WS2SPI_ADDRESS_LIST_(tag, second)                                                          \
  typedef struct _##tag {                                                                          \
    __extension__ union {                                                                          \
      ULONGLONG Alignment;                                                                         \
      __extension__ struct {                                                                       \
        ULONG Length;                                                                              \
        DWORD second;                                                                              \
      };                                                                                           \
    };                                                                                             \
    struct _##tag *Next;                                                                           \
    SOCKET_ADDRESS Address;                                                                        \
  } tag, *P##tag

WS2SPI_ADDRESS_LIST_(IP_ADAPTER_ANYCAST_ADDRESS, Flags);
WS2SPI_ADDRESS_LIST_(IP_ADAPTER_MULTICAST_ADDRESS, Flags);
WS2SPI_ADDRESS_LIST_(IP_ADAPTER_DNS_SERVER_ADDRESS, Reserved);
WS2SPI_ADDRESS_LIST_(IP_ADAPTER_WINS_SERVER_ADDRESS, Reserved);
WS2SPI_ADDRESS_LIST_(IP_ADAPTER_GATEWAY_ADDRESS, Reserved);
#undef WS2SPI_ADDRESS_LIST_

typedef struct _IP_ADAPTER_PREFIX {
  __extension__ union {
    ULONGLONG Alignment;
    __extension__ struct {
      ULONG Length;
      DWORD Flags;
    };
  };
  struct _IP_ADAPTER_PREFIX *Next;
  SOCKET_ADDRESS Address;
  ULONG PrefixLength;
} IP_ADAPTER_PREFIX, *PIP_ADAPTER_PREFIX;

typedef struct _IP_ADAPTER_DNS_SUFFIX {
  struct _IP_ADAPTER_DNS_SUFFIX *Next;
  WCHAR String[MAX_DNS_SUFFIX_STRING_LENGTH];
} IP_ADAPTER_DNS_SUFFIX, *PIP_ADAPTER_DNS_SUFFIX;

typedef struct _IP_ADAPTER_ADDRESSES_LH {
  __extension__ union {
    ULONGLONG Alignment;
    __extension__ struct {
      ULONG Length;
      IF_INDEX IfIndex;
    };
  };
  struct _IP_ADAPTER_ADDRESSES_LH *Next;
  PCHAR AdapterName;
  PIP_ADAPTER_UNICAST_ADDRESS FirstUnicastAddress;
  PIP_ADAPTER_ANYCAST_ADDRESS FirstAnycastAddress;
  PIP_ADAPTER_MULTICAST_ADDRESS FirstMulticastAddress;
  PIP_ADAPTER_DNS_SERVER_ADDRESS FirstDnsServerAddress;
  PWCHAR DnsSuffix;
  PWCHAR Description;
  PWCHAR FriendlyName;
  BYTE PhysicalAddress[MAX_ADAPTER_ADDRESS_LENGTH];
  ULONG PhysicalAddressLength;
  ULONG Flags;
  ULONG Mtu;
  IFTYPE IfType;
  IF_OPER_STATUS OperStatus;
  IF_INDEX Ipv6IfIndex;
  ULONG ZoneIndices[16];
  PIP_ADAPTER_PREFIX FirstPrefix;
  ULONG64 TransmitLinkSpeed;
  ULONG64 ReceiveLinkSpeed;
  PIP_ADAPTER_WINS_SERVER_ADDRESS FirstWinsServerAddress;
  PIP_ADAPTER_GATEWAY_ADDRESS FirstGatewayAddress;
  ULONG Ipv4Metric;
  ULONG Ipv6Metric;
  IF_LUID Luid;
  SOCKET_ADDRESS Dhcpv4Server;
  NET_IF_COMPARTMENT_ID CompartmentId;
  NET_IF_NETWORK_GUID NetworkGuid;
  NET_IF_CONNECTION_TYPE ConnectionType;
  TUNNEL_TYPE TunnelType;
  SOCKET_ADDRESS Dhcpv6Server;
  BYTE Dhcpv6ClientDuid[MAX_DHCPV6_DUID_LENGTH];
  ULONG Dhcpv6ClientDuidLength;
  ULONG Dhcpv6Iaid;
  PIP_ADAPTER_DNS_SUFFIX FirstDnsSuffix;
} IP_ADAPTER_ADDRESSES_LH, *PIP_ADAPTER_ADDRESSES_LH, IP_ADAPTER_ADDRESSES, *PIP_ADAPTER_ADDRESSES;

#endif
