//! The assertions of the references as cases, one file per noun.

use crate::case::Case;

mod accept;
mod accept_events;
mod accept_ex;
mod address_sort;
mod address_text;
mod bind;
mod catalog;
mod changes;
mod close_events;
mod connect;
mod connect_events;
mod connect_ex;
mod create;
mod data_events;
mod datagram_peer;
mod dual_stack;
mod duplicate;
mod duplicate_process;
mod event_registrations;
mod file_handles;
mod hooks;
mod host_ioctls;
mod ioctls;
mod linger;
mod listen;
mod names;
mod option_lengths;
mod overlapped_ioctls;
mod overlapped_messages;
mod overlapped_ports;
mod overlapped_receive;
mod overlapped_send;
mod overlapped_transmit_file;
mod poll;
mod protocol_options;
mod raw;
mod receive_datagram;
mod receive_message;
mod receive_stream;
mod select;
mod send_datagram;
mod send_stream;
mod sharing;
mod shutdown;
mod socket_handles;
mod socket_options;
mod startup;
mod stream;
mod tcp_info;
mod transmit_file;
mod transmit_packets;
mod unix;
mod urgent;
mod versions;

/// All cases, by module.
pub fn all() -> impl Iterator<Item = &'static Case> {
    MODULES.iter().copied().flatten()
}

/// The case of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Case> {
    all().find(|case| case.name() == name)
}

const MODULES: &[&[Case]] = &[
    accept::CASES,
    accept_events::CASES,
    accept_ex::CASES,
    address_sort::CASES,
    address_text::CASES,
    bind::CASES,
    catalog::CASES,
    changes::CASES,
    close_events::CASES,
    connect::CASES,
    connect_events::CASES,
    connect_ex::CASES,
    create::CASES,
    data_events::CASES,
    datagram_peer::CASES,
    dual_stack::CASES,
    duplicate::CASES,
    duplicate_process::CASES,
    event_registrations::CASES,
    file_handles::CASES,
    hooks::CASES,
    host_ioctls::CASES,
    ioctls::CASES,
    linger::CASES,
    listen::CASES,
    names::CASES,
    option_lengths::CASES,
    overlapped_ioctls::CASES,
    overlapped_messages::CASES,
    overlapped_ports::CASES,
    overlapped_receive::CASES,
    overlapped_send::CASES,
    overlapped_transmit_file::CASES,
    poll::CASES,
    protocol_options::CASES,
    raw::CASES,
    receive_datagram::CASES,
    receive_message::CASES,
    receive_stream::CASES,
    select::CASES,
    send_datagram::CASES,
    send_stream::CASES,
    sharing::CASES,
    shutdown::CASES,
    socket_handles::CASES,
    socket_options::CASES,
    startup::CASES,
    stream::CASES,
    tcp_info::CASES,
    transmit_file::CASES,
    transmit_packets::CASES,
    unix::CASES,
    urgent::CASES,
    versions::CASES,
];
