//! The thread that watches the host's addresses and routes for sockets that asked to be told.
//!
//! SIO_ADDRESS_LIST_CHANGE and SIO_ROUTING_INTERFACE_CHANGE come here ([`ioctl`](super::ioctl)). Each is
//! a [`Wish`]: what was true when it was made. The network says that something may have changed, and
//! the thread compares; a wish that is fulfilled is gone. There is a thread while there are wishes.
//!
//! DIFFERS: a change that is taken back before the thread looks is none.
//!
//! The list's lock is a leaf; questions to the network under it do not block.

use std::mem;
use std::sync::Arc;
use std::sync::Weak;
use std::time::Duration;

use ws2spi_abi::Errno;
use ws2spi_kernel::thread::Wake;

use super::socket::Socket;
use super::stack::Stack;
use crate::net::Endpoint;
use crate::net::Family;
use crate::net::Interest;
use crate::net::Interface;
use crate::net::Net;
use crate::net::NetSocket;
use crate::net::RecvFlags;
use crate::net::Watch;
use crate::sync::Mutex;
use crate::sync::thread;

/// When to try again after the network could not wait.
const RELIEF: Duration = Duration::from_millis(100);

/// What somebody wants to be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The host's addresses of the socket's family.
    Addresses,
    /// The local address by which packets to there leave.
    Route(Endpoint),
}

/// The watch of one stack.
#[derive(Default)]
pub(super) struct HostWatch(Mutex<List>);

#[derive(Default)]
struct List {
    wishes: Vec<Wish>,
    /// Ends the thread's wait; `None` without a thread that waits.
    waker: Option<Arc<dyn Wake>>,
    running: bool,
}

struct Wish {
    socket: Weak<Socket>,
    change: Change,
    was: Answer,
}

/// What the network says of a [`Change`] at one time.
#[derive(PartialEq, Eq)]
enum Answer {
    Addresses(Vec<Interface>),
    Route(Option<Endpoint>),
}

impl HostWatch {
    /// Tells `socket` once when what `change` says is no longer as it is now.
    ///
    /// # Errors
    /// `MFILE`, `NOBUFS` when the host cannot be watched.
    pub(super) fn expect(&self, socket: &Socket, change: Change) -> Result<(), Errno> {
        let stack = &socket.stack;
        let mut list = self.0.lock();
        if !list.running {
            // First: what changes from here on is told.
            let news = stack.net.host_changes()?;
            let stack = stack.clone();
            thread::Builder::new()
                .name("ws2spi-host".into())
                .spawn(move || watch(&stack, &*news))
                .map_err(|_| Errno::NOBUFS)?;
            list.running = true;
        }
        let Some(me) = socket.arc() else {
            return Ok(());
        };
        let me = Arc::downgrade(&me);
        let known = |wish: &Wish| wish.change == change && wish.socket.ptr_eq(&me);
        if !list.wishes.iter().any(known) {
            let was = ask(&*stack.net, socket.make.family, change);
            list.wishes.push(Wish {
                socket: me,
                change,
                was,
            });
        }
        Ok(())
    }

    /// `socket` is being closed. The thread ends with the last wish.
    pub(super) fn forget(&self, socket: &Socket) {
        let mut list = self.0.lock();
        let before = list.wishes.len();
        let own = std::ptr::from_ref(socket);
        list.wishes
            .retain(|wish| !std::ptr::eq(wish.socket.as_ptr(), own));
        if list.wishes.len() < before
            && list.wishes.is_empty()
            && let Some(waker) = &list.waker
        {
            waker.wake();
        }
    }

    /// Takes out the wishes that are fulfilled; `None` when there are no others and the thread has
    /// resigned.
    fn look(&self, net: &dyn Net) -> Option<Vec<(Arc<Socket>, Change)>> {
        let mut list = self.0.lock();
        let mut fulfilled = Vec::new();
        for wish in mem::take(&mut list.wishes) {
            let Some(socket) = wish.socket.upgrade() else {
                continue;
            };
            if ask(net, socket.make.family, wish.change) == wish.was {
                list.wishes.push(wish);
            } else {
                fulfilled.push((socket, wish.change));
            }
        }
        if list.wishes.is_empty() && fulfilled.is_empty() {
            list.running = false;
            list.waker = None;
            return None;
        }
        Some(fulfilled)
    }
}

/// What the thread does.
fn watch(stack: &Stack, news: &dyn NetSocket) {
    let net = &*stack.net;
    // Without one it cannot be told to end before something changes.
    let waker = net.waker().ok();
    stack.host_watch.0.lock().waker = waker;
    while let Some(fulfilled) = stack.host_watch.look(net) {
        if fulfilled.is_empty() {
            let mut watched = [Watch::new(news, Interest::READ)];
            if net.wait(&mut watched, None).is_err() {
                thread::park_timeout(RELIEF);
            }
            drain(news);
            continue;
        }
        for (socket, change) in fulfilled {
            socket.host_changed(change);
        }
    }
}

/// Reads what was told: that it was is enough. What did not fit is an error that passes.
fn drain(news: &dyn NetSocket) {
    let mut room = [0; 4096];
    loop {
        let mut data = [std::io::IoSliceMut::new(&mut room)];
        match news.recv(&mut data, RecvFlags::NONE) {
            Ok(_) | Err(Errno::NOBUFS) => {}
            Err(_) => return,
        }
    }
}

fn ask(net: &dyn Net, family: Family, change: Change) -> Answer {
    match change {
        Change::Addresses => {
            // What cannot be listed has no addresses.
            let mut all = net.interfaces().unwrap_or_default();
            all.retain(|interface| match family {
                Family::Inet => interface.address.is_ipv4(),
                Family::Inet6 => interface.address.is_ipv6(),
                Family::Unix => false,
            });
            Answer::Addresses(all)
        }
        Change::Route(to) => Answer::Route(net.route(&to).ok()),
    }
}
