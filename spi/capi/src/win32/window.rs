//! Window classes and windows that only receive messages.
//!
//! Over the kernel role's windows: there is no screen, and every window is as if its parent were `HWND_MESSAGE`. Styles, sizes, icons
//! and menus are accepted and without effect. A window procedure is the application's code in the native convention; it runs on the
//! thread of its window, with no lock of ours held.

use super::{or, truth};
use crate::table::exports;
use crate::text;
use core::ffi::c_void;
use ws2spi_abi::*;
use ws2spi_kernel::window::{self, ClassId, Message, Procedure};

/// The application's window procedure.
type WindowProcedure = unsafe extern "system" fn(HWND, u32, WPARAM, LPARAM) -> LRESULT;

/// What `WM_NCCREATE` and `WM_CREATE` point to: the arguments of `CreateWindowEx`, as they came.
#[repr(C)]
#[allow(
    non_snake_case,
    reason = "Microsoft's names, \"CREATESTRUCTW structure\""
)]
struct CreateStruct<C> {
    lpCreateParams: *mut c_void,
    hInstance: HANDLE,
    hMenu: HANDLE,
    hwndParent: HWND,
    cy: i32,
    cx: i32,
    y: i32,
    x: i32,
    style: u32,
    lpszName: *const C,
    lpszClass: *const C,
    dwExStyle: u32,
}

/// How a class is named by a caller.
enum ClassName {
    Atom(u16),
    Name(Vec<u16>),
}

impl ClassName {
    fn id(&self) -> ClassId<'_> {
        match self {
            Self::Atom(atom) => ClassId::Atom(*atom),
            Self::Name(name) => ClassId::Name(name),
        }
    }
}

/// Addresses below this are atoms, not pointers.
const FIRST_ADDRESS: usize = 0x1_0000;

/// # Safety
/// `name` is an atom, null or NUL-terminated.
unsafe fn wide_name(name: PCWSTR) -> Result<ClassName, Errno> {
    if let Some(atom) = atom(name.addr())? {
        return Ok(atom);
    }
    // SAFETY: the caller's contract; no atom.
    let text = unsafe { text::wide_units(name) };
    text.map(ClassName::Name).ok_or(Errno::INVALID_PARAMETER)
}

/// # Safety
/// `name` is an atom, null or NUL-terminated.
unsafe fn narrow_name(name: PCSTR) -> Result<ClassName, Errno> {
    if let Some(atom) = atom(name.addr())? {
        return Ok(atom);
    }
    // SAFETY: the caller's contract; no atom.
    let text = unsafe { text::narrow(name) }.ok_or(Errno::INVALID_PARAMETER)?;
    Ok(ClassName::Name(text.encode_utf16().collect()))
}

fn atom(address: usize) -> Result<Option<ClassName>, Errno> {
    match address {
        0 => Err(Errno::INVALID_PARAMETER),
        1..FIRST_ADDRESS => Ok(Some(ClassName::Atom(address as u16))),
        _ => Ok(None),
    }
}

/// # Safety
/// `procedure` is NULL or a window procedure in the native convention that stays loaded while the class is registered.
unsafe fn register(name: &ClassName, procedure: RawCallback) -> Result<u16, Errno> {
    // A class of one's own has a name; only its users may say its atom.
    let ClassName::Name(name) = name else {
        return Err(Errno::INVALID_PARAMETER);
    };
    if procedure.is_null() {
        return Err(Errno::INVALID_PARAMETER);
    }
    // SAFETY: the caller's contract.
    let called = unsafe { std::mem::transmute::<usize, WindowProcedure>(procedure.as_raw()) };
    let procedure = Procedure::new(move |message| {
        // SAFETY: whoever registered the class vouched for the procedure.
        unsafe {
            called(
                message.window,
                message.message,
                message.wparam,
                message.lparam,
            )
        }
    });
    window::register(name, procedure)
}

/// Registers a class: its atom, or 0 with `ERROR_NOACCESS` (NULL), `ERROR_INVALID_PARAMETER` (no name, no procedure),
/// `ERROR_CLASS_ALREADY_EXISTS`. Any thread. Microsoft: "RegisterClassW function".
///
/// # Safety
/// `class` is null or readable, its name NUL-terminated, its procedure a window procedure that stays loaded while it is registered.
#[doc(alias = "RegisterClassW")]
pub unsafe fn register_w(class: *const WNDCLASSW) -> u16 {
    if class.is_null() {
        return or(0, Err(Errno::NOACCESS));
    }
    // SAFETY: not null, so readable by the caller's contract.
    let class = unsafe { class.read_unaligned() };
    // SAFETY: the caller's contract.
    let name = unsafe { wide_name(class.lpszClassName) };
    // SAFETY: the caller's contract.
    or(
        0,
        name.and_then(|name| unsafe { register(&name, class.lpfnWndProc) }),
    )
}

/// [`register_w`] with a name in bytes. Microsoft: "RegisterClassA function".
///
/// # Safety
/// As [`register_w`].
#[doc(alias = "RegisterClassA")]
pub unsafe fn register_a(class: *const WNDCLASSA) -> u16 {
    if class.is_null() {
        return or(0, Err(Errno::NOACCESS));
    }
    // SAFETY: not null, so readable by the caller's contract.
    let class = unsafe { class.read_unaligned() };
    // SAFETY: the caller's contract.
    let name = unsafe { narrow_name(class.lpszClassName) };
    // SAFETY: the caller's contract.
    or(
        0,
        name.and_then(|name| unsafe { register(&name, class.lpfnWndProc) }),
    )
}

/// Takes a class away, by its name or atom. `ERROR_CLASS_DOES_NOT_EXIST`, `ERROR_CLASS_HAS_WINDOWS`, `ERROR_INVALID_PARAMETER` (NULL).
/// Any thread. Microsoft: "UnregisterClassW function".
///
/// # Safety
/// `name` is an atom, null or NUL-terminated.
#[doc(alias = "UnregisterClassW")]
pub unsafe fn unregister_w(name: PCWSTR, _instance: HANDLE) -> BOOL {
    // SAFETY: the caller's contract.
    truth(unsafe { wide_name(name) }.and_then(|name| window::unregister(name.id())))
}

/// [`unregister_w`] with a name in bytes. Microsoft: "UnregisterClassA function".
///
/// # Safety
/// As [`unregister_w`].
#[doc(alias = "UnregisterClassA")]
pub unsafe fn unregister_a(name: PCSTR, _instance: HANDLE) -> BOOL {
    // SAFETY: the caller's contract.
    truth(unsafe { narrow_name(name) }.and_then(|name| window::unregister(name.id())))
}

fn create<C>(class: &ClassName, mut arguments: CreateStruct<C>) -> Result<HWND, Errno> {
    let parent = arguments.hwndParent;
    if parent != 0 && parent != HWND_MESSAGE.cast_unsigned() && !window::is_window(parent) {
        return Err(Errno::INVALID_WINDOW_HANDLE);
    }
    // Alive until the window is made; the procedure sees it in between.
    window::create(
        class.id(),
        (&raw mut arguments).expose_provenance().cast_signed(),
    )
}

/// Creates a window of the calling thread: its handle, or 0 with `ERROR_CANNOT_FIND_WND_CLASS`, `ERROR_INVALID_WINDOW_HANDLE` (the
/// parent; or the procedure refused with 0 for `WM_NCCREATE` or -1 for `WM_CREATE`), `ERROR_INVALID_PARAMETER` (NULL class).
/// Microsoft: "CreateWindowExW function".
///
/// # Safety
/// `class` is an atom, null or NUL-terminated. The procedure answers for what it makes of the other arguments.
#[doc(alias = "CreateWindowExW")]
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn create_w(
    ex_style: u32,
    class: PCWSTR,
    name: PCWSTR,
    style: u32,
    x: i32,
    y: i32,
    width: i32,
    height: i32,
    parent: HWND,
    menu: HANDLE,
    instance: HANDLE,
    parameter: *mut c_void,
) -> HWND {
    let arguments = CreateStruct {
        lpCreateParams: parameter,
        hInstance: instance,
        hMenu: menu,
        hwndParent: parent,
        cy: height,
        cx: width,
        y,
        x,
        style,
        lpszName: name,
        lpszClass: class,
        dwExStyle: ex_style,
    };
    // SAFETY: the caller's contract.
    or(
        0,
        unsafe { wide_name(class) }.and_then(|class| create(&class, arguments)),
    )
}

/// [`create_w`] with names in bytes. Microsoft: "CreateWindowExA function".
///
/// # Safety
/// As [`create_w`].
#[doc(alias = "CreateWindowExA")]
#[allow(clippy::too_many_arguments, reason = "Microsoft's signature")]
pub unsafe fn create_a(
    ex_style: u32,
    class: PCSTR,
    name: PCSTR,
    style: u32,
    x: i32,
    y: i32,
    width: i32,
    height: i32,
    parent: HWND,
    menu: HANDLE,
    instance: HANDLE,
    parameter: *mut c_void,
) -> HWND {
    let arguments = CreateStruct {
        lpCreateParams: parameter,
        hInstance: instance,
        hMenu: menu,
        hwndParent: parent,
        cy: height,
        cx: width,
        y,
        x,
        style,
        lpszName: name,
        lpszClass: class,
        dwExStyle: ex_style,
    };
    // SAFETY: the caller's contract.
    or(
        0,
        unsafe { narrow_name(class) }.and_then(|class| create(&class, arguments)),
    )
}

/// Destroys a window of the calling thread, after `WM_DESTROY` and `WM_NCDESTROY`. `ERROR_INVALID_WINDOW_HANDLE`;
/// `ERROR_ACCESS_DENIED` for another thread's. Microsoft: "DestroyWindow function".
#[doc(alias = "DestroyWindow")]
pub fn destroy(hwnd: HWND) -> BOOL {
    truth(window::destroy(hwnd))
}

/// Whether there is a window of that value. Any thread. Microsoft: "IsWindow function".
#[doc(alias = "IsWindow")]
#[must_use]
pub fn is_window(hwnd: HWND) -> BOOL {
    BOOL::from(window::is_window(hwnd))
}

/// What a window procedure does with a message it has no use for: `WM_CLOSE` destroys the window.
/// Microsoft: "DefWindowProcW function".
#[doc(alias = "DefWindowProcA")]
#[doc(alias = "DefWindowProcW")]
#[must_use]
pub fn default_procedure(hwnd: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> LRESULT {
    window::default_procedure(&Message::new(hwnd, message, wparam, lparam))
}

exports! {
    "RegisterClassA" register_class_a(class: *const WNDCLASSA) -> u16 = 0 => register_a;
    "RegisterClassW" register_class_w(class: *const WNDCLASSW) -> u16 = 0 => register_w;
    "UnregisterClassA" unregister_class_a(name: PCSTR, instance: HANDLE) -> BOOL = FALSE => unregister_a;
    "UnregisterClassW" unregister_class_w(name: PCWSTR, instance: HANDLE) -> BOOL = FALSE => unregister_w;
    "CreateWindowExA" create_window_ex_a(
        ex_style: u32, class: PCSTR, name: PCSTR, style: u32, x: i32, y: i32, width: i32, height: i32, parent: HWND, menu: HANDLE,
        instance: HANDLE, parameter: *mut c_void
    ) -> HWND = 0 => create_a;
    "CreateWindowExW" create_window_ex_w(
        ex_style: u32, class: PCWSTR, name: PCWSTR, style: u32, x: i32, y: i32, width: i32, height: i32, parent: HWND, menu: HANDLE,
        instance: HANDLE, parameter: *mut c_void
    ) -> HWND = 0 => create_w;
    "DestroyWindow" destroy_window(hwnd: HWND) -> BOOL = FALSE => destroy;
    "IsWindow" is_a_window(hwnd: HWND) -> BOOL = FALSE => is_window;
    "DefWindowProcA" def_window_proc_a(hwnd: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> LRESULT = 0 => default_procedure;
    "DefWindowProcW" def_window_proc_w(hwnd: HWND, message: u32, wparam: WPARAM, lparam: LPARAM) -> LRESULT = 0 => default_procedure;
}
