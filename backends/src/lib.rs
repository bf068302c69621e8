//! The base provider: TCP, UDP, RAW and AF_UNIX over the sockets of the system.
