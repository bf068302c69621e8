//! The names that sockets of this process have, and who may share them.
//!
//! Windows decides about sharing by the classes of both sockets (`sharing`), systems by rules of
//! their own. So the registry decides first; where it allows what the system would refuse, both
//! network sockets are told to share. It also keeps the order of listeners with the very same name:
//! Windows gives all connections to the first, a system would spread them, so the later ones do not
//! listen in the network until the earlier have gone (P54).
//!
//! A [`Claim`] is a name in use. The socket holds it; connections accepted through an exclusive
//! listener hold it too, so that the name stays in use while they live. One lock, taken while no
//! other lock but a socket's own is held; under it only system calls that do not block.
//!
//! DIFFERS: names that other processes have are judged by the system alone, which does not know
//! Windows' classes.

use std::collections::HashMap;
use std::ptr;
use std::sync::Arc;
use std::sync::Weak;

use ws2spi_abi::Errno;

use super::sharing::Class;
use super::sharing::Place;
use super::sharing::judge;
use super::socket::Socket;
use super::status::Bit;
use crate::net::Endpoint;
use crate::net::Kind;
use crate::net::NetSocket;
use crate::net::SocketOption;
use crate::sync::Mutex;

/// The claims of one process, by kind and port.
#[derive(Default)]
pub(super) struct Registry(Mutex<HashMap<Key, Vec<Weak<Claim>>>>);

type Key = (Kind, u16);

/// A name in use.
pub(super) struct Claim {
    key: Key,
    place: Place,
    class: Class,
    /// Ports are shared in the network by telling both sockets; weak, as the socket may go first.
    net: Weak<dyn NetSocket>,
    /// Who would listen here, once it asked to.
    listener: Mutex<Option<Weak<Socket>>>,
}

/// What a socket wants to be bound to.
pub(super) struct Wish<'a> {
    pub(super) kind: Kind,
    pub(super) name: &'a Endpoint,
    /// An IPv6 socket that carries IPv4 too.
    pub(super) dual: bool,
    pub(super) class: Class,
    pub(super) net: &'a Arc<dyn NetSocket>,
}

impl Registry {
    /// Binds in the network what the table of classes allows, and claims the name.
    ///
    /// # Errors
    /// `ADDRINUSE` or `ACCES` by the table, or what the network answers.
    pub(super) fn bind(&self, wish: &Wish<'_>) -> Result<(Arc<Claim>, Endpoint), Errno> {
        let mut claims = self.0.lock();
        let place = Place::of(wish.name, wish.dual);
        if wish.class == Class::Reuse {
            wish.net.set_option(SocketOption::SharePort, 1)?;
        }
        if wish.name.port() != 0 {
            let key = (wish.kind, wish.name.port());
            let others: Vec<_> = claims.get_mut(&key).into_iter().flat_map(live).collect();
            for other in &others {
                judge((other.place, other.class), (place, wish.class))?;
            }
            // Sharing is asked of the network only where somebody shares: otherwise sockets of
            // other processes could take the port unnoticed.
            if others.iter().any(|other| other.place.overlaps(&place)) {
                for other in &others {
                    if let Some(net) = other.net.upgrade() {
                        net.set_option(SocketOption::SharePort, 1)?;
                    }
                }
                wish.net.set_option(SocketOption::SharePort, 1)?;
            }
        }
        wish.net.bind(wish.name).map_err(|error| match error {
            // Another process has it; it did not allow sharing (P52).
            Errno::ADDRINUSE if wish.class == Class::Reuse => Errno::ACCES,
            other => other,
        })?;
        let name = wish.net.local_name()?;
        let claim = Arc::new(Claim {
            key: (wish.kind, name.port()),
            place,
            class: wish.class,
            net: Arc::downgrade(wish.net),
            listener: Mutex::new(None),
        });
        claims
            .entry(claim.key)
            .or_default()
            .push(Arc::downgrade(&claim));
        Ok((claim, name))
    }

    /// Makes the owner of `claim` listen in the network, unless an earlier listener has the very
    /// same name: then it is marked as standing behind it.
    ///
    /// # Errors
    /// What the network answers.
    pub(super) fn listen(
        &self,
        claim: &Arc<Claim>,
        socket: &Socket,
        backlog: i32,
    ) -> Result<(), Errno> {
        let mut claims = self.0.lock();
        let first = live(claims.entry(claim.key).or_default())
            .filter(|other| other.place.is_same(&claim.place) && other.listener.lock().is_some())
            .find(|other| !Arc::ptr_eq(other, claim));
        let already = claim.listener.lock().is_some() && !socket.status.get().has(Bit::Shadowed);
        if first.is_some() && !already {
            socket.status.set(Bit::Shadowed);
        } else {
            socket.net.listen(backlog)?;
        }
        *claim.listener.lock() = socket.arc().as_ref().map(Arc::downgrade);
        Ok(())
    }

    /// Binds the network socket of the claim's owner to `name` again, after it has started over.
    ///
    /// # Errors
    /// What the network answers.
    pub(super) fn rebind(&self, claim: &Claim, name: &Endpoint) -> Result<(), Errno> {
        let _claims = self.0.lock();
        let net = claim.net.upgrade().ok_or(Errno::NOTSOCK)?;
        match net.bind(name) {
            // Somebody shares the name, as the table allowed.
            Err(Errno::ADDRINUSE) => {
                net.set_option(SocketOption::SharePort, 1)?;
                net.bind(name)
            }
            answer => answer,
        }
    }

    /// Gives back what `socket` holds of a name. When it listened there, the next listener of the same
    /// name takes its place; a connection that was accepted there did not.
    pub(super) fn release(&self, claim: Arc<Claim>, socket: &Socket) {
        let (key, place) = (claim.key, claim.place);
        let heir = {
            let mut claims = self.0.lock();
            let listened = claim.end_listening(socket);
            drop(claim);
            let entry = claims.entry(key).or_default();
            let heir = live(entry)
                .filter(|other| listened && other.place.is_same(&place))
                .find_map(|other| other.listener.lock().as_ref().and_then(Weak::upgrade));
            if entry.is_empty() {
                claims.remove(&key);
            }
            heir
        };
        if let Some(heir) = heir {
            heir.step_forward();
        }
    }
}

impl Claim {
    /// Whether `socket` listened here; it does not any more.
    fn end_listening(&self, socket: &Socket) -> bool {
        let mut listener = self.listener.lock();
        let own = listener
            .as_ref()
            .is_some_and(|own| ptr::eq(own.as_ptr(), socket));
        if own {
            *listener = None;
        }
        own
    }

    /// Whether connections accepted under this name keep it in use (D: SO_EXCLUSIVEADDRUSE).
    pub(super) fn outlives_its_listener(&self) -> bool {
        self.class == Class::Exclusive
    }
}

/// The claims of an entry that still stand, oldest first.
fn live(entry: &mut Vec<Weak<Claim>>) -> impl Iterator<Item = Arc<Claim>> + '_ {
    entry.retain(|claim| claim.strong_count() > 0);
    entry.iter().filter_map(Weak::upgrade)
}
