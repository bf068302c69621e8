//! The two tables, their thunks and the adapters, called in both conventions.

use std::mem::{offset_of, zeroed};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use ws2spi_abi::diagnostic::{self, Diagnostic};
#[cfg(target_arch = "x86_64")]
use ws2spi_abi::ffi::win64;
use ws2spi_abi::ffi::{Convention, Procs, UpcallHost, UpcallProcs, native};
use ws2spi_abi::provider::*;
use ws2spi_abi::*;

/// A provider with a few functions; `shutdown` panics, and all that is not written has its default.
struct Sample {
    starts: StartCount,
    entry: AtomicI32,
}

static SAMPLE: Sample = Sample {
    starts: StartCount::new(),
    entry: AtomicI32::new(0),
};

impl Provider for Sample {
    const NAME: &'static str = "sample";

    fn instance() -> &'static Self {
        &SAMPLE
    }

    fn startup(&self, request: StartupRequest<'_>) -> Result<Version, Errno> {
        let s = request
            .upcalls
            .create_socket_handle(request.info.dwCatalogEntryId, 7)?;
        self.entry.store(s as i32, Ordering::Relaxed);
        self.starts.enter();
        Ok(Version::V2_2)
    }

    fn cleanup(&self) -> Result<(), Errno> {
        self.starts.leave().map(drop)
    }

    fn socket(
        &self,
        family: i32,
        kind: i32,
        protocol: i32,
        info: Option<&WSAPROTOCOL_INFOW>,
        group: GROUP,
        flags: u32,
    ) -> Result<SOCKET, Errno> {
        let info = info.map_or(0, |info| info.dwCatalogEntryId as usize);
        let words = (family + 10 * kind + 100 * protocol) as usize;
        Ok(words + 1000 * group as usize + 10_000 * flags as usize + 100_000 * info)
    }

    fn send(&self, _: SOCKET, call: Transmit<'_>) -> Result<Transfer, Errno> {
        let bytes = call.buffers.check()? as u32;
        match call.overlapped.request() {
            Some(request) => {
                request.overlapped.begin();
                request.overlapped.finish(NtStatus(0), bytes as usize);
                Ok(Transfer::Pending)
            }
            None => Ok(Transfer::Done { bytes, flags: 0 }),
        }
    }

    fn recv(&self, _: SOCKET, call: Receive<'_>) -> Result<Transfer, Errno> {
        let mut bytes = 0;
        for mut slice in call.buffers.slices() {
            slice.fill(b'x');
            bytes += slice.len() as u32;
        }
        let flags = call.flags.get()? | MSG_PARTIAL;
        Ok(Transfer::Truncated { bytes, flags })
    }

    fn shutdown(&self, _: SOCKET, _: i32) -> Result<(), Errno> {
        panic!("deliberate");
    }
}

/// A client DLL that mints handles from entry and context and knows every event but 0.
struct Host;

macro_rules! host {
    ([] $($field:ident $c:literal $name:ident($($arg:ident: $ty:ty),*) [$($errno:ident)?] -> $ret:ty = $fail:expr;)*) => {
        impl UpcallHost for Host {
            const NAME: &'static str = "host";
            $(unsafe fn $name(_: Convention, $($arg: $ty),*) -> Result<$ret, Errno> {
                host_body!($name $(, $arg)*)
            })*
        }
    };
}
macro_rules! host_body {
    (create_socket_handle, $entry:ident, $context:ident) => {
        Ok(($entry as usize) << 8 | $context)
    };
    (close_event, $event:ident) => {
        if $event == 0 { Err(Errno::INVALID_HANDLE) } else { Ok(1) }
    };
    ($name:ident $(, $arg:ident)*) => {{
        let _ = ($($arg,)*);
        Err(Errno::OPNOTSUPP)
    }};
}
ws2spi_abi::upcalls!(host);

const NO_BLOCK: *mut OVERLAPPED = std::ptr::null_mut();
const NO_THREAD: *mut WSATHREADID = std::ptr::null_mut();
const NO_ROUTINE: RawCallback = RawCallback::NULL;

fn info(entry: u32) -> WSAPROTOCOL_INFOW {
    // SAFETY: a C structure of numbers: all zeroes is a value.
    let mut info: WSAPROTOCOL_INFOW = unsafe { zeroed() };
    info.dwCatalogEntryId = entry;
    info
}

/// The sample, started, in each convention.
fn started() -> Vec<Procs> {
    let mut data = WSPDATA {
        wVersion: 0,
        wHighVersion: 0,
        szDescription: [0; 256],
    };
    let info = info(5);
    let upcalls = native::UpcallTable::of::<Host>();
    let mut table = native::ProcTable::EMPTY;
    // SAFETY: all pointers are live locals.
    let code = unsafe {
        entry::<Sample>()(
            0x0202,
            &raw mut data,
            &raw const info,
            upcalls,
            &raw mut table,
        )
    };
    assert_eq!(
        (code, data.wVersion, data.wHighVersion),
        (0, 0x0202, 0x0202)
    );
    assert_eq!(SAMPLE.entry.load(Ordering::Relaxed), 5 << 8 | 7);
    #[allow(unused_mut, reason = "one convention only on some architectures")]
    let mut all = vec![Procs::Native(table)];
    #[cfg(target_arch = "x86_64")]
    {
        let upcalls = win64::UpcallTable::of::<Host>();
        let mut table = win64::ProcTable::EMPTY;
        let start = entry_win64::<Sample>();
        // SAFETY: all pointers are live locals.
        let code = unsafe {
            start(
                0x0202,
                &raw mut data,
                &raw const info,
                upcalls,
                &raw mut table,
            )
        };
        assert_eq!(code, 0);
        all.push(Procs::Win64(table));
    }
    all
}

/// Sends through a table; the answer's error code, or 0.
fn send(
    procs: &Procs,
    array: *const WSABUF,
    count: u32,
    sent: &mut u32,
    block: *mut OVERLAPPED,
) -> i32 {
    // SAFETY: the arrays of these tests are live or null, as the count says.
    let result = unsafe { procs.send(1, array, count, sent, 0, block, NO_ROUTINE, NO_THREAD) };
    result.map_or_else(|failure| failure.errno, |_| 0)
}

// U1, U2: 15 pointers, and where the named fields are.
#[test]
fn the_upcall_table_has_15_pointers_in_the_documented_order() {
    let pointer = size_of::<usize>();
    assert_eq!(size_of::<native::UpcallTable>(), 15 * pointer);
    assert_eq!(offset_of!(native::UpcallTable, lpWPUCloseEvent), 0);
    assert_eq!(offset_of!(native::UpcallTable, lpWPUFDIsSet), 4 * pointer);
    assert_eq!(
        offset_of!(native::UpcallTable, lpWPUModifyIFSHandle),
        6 * pointer
    );
    assert_eq!(offset_of!(native::UpcallTable, lpWPUQueueApc), 10 * pointer);
    assert_eq!(
        offset_of!(native::UpcallTable, lpWPUOpenCurrentThread),
        13 * pointer
    );
    assert_eq!(
        offset_of!(native::UpcallTable, lpWPUCloseThread),
        14 * pointer
    );
}

// U3: 30 pointers, GetQOSByName after GetSockOpt.
#[test]
fn the_procedure_table_has_30_pointers_in_the_documented_order() {
    let pointer = size_of::<usize>();
    assert_eq!(size_of::<native::ProcTable>(), 30 * pointer);
    assert_eq!(offset_of!(native::ProcTable, lpWSPAccept), 0);
    assert_eq!(offset_of!(native::ProcTable, lpWSPGetSockOpt), 14 * pointer);
    assert_eq!(
        offset_of!(native::ProcTable, lpWSPGetQOSByName),
        15 * pointer
    );
    assert_eq!(
        offset_of!(native::ProcTable, lpWSPStringToAddress),
        29 * pointer
    );
}

// U1, U3: in Microsoft's convention as well.
#[cfg(target_arch = "x86_64")]
#[test]
fn both_conventions_have_the_same_layout() {
    assert_eq!(
        size_of::<win64::UpcallTable>(),
        size_of::<native::UpcallTable>()
    );
    assert_eq!(
        size_of::<win64::ProcTable>(),
        size_of::<native::ProcTable>()
    );
    let (ours, theirs) = (
        offset_of!(native::ProcTable, lpWSPSend),
        offset_of!(win64::ProcTable, lpWSPSend),
    );
    assert_eq!(ours, theirs);
}

// U8: no slot of a table that is handed out is NULL.
#[test]
fn every_upcall_and_every_procedure_is_there() {
    // SAFETY: a table is 15 pointers; as integers they are all valid.
    let words: [usize; 15] = unsafe { std::mem::transmute(native::UpcallTable::of::<Host>()) };
    assert!(words.iter().all(|word| *word != 0));
    assert_eq!(
        native::ProcTable::of::<Adapter<Sample>>().first_missing(),
        None
    );
    assert_eq!(native::ProcTable::EMPTY.first_missing(), Some("WSPAccept"));
}

// design.md "Conventions".
#[test]
fn arguments_and_values_cross_in_both_conventions() {
    let info = info(2);
    for procs in started() {
        // SAFETY: the info is a live local.
        let socket = unsafe { procs.socket(1, 2, 3, &raw const info, 4, 5) };
        assert_eq!(
            socket,
            Ok(200_000 + 50_000 + 4_000 + 300 + 20 + 1),
            "{procs:?}"
        );
    }
}

// style.md 2.4.
#[test]
fn a_method_that_is_not_written_answers_opnotsupp() {
    for procs in started() {
        // SAFETY: no pointers.
        let failure = unsafe { procs.listen(1, 1) }.unwrap_err();
        assert_eq!(failure.errno, Errno::OPNOTSUPP.code());
    }
}

// base-provider.md 4.2: return values and counts.
#[test]
fn the_count_is_stored_when_a_call_is_done_and_not_when_it_pends() {
    let mut text = *b"hello";
    let mut part = |len| WSABUF {
        len,
        buf: (&raw mut text).cast(),
    };
    let buffers = [part(5), part(2)];
    for procs in started() {
        let mut sent = 99;
        assert_eq!(send(&procs, buffers.as_ptr(), 2, &mut sent, NO_BLOCK), 0);
        assert_eq!(sent, 7);
        // SAFETY: a C structure of numbers.
        let mut block: OVERLAPPED = unsafe { zeroed() };
        let pends = send(&procs, buffers.as_ptr(), 2, &mut sent, &raw mut block);
        assert_eq!((pends, sent), (Errno::IO_PENDING.code(), 7));
        assert_eq!((block.Internal, block.InternalHigh), (0, 7));
    }
}

// base-provider.md 2.7: both are stored and the call fails.
#[test]
fn a_truncated_message_stores_count_and_flags_and_fails() {
    for procs in started() {
        let mut space = [0u8; 3];
        let buffer = WSABUF {
            len: 3,
            buf: space.as_mut_ptr(),
        };
        let (mut got, mut flags) = (0, 0);
        let (count, flag) = (&raw mut got, &raw mut flags);
        // SAFETY: all pointers are live locals or null.
        let failure =
            unsafe { procs.recv(1, &buffer, 1, count, flag, NO_BLOCK, NO_ROUTINE, NO_THREAD) };
        assert_eq!(failure.unwrap_err().errno, Errno::MSGSIZE.code());
        assert_eq!((got, flags, &space), (3, MSG_PARTIAL, b"xxx"));
    }
}

// P134 and the brief rule on NULLs.
#[test]
fn null_and_negative_buffers_are_faults() {
    let null = WSABUF {
        len: 5,
        buf: std::ptr::null_mut(),
    };
    let mut byte = 0u8;
    let negative = WSABUF {
        len: u32::MAX,
        buf: &raw mut byte,
    };
    for procs in started() {
        for array in [std::ptr::null(), &raw const null, &raw const negative] {
            assert_eq!(
                send(&procs, array, 1, &mut 0, NO_BLOCK),
                Errno::FAULT.code()
            );
        }
    }
}

// design.md "Failure of a foreign provider".
#[test]
fn a_panic_becomes_syscallfailure_and_a_finding_that_names_provider_and_function() {
    struct Findings(Mutex<Vec<Diagnostic>>);
    impl diagnostic::Sink for Findings {
        fn report(&self, diagnostic: &Diagnostic) {
            self.0.lock().unwrap().push(diagnostic.clone());
        }
    }
    let findings = Arc::new(Findings(Mutex::new(Vec::new())));
    diagnostic::set_sink(Some(findings.clone()));
    for procs in started() {
        // SAFETY: no pointers.
        let failure = unsafe { procs.shutdown(1, 0) }.unwrap_err();
        assert_eq!(failure.errno, Errno::SYSCALLFAILURE.code());
    }
    diagnostic::set_sink(None);
    let found = findings.0.lock().unwrap();
    assert!(!found.is_empty());
    for one in found.iter() {
        assert_eq!(
            (one.provider.as_str(), one.function),
            ("sample", "WSPShutdown")
        );
        assert!(one.what.contains("deliberate"), "{one}");
    }
}

// U109: WSPCleanup with count 0.
#[test]
fn a_cleanup_too_many_is_notinitialised() {
    let count = StartCount::new();
    assert!(count.enter());
    assert!(!count.enter());
    assert_eq!((count.leave(), count.leave()), (Ok(false), Ok(true)));
    assert_eq!(count.leave(), Err(Errno::NOTINITIALISED));
}

// U11: lpErrno may be NULL.
#[test]
fn a_null_errno_is_accepted() {
    let table = native::UpcallTable::of::<Host>();
    // SAFETY: no other pointers; NULL is what is tested.
    let closed = unsafe { table.lpWPUCloseEvent.unwrap()(0, std::ptr::null_mut()) };
    assert_eq!(closed, 0);
}

// U12: on success *lpErrno is not written.
#[test]
fn success_leaves_errno_alone() {
    let mut errno = 4711;
    let table = native::UpcallTable::of::<Host>();
    // SAFETY: the pointer is a live local.
    let closed = unsafe { table.lpWPUCloseEvent.unwrap()(1, &raw mut errno) };
    assert_eq!((closed, errno), (1, 4711));
}

// U10: the sixteenth upcall is an export, the table has 15 slots; an empty table answers for itself.
#[test]
fn an_upcall_that_is_missing_answers_opnotsupp() {
    // SAFETY: an empty table calls nothing.
    let nobody = unsafe { Upcalls::new(UpcallProcs::Native(native::UpcallTable::EMPTY)) };
    assert_eq!(nobody.create_socket_handle(1, 1), Err(Errno::OPNOTSUPP));
}
