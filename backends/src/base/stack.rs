//! What the sockets of one provider instance share.
//!
//! [`Stack`] holds the network, the upcalls of the client DLL, the names in use, the open handles and
//! the worker. It counts starts: the last WSPCleanup resets what is open and cancels who waits.
//! [`super::provider`] owns one; each socket refers to it.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ws2spi_abi::Errno;
use ws2spi_abi::SOCKET;
use ws2spi_abi::Upcalls;
use ws2spi_abi::WSAPROTOCOL_INFOW;
use ws2spi_abi::provider::StartCount;
use ws2spi_abi::provider::StartupRequest;
use ws2spi_abi::provider::Version;
use ws2spi_kernel::handles;
use ws2spi_kernel::handles::Handle;
use ws2spi_kernel::handles::Pinned;

use super::broadcast::Broadcasts;
use super::duplicate::Tokens;
use super::host_watch::HostWatch;
use super::registry::Registry;
use super::socket::Socket;
use super::worker::Worker;
use crate::net::Net;
use crate::sync::AtomicBool;
use crate::sync::Mutex;
use crate::sync::RwLock;

/// The shared state: see the module's words.
pub(super) struct Stack {
    pub(super) net: Arc<dyn Net>,
    pub(super) registry: Registry,
    pub(super) worker: Worker,
    pub(super) host_watch: HostWatch,
    pub(super) tokens: Tokens,
    pub(super) broadcasts: Broadcasts,
    starts: StartCount,
    upcalls: RwLock<Option<Upcalls>>,
    /// Every open handle. Only creation and closing come here.
    directory: Mutex<HashSet<Handle>>,
    /// Whether a handle was minted by the client DLL (Windows CE profile): then a value that is not
    /// ours may still mean one of ours.
    minted: AtomicBool,
    /// One copy of each catalog entry that sockets were made through.
    infos: Mutex<Vec<Arc<WSAPROTOCOL_INFOW>>>,
}

impl Stack {
    /// A stack over `net`, not started.
    pub(super) fn new(net: Arc<dyn Net>) -> Self {
        Self {
            net,
            registry: Registry::default(),
            worker: Worker::default(),
            host_watch: HostWatch::default(),
            tokens: Tokens::default(),
            broadcasts: Broadcasts::default(),
            starts: StartCount::new(),
            upcalls: RwLock::new(None),
            directory: Mutex::new(HashSet::new()),
            minted: AtomicBool::new(false),
            infos: Mutex::new(Vec::new()),
        }
    }

    /// WSPStartup: one user more. The latest upcalls are the ones to use.
    ///
    /// # Errors
    /// `VERNOTSUPPORTED` for a client below 2.2 (P4).
    pub(super) fn startup(&self, request: StartupRequest<'_>) -> Result<Version, Errno> {
        if request.version < Version::V2_2 {
            return Err(Errno::VERNOTSUPPORTED);
        }
        *self.upcalls.write() = Some(request.upcalls);
        self.starts.enter();
        Ok(Version::V2_2)
    }

    /// WSPCleanup: one user less. The last one resets every open socket, makes its handles invalid
    /// and ends the calls that wait (base-provider.md 1.6).
    ///
    /// # Errors
    /// `NOTINITIALISED` when there is no user (P3).
    pub(super) fn cleanup(&self) -> Result<(), Errno> {
        if !self.starts.leave()? {
            return Ok(());
        }
        let open: Vec<_> = self.directory.lock().drain().collect();
        // All before the first is closed: whose peer goes first is not to be told of a reset.
        for socket in open.iter().copied().filter_map(socket_behind) {
            socket.cancel();
        }
        for handle in open {
            // A handle that somebody closes at this moment is as gone as we want it.
            let _ = handles::close(handle.raw());
        }
        self.tokens.clear();
        self.minted.store(false, Ordering::Release);
        Ok(())
    }

    /// The sockets that have handles.
    pub(super) fn open_sockets(&self) -> Vec<Arc<Socket>> {
        let open: Vec<_> = self.directory.lock().iter().copied().collect();
        // Several handles may be one socket's; asking it twice does no harm.
        open.into_iter().filter_map(socket_behind).collect()
    }

    /// The client DLL.
    ///
    /// # Errors
    /// `NOTINITIALISED` before the first start and after the last cleanup.
    pub(super) fn upcalls(&self) -> Result<Upcalls, Errno> {
        if !self.starts.is_started() {
            return Err(Errno::NOTINITIALISED);
        }
        (*self.upcalls.read()).ok_or(Errno::NOTINITIALISED)
    }

    /// Calls `f` with the socket that a handle means; the handle is pinned meanwhile.
    ///
    /// # Errors
    /// `NOTSOCK` for a value that is stale, foreign or no socket, then what `f` answers.
    #[inline]
    pub(super) fn with<R>(
        &self,
        s: SOCKET,
        f: impl FnOnce(&Socket) -> Result<R, Errno>,
    ) -> Result<R, Errno> {
        // Within a call of the client DLL the handle is pinned already.
        handles::with(s, |pinned| match pinned.and_then(socket_of) {
            Some(socket) => f(socket),
            None => self.with_minted(s, f),
        })
    }

    /// A handle that the client DLL minted stands for our own through its context.
    #[cold]
    fn with_minted<R>(
        &self,
        s: SOCKET,
        f: impl FnOnce(&Socket) -> Result<R, Errno>,
    ) -> Result<R, Errno> {
        let pinned = handles::pin(self.own_handle(s)?).ok_or(Errno::NOTSOCK)?;
        f(pinned.object_as::<Socket>().ok_or(Errno::NOTSOCK)?)
    }

    /// Our own handle behind the value that the application knows.
    ///
    /// # Errors
    /// `NOTSOCK` for a value that is stale, foreign or no socket.
    pub(super) fn own_handle(&self, s: SOCKET) -> Result<SOCKET, Errno> {
        if handles::pin(s).is_some_and(|pinned| socket_of(&pinned).is_some()) {
            return Ok(s);
        }
        if !self.minted.load(Ordering::Acquire) {
            return Err(Errno::NOTSOCK);
        }
        self.upcalls()?
            .query_socket_handle_context(s)
            .map_err(|_| Errno::NOTSOCK)
    }

    /// A counted reference to the socket that a handle means.
    ///
    /// # Errors
    /// `NOTSOCK` for a value that is stale, foreign or no socket.
    pub(super) fn find(&self, s: SOCKET) -> Result<Arc<Socket>, Errno> {
        self.with(s, |socket| socket.arc().ok_or(Errno::NOTSOCK))
    }

    /// Gives a socket a handle and registers it with the client DLL under the socket's catalog entry.
    /// The value to return to the application.
    ///
    /// # Errors
    /// `NOBUFS` when there are no handles, what the client DLL answers otherwise.
    pub(super) fn publish(&self, socket: &Arc<Socket>) -> Result<SOCKET, Errno> {
        let upcalls = self.upcalls()?;
        let handle = handles::insert(socket.clone())?;
        self.directory.lock().insert(handle);
        let own = handle.raw();
        self.register(upcalls, socket.make.info.dwCatalogEntryId, own)
            .inspect_err(|_| self.discard(own))
    }

    /// Registers one of our handles with the client DLL under a catalog entry.
    pub(super) fn register(
        &self,
        upcalls: Upcalls,
        entry: u32,
        own: SOCKET,
    ) -> Result<SOCKET, Errno> {
        match upcalls.modify_ifs_handle(entry, own) {
            // The Windows CE profile has no IFS handles: the client DLL mints one, whose context
            // is our handle.
            Err(Errno::OPNOTSUPP) => {
                self.minted.store(true, Ordering::Release);
                upcalls.create_socket_handle(entry, own)
            }
            answer => answer,
        }
    }

    /// Closes one of our handles that nobody was told of, or that was closed for the client DLL.
    pub(super) fn discard(&self, own: SOCKET) {
        self.forget(own);
        // Closed already when WSPCleanup came in between.
        let _ = handles::close(own);
    }

    /// Another handle of ours for the socket behind `own`, not registered yet.
    ///
    /// # Errors
    /// `NOTSOCK` when it was closed meanwhile, `NOBUFS` when there are no handles.
    pub(super) fn another_handle(&self, own: SOCKET) -> Result<SOCKET, Errno> {
        let another = match handles::duplicate(own) {
            Ok(handle) => handle,
            Err(Errno::INVALID_HANDLE) => return Err(Errno::NOTSOCK),
            Err(error) => return Err(error),
        };
        self.directory.lock().insert(another);
        Ok(another.raw())
    }

    fn forget(&self, own: SOCKET) {
        if let Some(handle) = Handle::from_raw(own) {
            self.directory.lock().remove(&handle);
        }
    }

    /// Ends the handle `s`.
    ///
    /// # Errors
    /// `NOTSOCK` when it is none, or another thread closed it first.
    pub(super) fn unpublish(&self, s: SOCKET) -> Result<(), Errno> {
        let own = self.own_handle(s)?;
        if own != s {
            self.upcalls()?.close_socket_handle(s)?;
        }
        self.forget(own);
        handles::close(own).map_err(|_| Errno::NOTSOCK)
    }

    /// The shared copy of a catalog entry.
    pub(super) fn intern(&self, info: &WSAPROTOCOL_INFOW) -> Arc<WSAPROTOCOL_INFOW> {
        let mut infos = self.infos.lock();
        if let Some(known) = infos.iter().find(|known| ***known == *info) {
            return known.clone();
        }
        let shared = Arc::new(*info);
        infos.retain(|known| Arc::strong_count(known) > 1);
        infos.push(shared.clone());
        shared
    }
}

/// The socket of a handle that is registered with the client DLL: a handle that was duplicated
/// behind our back has no owner and is no socket (base-provider.md 0, rule 3).
#[inline]
fn socket_of<'p>(pinned: &'p Pinned<'_>) -> Option<&'p Socket> {
    pinned.owner()?;
    pinned.object_as::<Socket>()
}

/// The socket behind one of our handles; `None` once the handle is closed.
fn socket_behind(handle: Handle) -> Option<Arc<Socket>> {
    handles::pin(handle.raw())?.object_as::<Socket>()?.arc()
}
