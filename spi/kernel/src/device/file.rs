//! The file object of an opened device: how requests begin, wait and are told.
//!
//! An error that the driver answers at once is the caller's answer only: no event, no packet. All
//! other ends are told by block, event (the file's signal without one), and port.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Weak;

use ws2spi_abi::Errno;
use ws2spi_abi::NtStatus;
use ws2spi_abi::args::HeldBuffers;
use ws2spi_abi::args::HeldBuffersMut;
use ws2spi_abi::args::Overlapped;
use ws2spi_abi::args::OverlappedArgs;
use ws2spi_abi::args::StatusBlock;
use ws2spi_abi::provider::Receive;
use ws2spi_abi::provider::Transfer;
use ws2spi_abi::provider::Transmit;

use super::Answer;
use super::IoRequest;
use super::Opened;
use super::Operation;
use crate::clock::Timeout;
use crate::event;
use crate::event::Event;
use crate::event::Reset;
use crate::file::CancelScope;
use crate::file::File;
use crate::file::FileState;
use crate::file::Modes;
use crate::file::Moment;
use crate::file::Overlapping;
use crate::handles::HandleCount;
use crate::handles::Kind;
use crate::handles::Object;
use crate::port::Packet;
use crate::signal::Signal;
use crate::sync::Mutex;
use crate::thread;
use crate::thread::Apc;
use crate::thread::Thread;
use crate::wait;
use crate::wait::Alert;

/// An opened device.
#[derive(Debug)]
pub struct DeviceFile(Arc<Inner>);

/// What the requests of a file share with it.
pub(super) struct Inner {
    state: FileState,
    opened: Arc<dyn Opened>,
    requests: Mutex<BTreeMap<u64, Weak<IoRequest>>>,
}

/// How the end of a request is told.
#[derive(Debug)]
pub struct Telling {
    block: StatusBlock,
    event: Option<Arc<Event>>,
    /// What the packet names as its `OVERLAPPED`; `None` for no packet.
    packet: Option<usize>,
    /// What is queued to a thread.
    routine: Option<(Arc<Thread>, Apc)>,
}

impl Telling {
    /// As an `OVERLAPPED` says, which is pending from here on.
    ///
    /// # Errors
    /// `WSA_INVALID_HANDLE` when `hEvent` is neither 0 nor an event; the block is untouched then.
    pub fn by(overlapped: &Overlapped) -> Result<Self, Errno> {
        let event = match overlapped.event() {
            0 => None,
            raw => Some(event::from_handle(raw)?),
        };
        let packet = !overlapped.suppresses_packet();
        overlapped.begin();
        Ok(Self {
            block: StatusBlock::of(overlapped),
            event,
            packet: packet.then(|| overlapped.address()),
            routine: None,
        })
    }

    /// As a native function is told: a block, an event instead of the file's own signal, a packet that names its `OVERLAPPED`
    /// so, and an APC of a thread.
    #[must_use]
    pub fn to(
        block: StatusBlock,
        event: Option<Arc<Event>>,
        packet: Option<usize>,
        routine: Option<(Arc<Thread>, Apc)>,
    ) -> Self {
        Self {
            block,
            event,
            packet,
            routine,
        }
    }
}

/// Whom the end of a request reaches.
#[derive(Debug)]
pub(super) struct Finish {
    telling: Option<Telling>,
    /// The call that waits.
    call: Option<Arc<Call>>,
}

/// A call that does not return before its request is complete.
#[derive(Debug)]
struct Call {
    done: Arc<Event>,
    result: Mutex<(NtStatus, usize)>,
}

impl Finish {
    pub(super) fn block_address(&self) -> usize {
        self.telling
            .as_ref()
            .map_or(0, |telling| telling.block.address())
    }

    pub(super) fn tell(self, state: &FileState, status: NtStatus, bytes: usize, when: Moment) {
        let refused = when == Moment::Immediate && is_error(status);
        if let Some(telling) = self.telling.filter(|_| !refused) {
            telling.tell(state, status, bytes, when);
        }
        if let Some(call) = self.call {
            *call.result.lock() = (status, bytes);
            call.done.set();
        }
    }
}

impl Telling {
    fn tell(self, state: &FileState, status: NtStatus, bytes: usize, when: Moment) {
        // From here on the block is the application's.
        self.block.finish(status, bytes);
        state.set_event(self.event.as_deref(), status);
        if let Some((thread, routine)) = self.routine {
            // A thread that has exited is told nothing.
            let _ = thread.queue_apc(routine);
        }
        let skipped = when == Moment::Immediate
            && status.is_success()
            && state.modes().contain(Modes::SKIP_PORT_ON_SUCCESS);
        let packet = self.packet.filter(|_| !skipped);
        if let (Some(block), Some(to)) = (packet, state.association()) {
            to.port
                .post(Packet::of_operation(to.key, block, status, bytes));
        }
    }
}

impl Inner {
    pub(super) fn state(&self) -> &FileState {
        &self.state
    }

    pub(super) fn forget(&self, number: u64) {
        self.requests.lock().remove(&number);
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl DeviceFile {
    pub(super) fn new(opened: Arc<dyn Opened>, overlapping: Overlapping) -> Self {
        Self(Arc::new(Inner {
            state: FileState::new(overlapping),
            opened,
            requests: Mutex::new(BTreeMap::new()),
        }))
    }

    /// Gives a request to the driver: the final status and the number of bytes, or `STATUS_PENDING`
    /// when the operation goes on. Without a telling, and on a synchronous file, it waits for the end.
    ///
    /// DIFFERS: Windows lets the requests of a synchronous file through one after the other.
    pub fn submit(
        &self,
        operation: Operation,
        input: HeldBuffers,
        output: HeldBuffersMut,
        telling: Option<Telling>,
    ) -> (NtStatus, usize) {
        let inner = &self.0;
        inner.state.signal().reset();
        if let Some(event) = telling.as_ref().and_then(|telling| telling.event.as_ref()) {
            event.reset();
        }
        let waits = telling.is_none() || inner.state.overlapping() == Overlapping::Synchronous;
        let call = waits.then(|| {
            Arc::new(Call {
                done: Arc::new(Event::new(Reset::Manual, false)),
                result: Mutex::new((NtStatus::PENDING, 0)),
            })
        });
        let finish = Finish {
            telling,
            call: call.clone(),
        };
        let request = Arc::new(IoRequest::new(
            next_number(),
            operation,
            (input, output),
            thread::current().id(),
            Arc::clone(inner),
            finish,
        ));
        let mut requests = inner.requests.lock();
        requests.insert(request.number(), Arc::downgrade(&request));
        drop(requests);
        if let Answer::Done(status, bytes) = inner.opened.serve(&request) {
            // Unless the driver completed it as well, which counts as completed later.
            let ended =
                !status.is_pending() && request.end(status, bytes, Moment::Immediate).is_ok();
            if ended {
                return (status, if is_error(status) { 0 } else { bytes });
            }
        }
        drop(request);
        let Some(call) = call else {
            return (NtStatus::PENDING, 0);
        };
        let done: Arc<dyn Object> = Arc::clone(&call.done) as _;
        wait::for_object(&done, Timeout::Infinite, Alert::Plain);
        *call.result.lock()
    }

    fn transfer(
        &self,
        operation: impl FnOnce(u64) -> Operation,
        args: &OverlappedArgs<'_>,
        buffers: (HeldBuffers, HeldBuffersMut),
    ) -> Result<Transfer, Errno> {
        let asked = args.request();
        if asked.is_none() && args.is_overlapped() {
            return Err(Errno::FAULT);
        }
        let (low, high) = asked
            .as_ref()
            .map_or((0, 0), |asked| asked.overlapped.offsets());
        let telling = asked.map(|asked| Telling::by(&asked.overlapped));
        let operation = operation(u64::from(high) << 32 | u64::from(low));
        let (status, bytes) = self.submit(operation, buffers.0, buffers.1, telling.transpose()?);
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        match status {
            NtStatus::PENDING => Ok(Transfer::Pending),
            NtStatus::BUFFER_OVERFLOW => Ok(Transfer::Truncated { bytes, flags: 0 }),
            status => match status.win32() {
                None => Ok(Transfer::Done { bytes, flags: 0 }),
                Some(error) => Err(error),
            },
        }
    }
}

impl Object for DeviceFile {
    fn kind(&self) -> Kind {
        Kind::File
    }

    fn signal(&self) -> Option<&Signal> {
        Some(self.0.state.signal())
    }

    fn as_file(&self) -> Option<&dyn File> {
        Some(self)
    }

    fn handles(&self) -> Option<&HandleCount> {
        Some(self.0.state.handles())
    }

    fn last_closed(&self) {
        self.0.opened.cleanup();
    }
}

impl File for DeviceFile {
    fn state(&self) -> &FileState {
        &self.0.state
    }

    fn read(&self, call: Receive<'_>) -> Result<Transfer, Errno> {
        call.buffers.check()?;
        let buffers = (HeldBuffers::default(), call.buffers.hold_for_call());
        self.transfer(Operation::Read, &call.overlapped, buffers)
    }

    fn write(&self, call: Transmit<'_>) -> Result<Transfer, Errno> {
        call.buffers.check()?;
        let buffers = (call.buffers.hold_for_call(), HeldBuffersMut::default());
        self.transfer(Operation::Write, &call.overlapped, buffers)
    }

    fn cancel(&self, whose: CancelScope, overlapped: Option<usize>) -> usize {
        let requests: Vec<_> = {
            let requests = self.0.requests.lock();
            requests.values().filter_map(Weak::upgrade).collect()
        };
        let meant = requests
            .iter()
            .filter(|request| request.is_meant(whose, overlapped));
        meant
            .inspect(|request| self.0.opened.cancel(request))
            .count()
    }
}

/// Errors proper; warnings are told as successes are.
fn is_error(status: NtStatus) -> bool {
    status.0 >= 0xC000_0000
}

fn next_number() -> u64 {
    use std::sync::atomic::AtomicU64;
    use std::sync::atomic::Ordering::Relaxed;
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Relaxed)
}
