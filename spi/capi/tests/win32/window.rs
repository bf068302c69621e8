//! `RegisterClass`, `CreateWindowEx`, `DestroyWindow`, `DefWindowProc`.

use super::{STALE, error_of, wide};
use std::cell::RefCell;
use std::ptr::{null, null_mut};
use std::thread;
use ws2_32::win32::window;
use ws2spi_abi::*;

thread_local! {
    /// What the procedure of this thread's windows was called with.
    static SEEN: RefCell<Vec<(HWND, u32)>> = const { RefCell::new(Vec::new()) };
}

extern "system" fn procedure(hwnd: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> LRESULT {
    SEEN.with_borrow_mut(|seen| seen.push((hwnd, message)));
    window::default_procedure(hwnd, message, wparam, lparam)
}

/// What `WM_CREATE` got as `lpCreateParams`.
extern "system" fn refusing(_hwnd: HWND, message: u32, _wparam: WPARAM, lparam: LPARAM) -> LRESULT {
    if message != WM_CREATE {
        return 1;
    }
    let arguments: *const *const u8 = std::ptr::with_exposed_provenance(lparam as usize);
    // SAFETY: WM_CREATE points to a CREATESTRUCT, whose first field is the parameter.
    let parameter = unsafe { arguments.read() };
    if parameter.is_null() { -1 } else { 0 }
}

pub fn register(
    name: &[u16],
    procedure: extern "system" fn(HWND, u32, WPARAM, LPARAM) -> LRESULT,
) -> u16 {
    let class = WNDCLASSW {
        lpfnWndProc: RawCallback::from_raw(procedure as *const () as usize),
        lpszClassName: name.as_ptr(),
        ..WNDCLASSW::EMPTY
    };
    // SAFETY: a live local with a NUL-terminated name and a window procedure.
    unsafe { window::register_w(&raw const class) }
}

pub fn create(class: *const u16, parent: HWND, parameter: usize) -> HWND {
    let parameter = std::ptr::without_provenance_mut(parameter);
    // SAFETY: an atom, NULL or a NUL-terminated name.
    unsafe { window::create_w(0, class, null(), 0, 0, 0, 0, 0, parent, 0, 0, parameter) }
}

fn unregister(name: &[u16]) -> BOOL {
    // SAFETY: a NUL-terminated name.
    unsafe { window::unregister_w(name.as_ptr(), 0) }
}

const PARENT: HWND = HWND_MESSAGE as usize;

// MSDN "CreateWindowExW", "DestroyWindow": the procedure sees WM_NCCREATE, WM_CREATE, then WM_DESTROY, WM_NCDESTROY.
#[test]
fn a_window_is_told_of_its_beginning_and_its_end() {
    let name = wide("told");
    assert_ne!(register(&name, procedure), 0);
    let hwnd = create(name.as_ptr(), PARENT, 0);
    assert_eq!((hwnd != 0, window::is_window(hwnd)), (true, TRUE));
    assert_eq!(
        error_of(|| unregister(&name)),
        (FALSE, Errno::CLASS_HAS_WINDOWS.code() as u32)
    );
    assert_eq!(
        (window::destroy(hwnd), window::is_window(hwnd)),
        (TRUE, FALSE)
    );
    let numbers: Vec<u32> = SEEN.with_borrow(|seen| {
        seen.iter()
            .filter(|seen| seen.0 == hwnd)
            .map(|seen| seen.1)
            .collect()
    });
    assert_eq!(numbers, [0x81, WM_CREATE, WM_DESTROY, 0x82]);
    assert_eq!(unregister(&name), TRUE);
}

// MSDN "RegisterClassW": the atom names the class as well; ERROR_CLASS_ALREADY_EXISTS, ERROR_CLASS_DOES_NOT_EXIST.
#[test]
fn a_class_is_named_by_its_name_or_its_atom() {
    let name = wide("named");
    let atom = register(&name, procedure);
    assert_ne!(atom, 0);
    let again = error_of(|| register(&wide("NAMED"), procedure));
    assert_eq!(again, (0, Errno::CLASS_ALREADY_EXISTS.code() as u32));
    let class = std::ptr::without_provenance(atom as usize);
    let hwnd = create(class, 0, 0);
    assert_eq!((hwnd != 0, window::destroy(hwnd)), (true, TRUE));
    // SAFETY: an atom.
    assert_eq!(unsafe { window::unregister_w(class, 0) }, TRUE);
    let gone = error_of(|| unregister(&name));
    assert_eq!(gone, (FALSE, Errno::CLASS_DOES_NOT_EXIST.code() as u32));
    let missing = error_of(|| create(name.as_ptr(), PARENT, 0));
    assert_eq!(missing, (0, Errno::CANNOT_FIND_WND_CLASS.code() as u32));
}

// MSDN "RegisterClassA", "CreateWindowExA": names in bytes are the same names.
#[test]
fn names_in_bytes_are_the_same_names() {
    let class = WNDCLASSA {
        lpfnWndProc: RawCallback::from_raw(procedure as *const () as usize),
        lpszClassName: c"bytes".as_ptr().cast(),
        ..WNDCLASSA::EMPTY
    };
    // SAFETY: a live local with a NUL-terminated name and a window procedure.
    assert_ne!(unsafe { window::register_a(&raw const class) }, 0);
    let hwnd = create(wide("bytes").as_ptr(), PARENT, 0);
    assert_eq!((hwnd != 0, window::destroy(hwnd)), (true, TRUE));
    let name = class.lpszClassName;
    // SAFETY: a NUL-terminated name.
    let hwnd =
        unsafe { window::create_a(0, name, null(), 0, 0, 0, 0, 0, PARENT, 0, 0, null_mut()) };
    assert_eq!((hwnd != 0, window::destroy(hwnd)), (true, TRUE));
    // SAFETY: as above.
    assert_eq!(unsafe { window::unregister_a(name, 0) }, TRUE);
}

// MSDN "WM_CREATE": lParam points to the CREATESTRUCT with the caller's parameter; -1 refuses the window.
#[test]
fn a_procedure_sees_the_parameter_and_may_refuse() {
    let name = wide("refusing");
    assert_ne!(register(&name, refusing), 0);
    let refused = error_of(|| create(name.as_ptr(), PARENT, 0));
    assert_eq!(refused, (0, Errno::INVALID_WINDOW_HANDLE.code() as u32));
    let hwnd = create(name.as_ptr(), PARENT, 0x1000);
    assert_eq!((hwnd != 0, window::destroy(hwnd)), (true, TRUE));
    assert_eq!(unregister(&name), TRUE);
}

// Bad input: NULL classes, names and procedures; a parent that is no window; a window that is gone or another thread's.
#[test]
fn bad_classes_and_windows_are_refused() {
    let parameter = Errno::INVALID_PARAMETER.code() as u32;
    assert_eq!(
        // SAFETY: NULL is looked for.
        error_of(|| unsafe { window::register_w(null()) }),
        (0, Errno::NOACCESS.code() as u32)
    );
    assert_eq!(
        // SAFETY: as above.
        error_of(|| unsafe { window::register_a(null()) }),
        (0, Errno::NOACCESS.code() as u32)
    );
    let (nameless, name) = (WNDCLASSW::EMPTY, wide("no procedure"));
    assert_eq!(
        // SAFETY: a live local.
        error_of(|| unsafe { window::register_w(&raw const nameless) }),
        (0, parameter)
    );
    let class = WNDCLASSW {
        lpszClassName: name.as_ptr(),
        ..WNDCLASSW::EMPTY
    };
    assert_eq!(
        // SAFETY: a live local with a NUL-terminated name.
        error_of(|| unsafe { window::register_w(&raw const class) }),
        (0, parameter)
    );
    assert_eq!(error_of(|| create(null(), PARENT, 0)), (0, parameter));
    let invalid = Errno::INVALID_WINDOW_HANDLE.code() as u32;
    assert_eq!(error_of(|| window::destroy(STALE)), (FALSE, invalid));
    let name = wide("bad parent");
    assert_ne!(register(&name, procedure), 0);
    assert_eq!(error_of(|| create(name.as_ptr(), STALE, 0)), (0, invalid));
    let hwnd = create(name.as_ptr(), PARENT, 0);
    let other = thread::spawn(move || error_of(|| window::destroy(hwnd))).join();
    assert_eq!(
        other.ok(),
        Some((FALSE, Errno::ACCESS_DENIED.code() as u32))
    );
    assert_eq!((window::destroy(hwnd), unregister(&name)), (TRUE, TRUE));
}
