//! The chains that a layer was started for, and which socket belongs to which.

use super::Lower;
use crate::provider::{StartCount, StartupRequest, Version};
use crate::upcalls::Upcalls;
use crate::*;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// What a layer keeps: a [`Lower`] per chain, and the chain of each of its sockets. Usable in a `static`.
#[derive(Default)]
pub struct Chains {
    startups: StartCount,
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    upcalls: Option<Upcalls>,
    lowers: Vec<Arc<Lower>>,
    sockets: Option<HashMap<SOCKET, Arc<Lower>>>,
}

/// What an operation's answer may mean for the chain of a socket.
pub(super) trait Answer {
    /// The socket that the operation made, if it made one.
    fn socket(&mut self) -> Option<&mut SOCKET> {
        None
    }
}

impl Answer for () {}
impl Answer for crate::provider::Transfer {}
impl Answer for SOCKET {
    fn socket(&mut self) -> Option<&mut SOCKET> {
        Some(self)
    }
}

impl Chains {
    /// No chain yet.
    #[must_use]
    pub const fn new() -> Self {
        let state = State {
            upcalls: None,
            lowers: Vec::new(),
            sockets: None,
        };
        Self {
            startups: StartCount::new(),
            state: RwLock::new(state),
        }
    }

    fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Starts the provider below for the chain in `request`, the layer's own entry having the GUID `id`. No lock is held meanwhile.
    ///
    /// # Errors
    /// As for [`Layer::startup`](super::Layer::startup).
    pub fn start(&self, id: &GUID, request: StartupRequest<'_>) -> Result<Version, Errno> {
        if request.version < Version::V2_2 {
            return Err(Errno::VERNOTSUPPORTED);
        }
        let lower = Arc::new(Lower::start(id, &request)?);
        self.startups.enter();
        self.write(|state| {
            state.upcalls = Some(request.upcalls);
            state.lowers.push(lower);
        });
        Ok(Version::V2_2)
    }

    /// One user less; the last one cleans up what is below.
    ///
    /// # Errors
    /// `WSANOTINITIALISED`.
    pub fn cleanup(&self) -> Result<(), Errno> {
        if !self.startups.leave()? {
            return Ok(());
        }
        let old = self.write(std::mem::take);
        for lower in &old.lowers {
            lower.cleanup();
        }
        Ok(())
    }

    /// The upcalls of the latest start.
    ///
    /// # Errors
    /// `WSANOTINITIALISED`.
    pub fn upcalls(&self) -> Result<Upcalls, Errno> {
        self.read(|state| state.upcalls)
            .ok_or(Errno::NOTINITIALISED)
    }

    /// All providers below, one per chain.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Lower>> {
        self.read(|state| state.lowers.clone())
    }

    /// The provider below for the chain entry `info`; without one, that of the first chain.
    ///
    /// # Errors
    /// `WSANOTINITIALISED`; `WSAEINVAL`: not a chain of this layer.
    pub fn of_info(&self, info: Option<&WSAPROTOCOL_INFOW>) -> Result<Arc<Lower>, Errno> {
        self.read(|state| {
            let first = state.lowers.first().ok_or(Errno::NOTINITIALISED)?;
            let Some(info) = info else {
                return Ok(Arc::clone(first));
            };
            let found = state.lowers.iter().find(|lower| lower.serves(info));
            found.map(Arc::clone).ok_or(Errno::INVAL)
        })
    }

    /// The provider below for a socket of this layer; a socket it does not know is asked of the first chain's provider, which
    /// answers for itself (unknown handles are probed, U159).
    ///
    /// # Errors
    /// `WSANOTINITIALISED`.
    pub fn of_socket(&self, s: SOCKET) -> Result<Arc<Lower>, Errno> {
        self.read(|state| {
            let known = state.sockets.as_ref().and_then(|sockets| sockets.get(&s));
            known
                .or(state.lowers.first())
                .map(Arc::clone)
                .ok_or(Errno::NOTINITIALISED)
        })
    }

    /// Registers a socket of the provider below as one of the layer's chain. Returns the handle to hand out.
    ///
    /// # Errors
    /// As for `WPUModifyIFSHandle`; the socket has been closed then.
    pub fn adopt(&self, s: SOCKET, lower: &Arc<Lower>) -> Result<SOCKET, Errno> {
        let registered = self
            .upcalls()
            .and_then(|upcalls| upcalls.modify_ifs_handle(lower.chain(), s));
        match registered {
            Ok(handle) => {
                self.write(|state| {
                    state
                        .sockets
                        .get_or_insert_default()
                        .insert(handle, Arc::clone(lower))
                });
                Ok(handle)
            }
            Err(error) => {
                let _ = lower.next().close_socket(s);
                Err(error)
            }
        }
    }

    /// Follows up an operation on `s`: new sockets are registered, closed ones forgotten.
    pub(super) fn after<A: Answer>(
        &self,
        s: SOCKET,
        operation: &str,
        lower: &Arc<Lower>,
        mut answer: A,
    ) -> Result<A, Errno> {
        if operation == "WSPCloseSocket" {
            self.write(|state| state.sockets.as_mut().map(|sockets| sockets.remove(&s)));
        }
        if let Some(made) = answer.socket() {
            // WSPJoinLeaf may answer with the socket itself.
            if *made != s {
                *made = self.adopt(*made, lower)?;
            }
        }
        Ok(answer)
    }
}
