//! Named events, mutexes and semaphores: `CreateEvent`, `OpenEvent` and their kin.

use super::{error_of, own_name, wide};
use std::ffi::CString;
use std::ptr::null;
use ws2_32::win32::{event, handle, mutex, semaphore, wait};
use ws2spi_abi::*;

const ALL_ACCESS: u32 = 0x1f_0003;
const NOT_FOUND: (HANDLE, u32) = (0, Errno::FILE_NOT_FOUND.code() as u32);
const INVALID: (HANDLE, u32) = (0, Errno::INVALID_HANDLE.code() as u32);
const EXISTS: u32 = Errno::ALREADY_EXISTS.code() as u32;

fn narrow_name(name: &str) -> CString {
    CString::new(own_name(name)).expect("no NUL")
}

fn event_w(name: &str, signalled: BOOL) -> (HANDLE, u32) {
    let name = wide(name);
    // SAFETY: a NUL-terminated name.
    error_of(|| unsafe { event::create_w(null(), TRUE, signalled, name.as_ptr()) })
}

fn open_event_w(name: &str) -> (HANDLE, u32) {
    let name = wide(name);
    // SAFETY: a NUL-terminated name.
    error_of(|| unsafe { event::open_w(ALL_ACCESS, FALSE, name.as_ptr()) })
}

fn close(handles: &[HANDLE]) {
    for raw in handles {
        assert_eq!(handle::close(*raw), TRUE);
    }
}

// MSDN "CreateEventW", "Return value": the existing event with ERROR_ALREADY_EXISTS, and its state is not touched; "OpenEventW".
#[test]
fn an_event_that_exists_is_opened() {
    let (first, error) = event_w(&own_name("names of events"), FALSE);
    assert_eq!((first != 0, error), (true, 0));
    let (again, error) = event_w(&own_name("Local\\names of events"), TRUE);
    assert_eq!((again != 0, error), (true, EXISTS));
    assert_eq!(wait::single(again, 0), WAIT_TIMEOUT, "it is as it was");
    let narrow = narrow_name("names of events");
    let narrow = narrow.as_ptr().cast();
    // SAFETY: a NUL-terminated name.
    let bytes = error_of(|| unsafe { event::create_a(null(), TRUE, TRUE, narrow) });
    assert_eq!((bytes.0 != 0, bytes.1), (true, EXISTS));
    // SAFETY: as above.
    let opened = unsafe { event::open_a(ALL_ACCESS, FALSE, narrow) };
    assert_eq!(event::set(opened), TRUE);
    assert_eq!(wait::single(first, 0), WAIT_OBJECT_0);
    close(&[first, again, bytes.0]);
    assert_eq!(
        open_event_w(&own_name("Names of events")),
        NOT_FOUND,
        "case matters"
    );
    close(&[opened]);
    assert_eq!(open_event_w(&own_name("names of events")), NOT_FOUND);
}

// MSDN "CreateMutexW": bInitialOwner counts for a new mutex only; "OpenMutexW".
#[test]
fn a_mutex_that_exists_gets_no_owner() {
    let name = wide(&own_name("names of mutexes"));
    let bytes = narrow_name("names of mutexes");
    // SAFETY: a NUL-terminated name.
    let create = |owned| error_of(|| unsafe { mutex::create_w(null(), owned, name.as_ptr()) });
    let (first, error) = create(FALSE);
    assert_eq!((first != 0, error), (true, 0));
    let (again, error) = create(TRUE);
    assert_eq!((again != 0, error), (true, EXISTS));
    let not_owner = (FALSE, Errno::NOT_OWNER.code() as u32);
    assert_eq!(error_of(|| mutex::release(again)), not_owner);
    // SAFETY: a NUL-terminated name.
    let opened = unsafe { mutex::open_w(ALL_ACCESS, FALSE, name.as_ptr()) };
    assert_eq!(wait::single(opened, 0), WAIT_OBJECT_0);
    assert_eq!(mutex::release(first), TRUE, "the same mutex");
    // SAFETY: as above.
    let narrow = unsafe { mutex::open_a(0, FALSE, bytes.as_ptr().cast()) };
    close(&[first, again, opened, narrow]);
    let bytes = bytes.as_ptr().cast();
    // SAFETY: as above.
    let gone = error_of(|| unsafe { mutex::open_a(ALL_ACCESS, FALSE, bytes) });
    assert_eq!(gone, NOT_FOUND);
    // SAFETY: as above.
    let (new, error) = error_of(|| unsafe { mutex::create_a(null(), TRUE, bytes) });
    assert_eq!((new != 0, error), (true, 0));
    assert_eq!(mutex::release(new), TRUE, "its creator owns it");
    close(&[new]);
}

// MSDN "CreateSemaphoreW": the counts of one that exists stay; "OpenSemaphoreW".
#[test]
fn a_semaphore_that_exists_keeps_its_counts() {
    let name = wide(&own_name("Global\\names of semaphores"));
    let bytes = narrow_name("Global\\names of semaphores");
    let bytes = bytes.as_ptr().cast();
    // SAFETY: a NUL-terminated name.
    let (first, error) = error_of(|| unsafe { semaphore::create_w(null(), 1, 1, name.as_ptr()) });
    assert_eq!((first != 0, error), (true, 0));
    // SAFETY: as above.
    let (again, error) = error_of(|| unsafe { semaphore::create_a(null(), 5, 5, bytes) });
    assert_eq!((again != 0, error), (true, EXISTS));
    // SAFETY: as above.
    let opened = unsafe { semaphore::open_w(ALL_ACCESS, FALSE, name.as_ptr()) };
    assert_eq!(wait::single(opened, 0), WAIT_OBJECT_0);
    assert_eq!(wait::single(again, 0), WAIT_TIMEOUT);
    // SAFETY: as above.
    let narrow = unsafe { semaphore::open_a(ALL_ACCESS, FALSE, bytes) };
    // SAFETY: no count is asked for.
    let released = unsafe { semaphore::release(narrow, 1, std::ptr::null_mut()) };
    assert_eq!((released, wait::single(first, 0)), (TRUE, WAIT_OBJECT_0));
    close(&[first, again, opened, narrow]);
    // SAFETY: as above.
    let gone = error_of(|| unsafe { semaphore::open_w(ALL_ACCESS, FALSE, name.as_ptr()) });
    assert_eq!(gone, NOT_FOUND);
}

// MSDN "CreateEventW", "lpName": ERROR_INVALID_HANDLE when the name is that of another kind of object.
#[test]
fn all_kinds_of_objects_share_the_names() {
    let (event, _) = event_w(&own_name("names of all"), FALSE);
    let name = wide(&own_name("names of all"));
    // SAFETY: a NUL-terminated name.
    let mutex = error_of(|| unsafe { mutex::create_w(null(), TRUE, name.as_ptr()) });
    // SAFETY: as above.
    let semaphore = error_of(|| unsafe { semaphore::create_w(null(), 1, 1, name.as_ptr()) });
    // SAFETY: as above.
    let opened = error_of(|| unsafe { mutex::open_w(ALL_ACCESS, FALSE, name.as_ptr()) });
    assert_eq!([mutex, semaphore, opened], [INVALID; 3]);
    close(&[event]);
}

// MSDN "CreateEventW", "OpenEventW": what is no name.
#[test]
fn names_that_cannot_be_are_refused() {
    let too_long = "x".repeat(261);
    for (name, error) in [
        ("a\\b", Errno::PATH_NOT_FOUND),
        ("Local\\", Errno::INVALID_NAME),
        (&*too_long, Errno::FILENAME_EXCED_RANGE),
    ] {
        assert_eq!(event_w(name, FALSE), (0, error.code() as u32));
        assert_eq!(open_event_w(name), (0, error.code() as u32));
    }
    // SAFETY: NULL is looked for.
    let none = error_of(|| unsafe { event::open_w(ALL_ACCESS, FALSE, null()) });
    assert_eq!(none, (0, Errno::INVALID_PARAMETER.code() as u32));
    assert_eq!(open_event_w(""), INVALID);
    let unnamed = [event_w("", FALSE), event_w("", FALSE)];
    assert_eq!(unnamed.map(|(_, error)| error), [0; 2], "no name at all");
    close(&unnamed.map(|(raw, _)| raw));
}
