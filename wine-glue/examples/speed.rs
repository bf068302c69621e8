//! Round trips per second of the base provider in Wine, and of Wine's own functions, in turn: blocking,
//! non-blocking with select, a server on a completion port with clients that block, and a stream of 64 KiB
//! blocks. The numbers of the README are from it.
//!
//! `speed.exe [ROUNDS]`, under Wine; `WS2SPI_DIRECT=0` for the provider without the direct transport.

#[cfg(not(windows))]
fn main() {
    eprintln!("it measures Wine: build it for Windows");
}

#[cfg(windows)]
fn main() {
    measure::run();
}

#[cfg(windows)]
mod measure {
    use std::ptr;
    use std::time::Instant;

    use windows_sys::Win32::Networking::WinSock;
    use windows_sys::Win32::System::IO;
    use ws2spi_abi::ffi::Procs;
    use ws2spi_abi::ffi::native;
    use ws2spi_abi::*;
    use ws2spi_wine::base;
    use ws2spi_wine::direct;

    /// Whose functions are measured.
    #[derive(Clone, Copy)]
    enum Side {
        Wine,
        Ours(Procs),
    }

    /// A connection of the server with a port.
    struct Connection {
        s: SOCKET,
        /// Whether the request that goes on receives; otherwise it sends.
        receives: bool,
        overlapped: OVERLAPPED,
        bytes: [u8; 64],
        buffer: WSABUF,
    }

    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Style {
        Blocking,
        Select,
    }

    unsafe extern "system" fn modify(_entry: u32, proposed: SOCKET, _errno: *mut i32) -> SOCKET {
        proposed
    }

    unsafe extern "system" fn no_hook(
        _entry: u32,
        callback: *mut RawCallback,
        _context: *mut usize,
        _errno: *mut i32,
    ) -> i32 {
        // SAFETY: the provider passes a place for it.
        unsafe { callback.write(RawCallback::NULL) };
        0
    }

    fn start() -> Procs {
        let upcalls = native::UpcallTable {
            lpWPUModifyIFSHandle: Some(modify),
            lpWPUQueryBlockingCallback: Some(no_hook),
            ..native::UpcallTable::EMPTY
        };
        let (mut data, mut table) = (WSPDATA::EMPTY, native::ProcTable::EMPTY);
        let info = base::entries()[0];
        // SAFETY: live locals.
        let started = unsafe {
            base::startup(
                0x0202,
                &raw mut data,
                &raw const info,
                upcalls,
                &raw mut table,
            )
        };
        assert_eq!(started, 0);
        Procs::Native(table)
    }

    impl Side {
        fn pair(self) -> (SOCKET, SOCKET) {
            let any = FROM_PROTOCOL_INFO;
            let info = base::entries()[0];
            let make = || match self {
                // SAFETY: a live local.
                Self::Ours(procs) => {
                    unsafe { procs.socket(any, any, any, &raw const info, 0, 1) }.unwrap()
                }
                // SAFETY: no pointers.
                Self::Wine => unsafe { WinSock::socket(2, 1, 6) },
            };
            let (listener, client) = (make(), make());
            let mut name: SOCKADDR_IN =
                std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 0).into();
            let mut length = 16;
            let at: *mut SOCKADDR = (&raw mut name).cast();
            let (no, into, qos) = (ptr::null(), ptr::null_mut(), ptr::null());
            let none = ptr::null_mut();
            // SAFETY: an address of 16 bytes throughout.
            unsafe {
                match self {
                    Self::Ours(procs) => {
                        procs.bind(listener, at, 16).unwrap();
                        procs.listen(listener, 1).unwrap();
                        procs.get_sock_name(listener, at, &raw mut length).unwrap();
                        procs.connect(client, at, 16, no, into, qos, qos).unwrap();
                        let server =
                            procs.accept(listener, none, ptr::null_mut(), RawCallback::NULL, 0);
                        (client, server.unwrap())
                    }
                    Self::Wine => {
                        let at: *mut WinSock::SOCKADDR = at.cast();
                        assert_eq!(WinSock::bind(listener, at, 16), 0);
                        assert_eq!(WinSock::listen(listener, 1), 0);
                        assert_eq!(WinSock::getsockname(listener, at, &raw mut length), 0);
                        assert_eq!(WinSock::connect(client, at, 16), 0);
                        let server = WinSock::accept(listener, ptr::null_mut(), ptr::null_mut());
                        (client, server)
                    }
                }
            }
        }

        fn set_nonblocking(self, s: SOCKET) {
            let mut one = 1u32;
            let mut returned = 0;
            // SAFETY: a live number.
            unsafe {
                match self {
                    Self::Ours(procs) => {
                        let (at, none) = ((&raw const one).cast(), ptr::null_mut());
                        let (routine, thread) = (RawCallback::NULL, ptr::null_mut());
                        let into = &raw mut returned;
                        procs
                            .ioctl(
                                s,
                                FIONBIO,
                                at,
                                4,
                                none,
                                0,
                                into,
                                ptr::null_mut(),
                                routine,
                                thread,
                            )
                            .unwrap();
                    }
                    Self::Wine => {
                        assert_eq!(
                            WinSock::ioctlsocket(s, FIONBIO.cast_signed(), &raw mut one),
                            0
                        );
                    }
                }
            }
        }

        fn send(self, s: SOCKET, data: &[u8]) -> usize {
            match self {
                Self::Ours(procs) => {
                    let buffer = WSABUF {
                        len: data.len() as u32,
                        buf: data.as_ptr().cast_mut(),
                    };
                    let mut sent = 0;
                    let (ov, routine, thread) =
                        (ptr::null_mut(), RawCallback::NULL, ptr::null_mut());
                    // SAFETY: one live buffer.
                    let done = unsafe {
                        procs.send(
                            s,
                            &raw const buffer,
                            1,
                            &raw mut sent,
                            0,
                            ov,
                            routine,
                            thread,
                        )
                    };
                    done.map_or(0, |_| sent as usize)
                }
                // SAFETY: one live buffer.
                Self::Wine => {
                    let sent = unsafe { WinSock::send(s, data.as_ptr(), data.len() as i32, 0) };
                    usize::try_from(sent).unwrap_or(0)
                }
            }
        }

        /// 0 when there is nothing.
        fn receive(self, s: SOCKET, into: &mut [u8]) -> usize {
            match self {
                Self::Ours(procs) => {
                    let buffer = WSABUF {
                        len: into.len() as u32,
                        buf: into.as_mut_ptr(),
                    };
                    let (mut got, mut flags) = (0, 0);
                    let (ov, routine, thread) =
                        (ptr::null_mut(), RawCallback::NULL, ptr::null_mut());
                    // SAFETY: one live buffer.
                    let done = unsafe {
                        let (got, flags) = (&raw mut got, &raw mut flags);
                        procs.recv(s, &raw const buffer, 1, got, flags, ov, routine, thread)
                    };
                    done.map_or(0, |_| got as usize)
                }
                // SAFETY: one live buffer.
                Self::Wine => {
                    let got = unsafe { WinSock::recv(s, into.as_mut_ptr(), into.len() as i32, 0) };
                    usize::try_from(got).unwrap_or(0)
                }
            }
        }

        fn await_readable(self, s: SOCKET) {
            let mut set = FD_SET::EMPTY;
            set.fd_count = 1;
            set.fd_array[0] = s;
            let (set, none) = (&raw mut set, ptr::null_mut());
            // SAFETY: a live set.
            let ready = unsafe {
                match self {
                    Self::Ours(procs) => procs.select(0, set, none, none, ptr::null()).unwrap(),
                    Self::Wine => {
                        let none = ptr::null_mut();
                        WinSock::select(0, set.cast(), none, none, ptr::null())
                    }
                }
            };
            assert_eq!(ready, 1);
        }

        fn receive_all(self, s: SOCKET, style: Style, into: &mut [u8]) {
            let mut have = 0;
            while have < into.len() {
                if style == Style::Select {
                    self.await_readable(s);
                }
                have += self.receive(s, &mut into[have..]);
            }
        }

        /// Round trips per second.
        fn ping_pong(self, style: Style, rounds: u32, size: usize) -> f64 {
            let (client, server) = self.pair();
            if style == Style::Select {
                self.set_nonblocking(client);
                self.set_nonblocking(server);
            }
            let echo = std::thread::spawn(move || {
                let mut bytes = vec![0; size];
                for _ in 0..rounds {
                    self.receive_all(server, style, &mut bytes);
                    assert_eq!(self.send(server, &bytes), size);
                }
            });
            let mut bytes = vec![1; size];
            let begun = Instant::now();
            for _ in 0..rounds {
                assert_eq!(self.send(client, &bytes), size);
                self.receive_all(client, style, &mut bytes);
            }
            let took = begun.elapsed().as_secs_f64();
            echo.join().unwrap();
            f64::from(rounds) / took
        }

        /// Begins an overlapped request.
        ///
        /// # Safety
        /// The connection lives until the request is complete.
        unsafe fn begin(self, connection: &mut Connection) {
            let (s, receives) = (connection.s, connection.receives);
            let buffer = &raw const connection.buffer;
            let ov = &raw mut connection.overlapped;
            let (mut flags, none) = (0, ptr::null_mut());
            let (routine, thread) = (RawCallback::NULL, ptr::null_mut());
            // SAFETY: the caller's contract.
            let failed = unsafe {
                match (self, receives) {
                    (Self::Ours(procs), true) => {
                        let flags = &raw mut flags;
                        let begun = procs.recv(s, buffer, 1, none, flags, ov, routine, thread);
                        begun.is_err_and(|failure| failure.errno != WSA_IO_PENDING)
                    }
                    (Self::Ours(procs), false) => {
                        let begun = procs.send(s, buffer, 1, none, 0, ov, routine, thread);
                        begun.is_err_and(|failure| failure.errno != WSA_IO_PENDING)
                    }
                    (Self::Wine, true) => {
                        let (flags, ov) = (&raw mut flags, ov.cast());
                        let begun = WinSock::WSARecv(s, buffer.cast(), 1, none, flags, ov, None);
                        begun != 0 && WinSock::WSAGetLastError() != WSA_IO_PENDING
                    }
                    (Self::Wine, false) => {
                        let begun = WinSock::WSASend(s, buffer.cast(), 1, none, 0, ov.cast(), None);
                        begun != 0 && WinSock::WSAGetLastError() != WSA_IO_PENDING
                    }
                }
            };
            assert!(!failed);
        }

        /// Round trips per second of a server with a port, whose clients block, one after another in a thread.
        fn ports(self, connections: usize, rounds: u32) -> f64 {
            let (clients, servers): (Vec<SOCKET>, Vec<SOCKET>) =
                (0..connections).map(|_| self.pair()).unzip();
            let total = rounds as usize / connections * connections;
            let echo = std::thread::spawn(move || {
                // SAFETY: a new port.
                let port =
                    unsafe { IO::CreateIoCompletionPort(usize::MAX as _, ptr::null_mut(), 0, 0) };
                let mut all: Vec<Box<Connection>> = servers
                    .iter()
                    .map(|&s| {
                        let mut one = Box::new(Connection {
                            s,
                            receives: true,
                            overlapped: OVERLAPPED::EMPTY,
                            bytes: [0; 64],
                            buffer: WSABUF::EMPTY,
                        });
                        one.buffer.len = 64;
                        one.buffer.buf = one.bytes.as_mut_ptr();
                        one
                    })
                    .collect();
                for (key, one) in all.iter_mut().enumerate() {
                    // SAFETY: a socket and the port.
                    let same = unsafe { IO::CreateIoCompletionPort(one.s as _, port, key, 0) };
                    assert_eq!(same, port);
                    // SAFETY: the connections live until all is done.
                    unsafe { self.begin(one) };
                }
                let mut sent = 0;
                while sent < total {
                    let (mut bytes, mut key, mut which) = (0, 0, ptr::null_mut());
                    // SAFETY: live locals.
                    let got = unsafe {
                        let (bytes, key) = (&raw mut bytes, &raw mut key);
                        IO::GetQueuedCompletionStatus(port, bytes, key, &raw mut which, u32::MAX)
                    };
                    assert_eq!((got, bytes), (1, 64));
                    let one = &mut all[key];
                    sent += usize::from(!one.receives);
                    one.receives = !one.receives;
                    // SAFETY: as above; the last receives are left pending, and so is the memory.
                    unsafe { self.begin(one) };
                }
                std::mem::forget(all);
            });
            let mut bytes = [1; 64];
            let begun = Instant::now();
            for _ in 0..total / connections {
                for &client in &clients {
                    assert_eq!(self.send(client, &bytes), 64);
                }
                for &client in &clients {
                    self.receive_all(client, Style::Blocking, &mut bytes);
                }
            }
            let took = begun.elapsed().as_secs_f64();
            echo.join().unwrap();
            total as f64 / took
        }

        /// MiB per second in blocks of 64 KiB.
        fn stream(self, blocks: u32) -> f64 {
            let (client, server) = self.pair();
            let sink = std::thread::spawn(move || {
                let mut bytes = vec![0; 1 << 16];
                for _ in 0..blocks {
                    self.receive_all(server, Style::Blocking, &mut bytes);
                }
            });
            let bytes = vec![1; 1 << 16];
            let begun = Instant::now();
            for _ in 0..blocks {
                assert_eq!(self.send(client, &bytes), bytes.len());
            }
            sink.join().unwrap();
            f64::from(blocks) / 16.0 / begun.elapsed().as_secs_f64()
        }
    }

    pub fn run() {
        let rounds = std::env::args().nth(1).and_then(|text| text.parse().ok());
        let rounds = rounds.unwrap_or(2000);
        let ours = Side::Ours(start());
        println!(
            "direct transport: {}",
            if direct::is_on() { "on" } else { "off" }
        );
        type Test = fn(Side, u32) -> f64;
        let tests: [(&str, Test); 5] = [
            ("blocking, 64 bytes, round trips/s", |side, n| {
                side.ping_pong(Style::Blocking, n, 64)
            }),
            ("select, 64 bytes, round trips/s", |side, n| {
                side.ping_pong(Style::Select, n, 64)
            }),
            ("port, 1 connection, round trips/s", |side, n| {
                side.ports(1, n)
            }),
            ("port, 64 connections, round trips/s", |side, n| {
                side.ports(64, n)
            }),
            ("stream, 64 KiB, MiB/s", |side, n| side.stream(n)),
        ];
        for (name, test) in tests {
            let mut all: Vec<(f64, f64)> = (0..5)
                .map(|_| (test(Side::Wine, rounds), test(ours, rounds)))
                .collect();
            all.sort_by(|one, two| (one.1 / one.0).total_cmp(&(two.1 / two.0)));
            let (wine, ours) = all[2];
            println!(
                "{name}: Wine {wine:.0}, ours {ours:.0}, ratio {:.2}",
                ours / wine
            );
        }
    }
}
