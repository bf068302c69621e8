//! What handles the calls get: sockets in many states, closed ones, and handles of everything that is no socket.
//!
//! A world is made and taken down again and again while functions are called, as calls wear it out: they close, connect, shut down and
//! fill what they get. All its sockets are non-blocking.

use std::ptr::null_mut;
use std::sync::LazyLock;
use ws2_32::win32;
use ws2spi_abi::*;
use ws2spi_tests::by_name::{call, export};
use ws2spi_tests::{Socket, socket, winsock};

/// Handles that calls are made with.
#[derive(Debug, Default)]
pub struct World {
    /// Sockets that live, at first.
    pub sockets: Vec<usize>,
    /// What has been a socket.
    pub stale: Vec<usize>,
    /// Handles of the kernel that are no sockets, live at first.
    pub objects: Vec<usize>,
    pub windows: Vec<usize>,
    pub notices: Vec<usize>,
    pub modules: Vec<usize>,
}

impl World {
    /// A new world, on the started runtime.
    pub fn new() -> Self {
        let mut world = Self::default();
        for family in [AF_INET, AF_INET6] {
            world.add_streams(family);
            world.add_datagrams(family);
        }
        world.add_local();
        world.add_duplicates();
        world.add_stale();
        world.add_objects();
        world.expect_whole();
        world
    }

    /// Everything was made: a handle that is none would be tried in vain.
    #[track_caller]
    fn expect_whole(&self) {
        let others = [&self.objects, &self.windows, &self.notices, &self.modules];
        for handle in others.into_iter().flatten() {
            assert!(![0, usize::MAX].contains(handle), "{self:#?}");
        }
    }

    /// A file, a mapping of it and one of memory, an event and a key of the registry, without sockets.
    pub fn of_files() -> Self {
        let name = "file of the world\0".encode_utf16();
        let name: Vec<u16> = name.collect();
        let name = name.as_ptr().expose_provenance();
        let (read_and_write, shared, open_always, read_write_pages) = (0xc000_0000, 7, 4, 4);
        let file = [name, read_and_write, shared, 0, open_always, 0, 0];
        let file = invoke("CreateFileW", &file);
        let map = |file, size| {
            invoke(
                "CreateFileMappingW",
                &[file, 0, read_write_pages, 0, size, 0],
            )
        };
        let mut world = Self::default();
        world.objects.extend([
            file,
            map(file, 0x1_8000),
            map(usize::MAX, 0x3_0000),
            invoke("CreateEventW", &[0, 1, 0, 0]),
        ]);
        let (local_machine, mut key) = (0x8000_0002, 0usize);
        let place = (&raw mut key).expose_provenance();
        let create = [local_machine, name, 0, 0, 0, 0, 0, place, 0];
        assert_eq!(invoke("RegCreateKeyExW", &create), 0, "a key can be made");
        world.objects.push(key);
        world.expect_whole();
        world
    }

    fn add(&mut self, socket: Socket) -> usize {
        socket.set_nonblocking(true).expect("any socket takes it");
        let s = socket.into_raw();
        self.sockets.push(s);
        s
    }

    fn add_streams(&mut self, family: i32) {
        let listener = Socket::listener(family);
        let name = listener.name().expect("a listener has a name");
        for _ in 0..2 {
            let client = Socket::tcp(family);
            client.connect(name).expect("loopback connects");
            self.add(client);
        }
        let (server, _) = listener.accept().expect("a connection is there");
        server.send(b"waiting", 0).expect("a connection carries");
        self.add(server);
        self.add(listener);
        let bound = Socket::tcp(family);
        bound
            .bind(socket::loopback(family))
            .expect("loopback can be bound");
        self.add(bound);
        self.add(Socket::tcp(family));
    }

    fn add_datagrams(&mut self, family: i32) {
        let bound = Socket::bound_udp(family);
        let name = bound.name().expect("it is bound");
        for _ in 0..3 {
            bound.send_to(b"datagram", name).expect("loopback takes it");
        }
        let connected = Socket::udp(family);
        connected.connect(name).expect("loopback connects");
        self.add(bound);
        self.add(connected);
        self.add(Socket::udp(family));
    }

    fn add_local(&mut self) {
        if let Ok(local) = Socket::new(AF_UNIX, SOCK_STREAM, 0) {
            self.add(local);
        }
    }

    /// A socket made from another one's protocol information, and a second handle to a socket.
    fn add_duplicates(&mut self) {
        let first = self.sockets[0];
        let mut info = WSAPROTOCOL_INFOW::EMPTY;
        // SAFETY: the information is a live local.
        let done =
            unsafe { winsock::WSADuplicateSocketW(first, std::process::id(), &raw mut info) };
        assert_eq!(done, 0, "a socket can be duplicated");
        let any = FROM_PROTOCOL_INFO;
        // SAFETY: as above.
        let s = unsafe { winsock::WSASocketW(any, any, any, &raw const info, 0, 0) };
        assert_ne!(s, INVALID_SOCKET, "its information makes a socket");
        self.add(Socket::from_raw(s));
        self.objects.push(duplicate(first));
    }

    fn add_stale(&mut self) {
        for family in [AF_INET, AF_INET6] {
            let closed = Socket::tcp(family);
            self.stale.push(closed.raw());
        }
        self.stale.push(Socket::udp(AF_INET).raw());
    }

    fn add_objects(&mut self) {
        let objects = [
            invoke("CreateEventW", &[0, 1, 0, 0]),
            invoke("CreateEventW", &[0, 0, 1, 0]),
            invoke("CreateSemaphoreW", &[0, 1, 3, 0]),
            invoke("CreateMutexW", &[0, 0, 0]),
            invoke("CreateIoCompletionPort", &[usize::MAX, 0, 0, 0]),
        ];
        self.objects.extend(objects);
        let thread = usize::MAX - 1;
        self.objects.push(duplicate(thread));
        let port = objects[4];
        let associated = invoke("CreateIoCompletionPort", &[self.sockets[1], port, 7, 0]);
        assert_eq!(associated, port, "a socket can be associated");
        let class = class_name();
        let window = [
            0,
            class,
            0,
            0,
            0,
            0,
            0,
            0,
            (-3isize).cast_unsigned(),
            0,
            0,
            0,
        ];
        self.windows.push(invoke("CreateWindowExW", &window));
        let mut notice = 0;
        // SAFETY: the handle is a live local.
        unsafe { winsock::WSAProviderConfigChange(&raw mut notice, null_mut(), RawCallback::NULL) };
        self.notices.push(notice);
        let name: Vec<u16> = "ws2_32.dll\0".encode_utf16().collect();
        let name = name.as_ptr().expose_provenance();
        self.modules.push(invoke("LoadLibraryW", &[name]));
    }
}

/// Calls a function of the Win32 subset.
pub fn invoke(name: &str, words: &[usize]) -> usize {
    // SAFETY: the callers pass what the function of this name takes, or handles that it refuses.
    unsafe { call(export(name), words) }
}

fn duplicate(handle: usize) -> usize {
    let mut second = 0;
    // SAFETY: the target is a live local.
    let done = unsafe {
        winsock::DuplicateHandle(usize::MAX, handle, usize::MAX, &raw mut second, 0, 0, 0)
    };
    assert_ne!(done, 0, "a handle can be duplicated");
    second
}

/// The name of a class whose windows do nothing, which calls may have unregistered since: it is there again.
pub fn class_name() -> usize {
    static NAME: LazyLock<Vec<u16>> =
        LazyLock::new(|| "ws2spi-bad-input\0".encode_utf16().collect());
    let class = WNDCLASSW {
        lpfnWndProc: RawCallback::from_raw(procedure as *const () as usize),
        lpszClassName: NAME.as_ptr(),
        ..WNDCLASSW::EMPTY
    };
    // SAFETY: the class is a live local, its name is NUL-terminated and stays, as its procedure does.
    unsafe { win32::window::register_w(&raw const class) };
    NAME.as_ptr().expose_provenance()
}

/// The procedure of the windows here.
pub extern "system" fn procedure(
    window: HWND,
    message: u32,
    wparam: WPARAM,
    lparam: LPARAM,
) -> LRESULT {
    win32::window::default_procedure(window, message, wparam, lparam)
}

impl Drop for World {
    fn drop(&mut self) {
        for &window in &self.windows {
            invoke("DestroyWindow", &[window]);
        }
        for &s in &self.sockets {
            close_socket(s);
        }
        for &handle in self.objects.iter().chain(&self.notices) {
            invoke("CloseHandle", &[handle]);
        }
        for &module in &self.modules {
            invoke("FreeLibrary", &[module]);
        }
    }
}

/// Closes a socket, whatever has been done to it, without a trace in the system's list of ports.
pub fn close_socket(s: usize) {
    let abort = [1u16, 0];
    // SAFETY: the value is a live local of four bytes; a number that is no socket is refused.
    unsafe { winsock::setsockopt(s, SOL_SOCKET, SO_LINGER, abort.as_ptr().cast(), 4) };
    // SAFETY: no pointers.
    unsafe { winsock::closesocket(s) };
}
