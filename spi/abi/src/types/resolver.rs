//! Results of name resolution: ADDRINFO, and the entries of the 1.1 database functions.
//!
//! Lists from getaddrinfo belong to the caller until it frees them with freeaddrinfo; the older
//! entries belong to the client DLL and last until the thread's next call.

use super::PSTR;
use super::PWSTR;
use super::SOCKADDR;
use super::plain::plain_structs;

plain_structs! {
    /// Hint and result of getaddrinfo, strings in bytes. 48 bytes.
    /// Microsoft: ws2def.h, ADDRINFOA structure.
    #[doc(alias = "addrinfo")]
    pub struct ADDRINFOA {
        /// `AI_*` flags.
        pub ai_flags: i32,
        /// Address family: `AF_*`.
        pub ai_family: i32,
        /// Socket type: `SOCK_*`.
        pub ai_socktype: i32,
        /// Protocol: `IPPROTO_*`.
        pub ai_protocol: i32,
        /// Size of the address in bytes.
        pub ai_addrlen: usize,
        /// Canonical name, in the first entry only.
        pub ai_canonname: PSTR,
        /// The address.
        pub ai_addr: *mut SOCKADDR,
        /// Next entry, or NULL.
        pub ai_next: *mut ADDRINFOA,
    }

    /// Hint and result of GetAddrInfoW, strings in UTF-16. 48 bytes.
    /// Microsoft: ws2def.h, ADDRINFOW structure.
    pub struct ADDRINFOW {
        /// `AI_*` flags.
        pub ai_flags: i32,
        /// Address family: `AF_*`.
        pub ai_family: i32,
        /// Socket type: `SOCK_*`.
        pub ai_socktype: i32,
        /// Protocol: `IPPROTO_*`.
        pub ai_protocol: i32,
        /// Size of the address in bytes.
        pub ai_addrlen: usize,
        /// Canonical name, in the first entry only.
        pub ai_canonname: PWSTR,
        /// The address.
        pub ai_addr: *mut SOCKADDR,
        /// Next entry, or NULL.
        pub ai_next: *mut ADDRINFOW,
    }

    /// A host of gethostbyname and gethostbyaddr. 32 bytes.
    /// Microsoft: winsock2.h, hostent structure.
    #[doc(alias = "hostent")]
    pub struct HOSTENT {
        /// Official name.
        pub h_name: PSTR,
        /// Other names, the list ending with NULL.
        pub h_aliases: *mut PSTR,
        /// Address family: `AF_*`.
        pub h_addrtype: i16,
        /// Bytes per address.
        pub h_length: i16,
        /// Addresses in network order, the list ending with NULL.
        pub h_addr_list: *mut PSTR,
    }

    /// A service of getservbyname and getservbyport. 32 bytes, in the order of 64-bit Windows.
    /// Microsoft: winsock2.h, servent structure.
    #[doc(alias = "servent")]
    pub struct SERVENT {
        /// Official name.
        pub s_name: PSTR,
        /// Other names, the list ending with NULL.
        pub s_aliases: *mut PSTR,
        /// Protocol to use.
        pub s_proto: PSTR,
        /// Port in network order.
        pub s_port: i16,
    }

    /// A protocol of getprotobyname and getprotobynumber. 24 bytes.
    /// Microsoft: winsock2.h, protoent structure.
    #[doc(alias = "protoent")]
    pub struct PROTOENT {
        /// Official name.
        pub p_name: PSTR,
        /// Other names, the list ending with NULL.
        pub p_aliases: *mut PSTR,
        /// Number: `IPPROTO_*`.
        pub p_proto: i16,
    }
}
