//! `Notice`: the object behind the handle of WSAProviderConfigChange.
//!
//! It remembers the content of the catalog when it was made, or when it last reported, and reports
//! once whenever the catalog is different: to a thread that waits, or to overlapped requests by
//! event, port or completion routine. It is a file object, so everything that applies to one works
//! on its handle: association with a port, cancellation, CloseHandle, which ends pending requests
//! with WSA_OPERATION_ABORTED.
//!
//! The lock guards what was seen and what is pending. Requests are finished without it.

use std::fmt;
use std::sync::Arc;
use std::sync::Weak;

use parking_lot::Condvar;
use parking_lot::Mutex;
use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::args::Overlapped;
use ws2spi_kernel::Signal;
use ws2spi_kernel::file::CancelScope;
use ws2spi_kernel::file::File;
use ws2spi_kernel::file::FileState;
use ws2spi_kernel::file::Indication;
use ws2spi_kernel::file::Moment;
use ws2spi_kernel::file::Overlapping;
use ws2spi_kernel::file::Request;
use ws2spi_kernel::handles;
use ws2spi_kernel::handles::Handle;
use ws2spi_kernel::handles::HandleCount;
use ws2spi_kernel::handles::Kind;
use ws2spi_kernel::handles::Object;
use ws2spi_kernel::thread;
use ws2spi_kernel::thread::Apc;
use ws2spi_kernel::thread::Thread;

use super::shared::Catalog;
use super::state::State;
use super::watch::Listener;
use super::watch::Waiting;

/// A completion routine, with everything but the status that it is to be called with.
pub type Routine = Box<dyn FnOnce(NtStatus) + Send>;

/// Reports changes of one catalog.
#[doc(alias = "WSAProviderConfigChange")]
pub struct Notice {
    catalog: Arc<Catalog>,
    file: FileState,
    inner: Mutex<Inner>,
    changed: Condvar,
}

struct Inner {
    seen: Arc<State>,
    /// Threads in `wait`.
    waiters: usize,
    pending: Vec<Pending>,
    /// How often a difference was reported.
    reports: u64,
    closed: bool,
}

/// An overlapped request, and the thread that began it.
struct Pending {
    request: Request,
    thread: Arc<Thread>,
    routine: Option<Routine>,
    _waiting: Option<Waiting>,
}

impl Notice {
    /// A notice of changes of `catalog` from now on, and its handle.
    ///
    /// # Errors
    /// WSAENETDOWN when the catalog cannot be read; WSA_NOT_ENOUGH_MEMORY without handles left.
    pub fn open(catalog: &Arc<Catalog>) -> Result<Handle, Errno> {
        let seen = catalog.state().map_err(|_| Errno::NETDOWN)?;
        let notice = Arc::new(Self {
            catalog: Arc::clone(catalog),
            file: FileState::new(Overlapping::Allowed),
            inner: Mutex::new(Inner {
                seen,
                waiters: 0,
                pending: Vec::new(),
                reports: 0,
                closed: false,
            }),
            changed: Condvar::new(),
        });
        let listener: Weak<Self> = Arc::downgrade(&notice);
        catalog.watch().listen(listener);
        handles::insert(notice).map_err(|_| Errno::NOT_ENOUGH_MEMORY)
    }

    /// The notice with this handle.
    ///
    /// # Errors
    /// WSA_INVALID_HANDLE: stale, or something else's.
    pub fn from_handle(raw: usize) -> Result<Arc<Self>, Errno> {
        let pinned = handles::pin(raw).ok_or(Errno::INVALID_HANDLE)?;
        let object = pinned.object().cloned().ok_or(Errno::INVALID_HANDLE)?;
        object.downcast().ok_or(Errno::INVALID_HANDLE)
    }

    /// Waits until the catalog is not what was last seen, which may be so already. Not alertable.
    ///
    /// # Errors
    /// WSA_OPERATION_ABORTED when the handle is closed meanwhile; WSAENETDOWN when the catalog cannot
    /// be read; WSA_NOT_ENOUGH_MEMORY when it cannot be watched.
    pub fn wait(&self) -> Result<(), Errno> {
        let _waiting = self.wait_for_others()?;
        let before = {
            let mut inner = self.inner.lock();
            inner.waiters += 1;
            inner.reports
        };
        // What has changed already is found here, what changes later by those who change it.
        let looked = self.look_again();
        let mut inner = self.inner.lock();
        while looked.is_ok() && inner.reports == before && !inner.closed {
            self.changed.wait(&mut inner);
        }
        inner.waiters -= 1;
        looked?;
        if inner.reports == before {
            Err(Errno::OPERATION_ABORTED)
        } else {
            Ok(())
        }
    }

    /// Begins a request that ends when the catalog is not what was last seen, which may be so
    /// already. It always counts as pending: its end is told by routine, or by event and port.
    ///
    /// # Errors
    /// WSA_INVALID_HANDLE when its event is none; WSA_OPERATION_ABORTED when the handle was closed
    /// meanwhile; WSAENETDOWN when the catalog cannot be read; WSA_NOT_ENOUGH_MEMORY when it cannot
    /// be watched.
    pub fn begin(&self, overlapped: Overlapped, routine: Option<Routine>) -> Result<(), Errno> {
        let waiting = self.wait_for_others()?;
        // An unreadable catalog fails the call before the block is touched.
        self.catalog.state().map_err(|_| Errno::NETDOWN)?;
        let tell = if routine.is_some() {
            Indication::Routine
        } else {
            Indication::Event
        };
        let request = self.file.begin(overlapped, tell)?;
        let pending = Pending {
            request,
            thread: thread::current(),
            routine,
            _waiting: waiting,
        };
        {
            let mut inner = self.inner.lock();
            if inner.closed {
                return Err(Errno::OPERATION_ABORTED);
            }
            inner.pending.push(pending);
        }
        self.look();
        Ok(())
    }

    fn wait_for_others(&self) -> Result<Option<Waiting>, Errno> {
        if !self.catalog.is_shared() {
            return Ok(None);
        }
        self.catalog
            .watch()
            .wait_for_others()
            .map(Some)
            .map_err(|_| Errno::NOT_ENOUGH_MEMORY)
    }

    /// Compares the catalog with what was last seen and reports a difference to all who wait. When
    /// nobody does, it stays to be reported to whoever waits next.
    fn look_again(&self) -> Result<(), Errno> {
        let current = self.catalog.state().map_err(|_| Errno::NETDOWN)?;
        let pending = {
            let mut inner = self.inner.lock();
            let nobody_waits = inner.waiters == 0 && inner.pending.is_empty();
            if nobody_waits || *current == *inner.seen {
                return Ok(());
            }
            inner.seen = current;
            inner.reports += 1;
            std::mem::take(&mut inner.pending)
        };
        self.changed.notify_all();
        for pending in pending {
            self.finish(pending, NtStatus::SUCCESS);
        }
        Ok(())
    }

    fn finish(&self, pending: Pending, status: NtStatus) {
        let Pending {
            request,
            thread,
            routine,
            ..
        } = pending;
        match routine {
            None => drop(self.file.complete(request, status, 0, Moment::Later)),
            Some(routine) => {
                let apc = Apc::new(move || routine(status));
                self.file.complete_by_apc(request, status, 0, &thread, apc);
            }
        }
    }

    /// Ends the pending requests that `whose` picks; returns how many.
    fn abort(&self, whose: impl Fn(&Pending) -> bool) -> usize {
        let aborted: Vec<Pending> = {
            let mut inner = self.inner.lock();
            inner
                .pending
                .extract_if(.., |pending| whose(pending))
                .collect()
        };
        let count = aborted.len();
        for pending in aborted {
            self.finish(pending, NtStatus::CANCELLED);
        }
        count
    }
}

impl Listener for Notice {
    fn look(&self) {
        // A catalog that cannot be read is no change to report; the next look may find it whole.
        let _ = self.look_again();
    }
}

impl Object for Notice {
    fn kind(&self) -> Kind {
        Kind::File
    }

    fn signal(&self) -> Option<&Signal> {
        Some(self.file.signal())
    }

    fn as_file(&self) -> Option<&dyn File> {
        Some(self)
    }

    fn handles(&self) -> Option<&HandleCount> {
        Some(self.file.handles())
    }

    fn last_closed(&self) {
        self.inner.lock().closed = true;
        self.changed.notify_all();
        self.abort(|_| true);
    }
}

impl File for Notice {
    fn state(&self) -> &FileState {
        &self.file
    }

    fn cancel(&self, whose: CancelScope, overlapped: Option<usize>) -> usize {
        self.abort(|pending| {
            let address = pending.request.overlapped().address();
            let begun_there = match whose {
                CancelScope::Thread(id) => pending.thread.id() == id,
                CancelScope::Everybody => true,
            };
            begun_there && overlapped.is_none_or(|wanted| wanted == address)
        })
    }
}

impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notice")
            .field("catalog", &self.catalog)
            .finish_non_exhaustive()
    }
}
