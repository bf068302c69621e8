//! The assertions of the references as tests, one file per noun. Mounted once per configuration.

mod bind;
mod connect;
mod create;
mod datagram_peer;
mod dual_stack;
mod duplicate;
mod file_handles;
mod host_ioctls;
mod ioctls;
mod linger;
mod listen;
mod names;
mod option_lengths;
mod poll;
mod protocol_options;
mod receive_stream;
mod select;
mod send_datagram;
mod send_stream;
mod sharing;
mod shutdown;
mod socket_options;
mod stream;
mod transmit_file;
