//! The network of the system: [`crate::net`] over the sockets of Linux, macOS and FreeBSD.
//!
//! [`System`] is the [`Net`]; a file per noun does the work: `socket` makes sockets and drives
//! them, `transfer` moves data, `control` what travels beside it, `report` ICMP errors,
//! `option` and `membership` translate options, `address` names, `errno` codes, `wait` and
//! `waker` block and wake threads, `poller` watches many sockets, `interface` asks about the host,
//! `handover` and `meeting` give sockets to other processes.
//! What differs between systems is in `sys`, and nowhere else is a system named.
//!
//! Every descriptor is non-blocking and close-on-exec from its first moment. What blocks is poll(2) in
//! `wait`, mio's wait in `poller`, and where a system allows it a transfer for a moment (`patience`).
//! This is where the crate's unsafe code lives.

mod address;
mod control;
mod errno;
mod handover;
mod interface;
mod meeting;
mod membership;
mod option;
mod patience;
mod poller;
mod report;
mod socket;
mod sys;
#[cfg(test)]
mod tests;
mod transfer;
mod wait;
mod waker;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_kernel::clock::Clock;
use ws2spi_kernel::clock::SystemClock;
use ws2spi_kernel::thread::Wake;

use crate::net::Endpoint;
use crate::net::Family;
use crate::net::Interface;
use crate::net::Kind;
use crate::net::Net;
use crate::net::NetSocket;
use crate::net::Poller;
use crate::net::Watch;
use crate::net::Woken;

/// The network this process is on. It has no state: all values are the same network.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Net for System {
    fn socket(
        &self,
        family: Family,
        kind: Kind,
        protocol: i32,
    ) -> Result<Arc<dyn NetSocket>, Errno> {
        Ok(Arc::new(socket::Socket::new(family, kind, protocol)?))
    }

    fn wait(&self, watch: &mut [Watch<'_>], deadline: Option<Duration>) -> Result<Woken, Errno> {
        wait::wait(watch, deadline)
    }

    fn waker(&self) -> Result<Arc<dyn Wake>, Errno> {
        waker::ThreadWaker::with(|waker| Ok(Arc::clone(waker) as Arc<dyn Wake>))
    }

    fn poller(&self) -> Result<Box<dyn Poller>, Errno> {
        Ok(Box::new(poller::Poller::new()?))
    }

    fn now(&self) -> Duration {
        SystemClock.now()
    }

    fn interfaces(&self) -> Result<Vec<Interface>, Errno> {
        interface::interfaces()
    }

    fn route(&self, to: &Endpoint) -> Result<Endpoint, Errno> {
        interface::route(to)
    }

    fn host_changes(&self) -> Result<Arc<dyn NetSocket>, Errno> {
        let descriptor = sys::open_changes()?;
        // Nothing of a family's own is asked of it.
        let socket = socket::Socket::of(descriptor, Family::Unix, Kind::Stream);
        Ok(Arc::new(socket))
    }

    fn reaches(&self, process: u32) -> bool {
        handover::reaches(process)
    }

    fn fetch(&self, token: NonZeroU32) -> Result<(Arc<dyn NetSocket>, Vec<u8>), Errno> {
        let fetched = handover::fetch(token)?;
        let socket = socket::Socket::of(fetched.descriptor, fetched.family, fetched.kind);
        Ok((Arc::new(socket), fetched.note))
    }
}
