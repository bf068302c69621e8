//! Extension functions: Wine's, and TransmitPackets.

use super::*;
use core::ffi::c_void;

impl World {
    fn function(&self, s: SOCKET, id: GUID) -> Outcome<usize> {
        let mut bytes = [0; 16];
        id.encode(&mut bytes).unwrap();
        let mut answer = [0; 8];
        self.ioctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &bytes, &mut answer)?;
        Ok(usize::from_ne_bytes(answer))
    }
}

/// P 2.8: those that there are have functions, what is unknown is refused.
#[test]
fn extension_functions_are_found() {
    let world = World::start();
    let s = world.socket(AF_INET, SOCK_STREAM);
    for id in [
        WSAID_ACCEPTEX,
        WSAID_CONNECTEX,
        WSAID_DISCONNECTEX,
        WSAID_GETACCEPTEXSOCKADDRS,
        WSAID_TRANSMITFILE,
        WSAID_TRANSMITPACKETS,
        WSAID_WSARECVMSG,
        WSAID_WSASENDMSG,
        WSAID_WSAPOLL,
    ] {
        assert_ne!(world.function(s, id).unwrap(), 0, "{id:?}");
    }
    assert_eq!(world.function(s, GUID::from_u128(4711)), Err(WSAEINVAL));
    let mut answer = [0; 8];
    let short = world.ioctl(s, SIO_GET_EXTENSION_FUNCTION_POINTER, &[0; 8], &mut answer);
    assert_eq!(short, Err(WSAEFAULT));
}

/// P 6.2, 6.3: AcceptEx and ConnectEx meet, with the names in the buffer.
#[test]
fn acceptex_and_connectex_meet() {
    let world = World::start();
    let (listener, name) = world.listener();
    let (server, client) = (
        world.socket(AF_INET, SOCK_STREAM),
        world.socket(AF_INET, SOCK_STREAM),
    );
    world.bind(client, &loopback(0)).unwrap();
    let accept = world.function(listener, WSAID_ACCEPTEX).unwrap();
    let connect = world.function(client, WSAID_CONNECTEX).unwrap();
    let names = world
        .function(listener, WSAID_GETACCEPTEXSOCKADDRS)
        .unwrap();
    // SAFETY: each has the type of its identity.
    let accept = unsafe { std::mem::transmute::<usize, LPFN_ACCEPTEX>(accept) };
    // SAFETY: as above.
    let connect = unsafe { std::mem::transmute::<usize, LPFN_CONNECTEX>(connect) };
    // SAFETY: as above.
    let names = unsafe { std::mem::transmute::<usize, LPFN_GETACCEPTEXSOCKADDRS>(names) };
    let (mut room, mut got) = ([0u64; 16], 0);
    let (mut first, mut second) = (OVERLAPPED::EMPTY, OVERLAPPED::EMPTY);
    let into: *mut c_void = room.as_mut_ptr().cast();
    // SAFETY: everything is alive until both are complete.
    let pending = unsafe {
        accept(
            listener,
            server,
            into,
            0,
            32,
            32,
            &raw mut got,
            &raw mut first,
        )
    };
    assert_eq!(pending, FALSE);
    let to = (&raw const name).cast();
    // SAFETY: as above.
    unsafe {
        connect(
            client,
            to,
            16,
            ptr::null_mut(),
            0,
            &raw mut got,
            &raw mut second,
        )
    };
    for (s, ov) in [(listener, &mut first), (client, &mut second)] {
        let (mut bytes, mut flags) = (0, 0);
        // SAFETY: live locals.
        let done = unsafe {
            world
                .procs
                .get_overlapped_result(s, ov, &raw mut bytes, TRUE, &raw mut flags)
        };
        assert_eq!(judged(done), Ok(TRUE));
    }
    let (mut local, mut local_length) = (ptr::null_mut(), 0);
    let (mut remote, mut remote_length) = (ptr::null_mut(), 0);
    // SAFETY: the buffer of a finished AcceptEx; live locals.
    unsafe {
        names(
            into,
            0,
            32,
            32,
            &raw mut local,
            &raw mut local_length,
            &raw mut remote,
            &raw mut remote_length,
        )
    };
    // SAFETY: within the buffer, 16 bytes.
    let peer = unsafe { remote.cast::<SOCKADDR_IN>().read_unaligned() };
    assert_eq!(peer.sin_port, world.own_name(client).unwrap().sin_port);
    world.send(client, b"met").unwrap();
    let mut bytes = [0; 8];
    assert_eq!(world.receive(server, &mut bytes), Ok(3));
}

/// P 6.4: TransmitPackets sends memory and files in order; what it cannot is refused.
#[test]
fn packets_are_transmitted() {
    let world = World::start();
    let (client, server) = world.pair();
    let folder = std::env::temp_dir().join(format!("packets-{}", std::process::id()));
    std::fs::write(&folder, b"0123456789").unwrap();
    let file = std::fs::File::open(&folder).unwrap();
    let handle = std::os::windows::io::AsRawHandle::as_raw_handle(&file) as usize;
    let memory = |bytes: &'static [u8]| TRANSMIT_PACKETS_ELEMENT {
        dwElFlags: TP_ELEMENT_MEMORY,
        cLength: bytes.len() as u32,
        Anonymous: TRANSMIT_PACKETS_ELEMENT_0 {
            pBuffer: bytes.as_ptr().cast_mut().cast(),
        },
    };
    let part = |offset, length| TRANSMIT_PACKETS_ELEMENT {
        dwElFlags: TP_ELEMENT_FILE,
        cLength: length,
        Anonymous: TRANSMIT_PACKETS_ELEMENT_0 {
            Anonymous: TRANSMIT_PACKETS_ELEMENT_0_0 {
                nFileOffset: offset,
                hFile: handle,
            },
        },
    };
    let function = world.function(client, WSAID_TRANSMITPACKETS).unwrap();
    // SAFETY: the type of its identity.
    let transmit = unsafe { std::mem::transmute::<usize, LPFN_TRANSMITPACKETS>(function) };
    let elements = [
        memory(b"a"),
        memory(b"b"),
        part(2, 3),
        memory(b"c"),
        part(5, 2),
    ];
    let none = ptr::null_mut();
    // SAFETY: live elements.
    assert_eq!(
        unsafe { transmit(client, elements.as_ptr(), 5, 0, none, 0) },
        TRUE
    );
    let mut overlapped = OVERLAPPED::EMPTY;
    let shape = [memory(b"<"), part(0, 2), memory(b">")];
    // SAFETY: everything is alive until it is complete.
    unsafe { transmit(client, shape.as_ptr(), 3, 0, &raw mut overlapped, 0) };
    let (mut bytes, mut flags) = (0, 0);
    // SAFETY: live locals.
    let done = unsafe {
        let ov = &raw mut overlapped;
        world
            .procs
            .get_overlapped_result(client, ov, &raw mut bytes, TRUE, &raw mut flags)
    };
    assert_eq!((judged(done), bytes), (Ok(TRUE), 4));
    // SAFETY: live elements.
    assert_eq!(
        unsafe { transmit(client, elements.as_ptr(), 5, 0, &raw mut overlapped, 0) },
        FALSE
    );
    // SAFETY: no pointers that are not null.
    assert_eq!(
        unsafe { transmit(client, ptr::null(), 0, 0, none, TP_DISCONNECT) },
        TRUE
    );
    let mut all = Vec::new();
    let mut got = [0; 32];
    while let Ok(count @ 1..) = world.receive(server, &mut got) {
        all.extend_from_slice(&got[..count as usize]);
    }
    assert_eq!(String::from_utf8_lossy(&all), "ab234c56<01>");
    drop(file);
    std::fs::remove_file(&folder).unwrap();
}
