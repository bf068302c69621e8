//! The assertions of the references as tests, one file per noun. Mounted once per configuration.

mod host_ioctls;
mod ioctls;
mod option_lengths;
mod protocol_options;
mod socket_options;
mod stream;
