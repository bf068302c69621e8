//! What differs between systems, chosen once.
//!
//! Every system supplies, under the same names:
//!
//! - `open`, `accept`: descriptors that are non-blocking and close-on-exec;
//! - `replace`: has a descriptor stand for the socket of another;
//! - `set_defaults`: what a fresh socket of the system needs to behave as `Net::socket` says;
//! - `DONT_WAIT`: the flag of a transfer that returns at once on a blocking descriptor, or 0 where it
//!   does not reach both directions; then no descriptor is ever made blocking;
//! - `SEND_FLAGS`: flags of every send; `ACCEPT_AGAIN`: errors of accept that mean "the next one";
//! - `numbers`: level and name of each option, `also`: of another that goes with it; `to_system`,
//!   `from_system`: its value; `IP_OPTIONS`, `IPV6_JOIN`, `IPV6_LEAVE`: names of odd ones;
//! - `send_file`: sends from a file to a stream without a copy in this process;
//! - `take_report`: the ICMP reports of a datagram socket;
//! - `available`, `unsent`, `at_mark`, `urgent_is_waiting`: the state of a stream;
//! - `statistics`: what was counted of a TCP connection;
//! - `disconnect`: a datagram socket without its peer; `peer_process`: of an AF_UNIX connection;
//! - `push_ipv4_packet`, `push_ipv4_time_to_live`, `push_ipv4_type_of_service`, `read_ipv4_message`:
//!   control messages of IPv4;
//! - `set_length`, `length_of`: the length byte of a `sockaddr`;
//! - `open_changes`: a socket that tells of changes of the host's addresses and routes;
//! - `broadcast_of`, `interface_address`: fields of getifaddrs;
//! - `meeting_place`: the AF_UNIX name where a process fetches the socket of a token, and
//!   `leave_meeting_place`; `peer_user`: the user at the other end of an AF_UNIX connection;
//!   `watch_process`: a descriptor that is readable when a process has ended, if the system has such;
//!   `RECEIVE_DESCRIPTORS`: flags of a receive of descriptors; `silence_pipe`: no signal of a broken
//!   connection, where `SEND_FLAGS` cannot say so;
//! - `POLL_READ_CLOSED`: the event of a peer that sends no more, or 0;
//! - `POLLER_PRIORITY`: what mio is asked for in order to hear of urgent data; `PRIORITY_IS_TOLD`:
//!   whether its events then say so;
//! - `Alarm`: a descriptor that one thread makes readable for another.
//!
//! `--cfg ws2spi_force_poll` takes the portable choice where a system has a faster one of its own;
//! `--cfg mio_unsupported_force_poll_poll` makes mio's choice poll(2), which [`EDGES_REPEAT`] tells.

use cfg_if::cfg_if;

cfg_if! {
    if #[cfg(target_os = "linux")] {
        mod linux;
        mod linux_options;
        mod linux_send_file;
        mod linux_statistics;
        pub(super) use linux::*;
        pub(super) use linux_options::*;
        pub(super) use linux_send_file::*;
        pub(super) use linux_statistics::*;
    } else if #[cfg(target_os = "macos")] {
        mod bsd;
        mod macos;
        mod macos_statistics;
        pub(super) use bsd::*;
        pub(super) use macos::*;
        pub(super) use macos_statistics::*;
    } else if #[cfg(target_os = "freebsd")] {
        mod bsd;
        mod freebsd;
        pub(super) use bsd::*;
        pub(super) use freebsd::*;
    } else {
        compile_error!("this system has no file in backends/src/os/sys");
    }
}

cfg_if! {
    if #[cfg(all(target_os = "linux", not(ws2spi_force_poll)))] {
        mod alarm_eventfd;
        pub(super) use alarm_eventfd::Alarm;
    } else {
        mod alarm_pipe;
        pub(super) use alarm_pipe::Alarm;
    }
}

/// Whether mio tells a condition each time it comes true; otherwise once each time it is asked.
pub(super) const EDGES_REPEAT: bool = !cfg!(mio_unsupported_force_poll_poll);
