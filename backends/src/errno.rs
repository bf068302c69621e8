//! The error codes this crate uses, until `ws2spi_abi::Errno` is there to take their place.

/// A Windows Sockets error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Errno(pub i32);

macro_rules! codes {
    ($($name:ident $value:literal)*) => {
        #[allow(missing_docs, reason = "stands in for the table of ws2spi-abi")]
        impl Errno {
            $(pub const $name: Self = Self($value);)*
        }
    };
}

codes! {
    ACCES 10013 FAULT 10014 INVAL 10022 MFILE 10024 WOULDBLOCK 10035 ALREADY 10037 NOTSOCK 10038
    DESTADDRREQ 10039 MSGSIZE 10040 NOPROTOOPT 10042 PROTONOSUPPORT 10043 SOCKTNOSUPPORT 10044
    OPNOTSUPP 10045 AFNOSUPPORT 10047 ADDRINUSE 10048 ADDRNOTAVAIL 10049 NETDOWN 10050
    NETUNREACH 10051 NETRESET 10052 CONNABORTED 10053 CONNRESET 10054 NOBUFS 10055 ISCONN 10056
    NOTCONN 10057 SHUTDOWN 10058 TIMEDOUT 10060 CONNREFUSED 10061 NAMETOOLONG 10063
    HOSTDOWN 10064 HOSTUNREACH 10065
}
