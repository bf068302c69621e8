//! Flags of name resolution.

use super::constants;
use super::errors::*;

constants! {
    i32 {
        AI_PASSIVE = 1, "getaddrinfo: addresses to bind.";
        AI_CANONNAME = 2, "getaddrinfo: the canonical name as well.";
        AI_NUMERICHOST = 4, "getaddrinfo: the name is an address.";
        AI_NUMERICSERV = 8, "getaddrinfo: the service is a port.";
        AI_DNS_ONLY = 0x10, "getaddrinfo: DNS only.";
        AI_ALL = 0x100, "getaddrinfo: IPv6 and mapped IPv4.";
        AI_ADDRCONFIG = 0x400, "getaddrinfo: only families this host has.";
        AI_V4MAPPED = 0x800, "getaddrinfo: mapped IPv4 when there is no IPv6.";
        AI_NON_AUTHORITATIVE = 0x4000, "getaddrinfo: answers without authority are allowed.";
        AI_SECURE = 0x8000, "getaddrinfo: secure answers only.";
        AI_RETURN_PREFERRED_NAMES = 0x1_0000, "getaddrinfo: names for publishing.";
        AI_FQDN = 0x2_0000, "getaddrinfo: the fully qualified name.";
        AI_FILESERVER = 0x4_0000, "getaddrinfo: the name is a file server.";
        AI_DISABLE_IDN_ENCODING = 0x8_0000, "getaddrinfo: leave the name as it is.";

        NI_NOFQDN = 1, "getnameinfo: host part only.";
        NI_NUMERICHOST = 2, "getnameinfo: the address as text.";
        NI_NAMEREQD = 4, "getnameinfo: fail when there is no name.";
        NI_NUMERICSERV = 8, "getnameinfo: the port as text.";
        NI_DGRAM = 0x10, "getnameinfo: the service of UDP.";

        EAI_AGAIN = WSATRY_AGAIN, "getaddrinfo: failed for now.";
        EAI_BADFLAGS = WSAEINVAL, "getaddrinfo: bad flags.";
        EAI_FAIL = WSANO_RECOVERY, "getaddrinfo: failed for good.";
        EAI_FAMILY = WSAEAFNOSUPPORT, "getaddrinfo: unknown family.";
        EAI_MEMORY = WSA_NOT_ENOUGH_MEMORY, "getaddrinfo: out of memory.";
        EAI_NONAME = WSAHOST_NOT_FOUND, "getaddrinfo: unknown name.";
        EAI_SERVICE = WSATYPE_NOT_FOUND, "getaddrinfo: unknown service.";
        EAI_SOCKTYPE = WSAESOCKTNOSUPPORT, "getaddrinfo: unknown socket type.";
    }
    usize {
        NI_MAXHOST = 1025, "Room for the longest host name.";
        NI_MAXSERV = 32, "Room for the longest service name.";
    }
}
