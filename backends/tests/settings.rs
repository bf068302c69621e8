//! Options, ioctls, names and creation through the provider's table.

mod world;

use std::ptr;

use world::v4;
use world::world;
use ws2spi_abi::types::Plain;
use ws2spi_abi::*;
use ws2spi_backends::base;

#[test]
fn creation_follows_the_numbers_and_the_entry() {
    // P6-P18, P20, P348
    let w = world();
    let info = |s| {
        let mut bytes = [0; size_of::<WSAPROTOCOL_INFOW>()];
        assert_eq!(
            w.option(s, SOL_SOCKET, SO_PROTOCOL_INFOW, &mut bytes).0,
            Ok(())
        );
        w.close(s).unwrap();
        let info = WSAPROTOCOL_INFOW::decode(&bytes).unwrap();
        (
            info.iAddressFamily,
            info.iSocketType,
            info.iProtocol,
            info.dwCatalogEntryId,
        )
    };
    assert_eq!(
        info(w.socket(AF_INET, SOCK_STREAM, 0).unwrap()),
        (2, 1, 6, 1001)
    );
    assert_eq!(
        info(w.socket(AF_INET, 0, IPPROTO_UDP).unwrap()),
        (2, 2, 17, 1002)
    );
    let udp = base::catalog_entries()[1];
    let made = w.socket_with(-1, -1, -1, Some(&udp), 0).unwrap();
    assert_eq!(info(made), (2, 2, 17, 1002));
    assert_eq!(w.socket(AF_UNIX, SOCK_DGRAM, 0), Err(Errno::SOCKTNOSUPPORT));
    assert_eq!(
        w.socket(AF_INET, SOCK_STREAM, IPPROTO_UDP),
        Err(Errno::PROTONOSUPPORT)
    );
    let leaf = WSA_FLAG_MULTIPOINT_C_LEAF | WSA_FLAG_MULTIPOINT_D_LEAF;
    assert_eq!(
        w.socket_with(AF_INET, SOCK_STREAM, 0, None, leaf),
        Err(Errno::INVAL)
    );
    w.close(w.socket_with(AF_INET, SOCK_DGRAM, 0, None, leaf).unwrap())
        .unwrap();
}

/// What a read gives for each length: the result, the length afterwards.
fn lengths(s: SOCKET, level: i32, name: i32) -> [(bool, i32); 4] {
    [1, 2, 3, 4].map(|length| {
        let mut value = [0xee; 4];
        let (answer, after) = world().option(s, level, name, &mut value[..length]);
        assert!(
            matches!(answer, Ok(()) | Err(Errno::FAULT)),
            "{name:#x}: {answer:?}"
        );
        (answer.is_ok(), after)
    })
}

#[test]
fn lengths_of_reads_follow_the_class_of_the_option() {
    // P312: 2.5, classes A to F.
    let w = world();
    let (tcp, udp) = (w.tcp(), w.udp());
    let (ok, bad) = (true, false);
    let a = [(ok, 1), (ok, 1), (ok, 1), (ok, 4)];
    let b = [(bad, 1), (bad, 2), (bad, 3), (ok, 4)];
    let d = [(ok, 1), (ok, 1), (ok, 1), (ok, 1)];
    let e = [(bad, 0), (bad, 0), (bad, 0), (ok, 4)];
    for name in [
        SO_BROADCAST,
        SO_DONTLINGER,
        SO_OOBINLINE,
        SO_REUSEADDR,
        SO_EXCLUSIVEADDRUSE,
    ] {
        assert_eq!(lengths(tcp, SOL_SOCKET, name), a, "{name:#x}");
    }
    for name in [
        SO_LINGER,
        SO_RCVBUF,
        SO_SNDBUF,
        SO_RCVTIMEO,
        SO_SNDTIMEO,
        SO_ERROR,
        SO_TYPE,
    ] {
        assert_eq!(lengths(tcp, SOL_SOCKET, name), b, "{name:#x}");
    }
    for name in [SO_KEEPALIVE, SO_DONTROUTE] {
        assert_eq!(lengths(tcp, SOL_SOCKET, name), d, "{name:#x}");
    }
    assert_eq!(lengths(tcp, IPPROTO_TCP, TCP_NODELAY), d);
    assert_eq!(lengths(tcp, IPPROTO_IPV6, IPV6_V6ONLY), d);
    for name in [TCP_KEEPALIVE, TCP_KEEPCNT, TCP_KEEPINTVL] {
        assert_eq!(lengths(tcp, IPPROTO_TCP, name), e, "{name:#x}");
    }
    for name in [IP_PKTINFO, IP_RECVTOS, IP_RECVTTL] {
        assert_eq!(lengths(udp, IPPROTO_IP, name), e, "{name:#x}");
    }
    for name in [IP_MULTICAST_LOOP, IP_MULTICAST_TTL, IP_TOS, IP_TTL] {
        assert_eq!(lengths(udp, IPPROTO_IP, name), a, "{name:#x}");
    }
    w.close(tcp).unwrap();
    w.close(udp).unwrap();
}

#[test]
fn values_are_read_back_as_they_were_set() {
    // P303-P308, P311, P319
    let w = world();
    let (tcp, udp) = (w.tcp(), w.udp());
    for (name, values) in [
        (SO_RCVTIMEO, vec![63000, 997_000, 0]),
        (SO_SNDTIMEO, vec![63000, 0]),
        (SO_RCVBUF, vec![4096, 0]),
        (SO_SNDBUF, vec![4096]),
        (SO_ERROR, vec![1234]),
    ] {
        for value in values {
            assert_eq!(w.set_number(tcp, SOL_SOCKET, name, value), Ok(()));
            assert_eq!(w.number(tcp, SOL_SOCKET, name), Ok(value), "{name:#x}");
        }
    }
    w.set_option(tcp, SOL_SOCKET, SO_LINGER, &[5, 0, 189, 0])
        .unwrap();
    let mut linger = [0; 4];
    w.option(tcp, SOL_SOCKET, SO_LINGER, &mut linger).0.unwrap();
    assert_eq!((linger[0] != 0, linger[2]), (true, 189));
    assert_eq!(w.number(tcp, SOL_SOCKET, SO_DONTLINGER), Ok(0));
    assert_eq!(
        w.set_number(udp, SOL_SOCKET, SO_LINGER, 0),
        Err(Errno::NOPROTOOPT)
    );
    assert_eq!(w.number(udp, SOL_SOCKET, SO_LINGER), Err(Errno::NOPROTOOPT));
    w.set_number(tcp, SOL_SOCKET, SO_DEBUG, 2).unwrap();
    assert_eq!(w.number(tcp, SOL_SOCKET, SO_DEBUG), Ok(1));
    w.set_number(tcp, IPPROTO_TCP, TCP_NODELAY, 1).unwrap();
    assert_eq!(w.number(tcp, IPPROTO_TCP, TCP_NODELAY), Ok(1));
    w.set_number(tcp, IPPROTO_TCP, TCP_NODELAY, 0x100).unwrap();
    assert_eq!(w.number(tcp, IPPROTO_TCP, TCP_NODELAY), Ok(0));
    // An empty value: a pointer, and no byte behind it.
    let empty = |level, name| {
        // SAFETY: no byte is read.
        let call = unsafe { w.procs().set_sock_opt(tcp, level, name, [1u8].as_ptr(), 0) };
        call.map_err(|failure| failure.errno)
    };
    for name in [SO_BROADCAST, SO_OOBINLINE] {
        assert_eq!(empty(SOL_SOCKET, name), Ok(0), "{name:#x}");
    }
    for name in [SO_KEEPALIVE, SO_DONTROUTE, SO_RCVBUF] {
        assert_eq!(empty(SOL_SOCKET, name), Err(WSAEFAULT), "{name:#x}");
    }
    assert_eq!(empty(IPPROTO_TCP, TCP_NODELAY), Err(WSAEFAULT));
    w.close(tcp).unwrap();
    w.close(udp).unwrap();
}

#[test]
fn options_that_cannot_be_are_refused_with_windows_codes() {
    // P49, P57, P309, P310, P313, P316, P320-P322
    let w = world();
    let (tcp, udp) = (w.tcp(), w.udp());
    assert_eq!(
        w.set_number(tcp, SOL_SOCKET, SO_ACCEPTCONN, 1),
        Err(Errno::NOPROTOOPT)
    );
    assert_eq!(
        w.set_number(tcp, SOL_SOCKET, SO_TYPE, 1),
        Err(Errno::NOPROTOOPT)
    );
    assert_eq!(w.set_number(udp, SOL_SOCKET, SO_TYPE, 1), Err(Errno::INVAL));
    w.set_number(tcp, SOL_SOCKET, SO_REUSEADDR, 1).unwrap();
    assert_eq!(
        w.set_number(tcp, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1),
        Err(Errno::INVAL)
    );
    w.set_number(tcp, SOL_SOCKET, SO_REUSEADDR, 0).unwrap();
    w.set_number(tcp, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1)
        .unwrap();
    assert_eq!(
        w.set_number(tcp, SOL_SOCKET, SO_REUSEADDR, 1),
        Err(Errno::INVAL)
    );
    assert_eq!(w.number(tcp, 0x4711, 1), Err(Errno::INVAL));
    assert_eq!(w.set_number(tcp, 0x4711, 1, 1), Err(Errno::INVAL));
    assert_eq!(w.number(tcp, SOL_SOCKET, 0x4711), Err(Errno::NOPROTOOPT));
    for value in [0x100, 0] {
        assert_eq!(
            w.set_number(udp, IPPROTO_IP, IP_TTL, value),
            Err(Errno::INVAL)
        );
    }
    assert_eq!(
        w.set_number(udp, IPPROTO_IP, IP_TOS, 0x100),
        Err(Errno::INVAL)
    );
    for s in [tcp, udp] {
        assert_eq!(w.number(s, IPPROTO_IP, IP_HDRINCL), Err(Errno::INVAL));
        assert_eq!(
            w.set_number(s, IPPROTO_IP, IP_HDRINCL, 1),
            Err(Errno::INVAL)
        );
        assert_eq!(w.number(s, IPPROTO_IP, -1), Err(Errno::NOPROTOOPT));
        assert_eq!(
            w.number(s, IPPROTO_IP, IP_ADD_MEMBERSHIP),
            Err(Errno::NOPROTOOPT)
        );
        assert_eq!(w.number(s, SOL_SOCKET, SO_RCVLOWAT), Err(Errno::INVAL));
        assert_eq!(
            w.set_number(s, SOL_SOCKET, SO_SNDLOWAT, 1),
            Err(Errno::INVAL)
        );
    }
    assert_eq!(w.number(tcp, IPPROTO_IP, IP_MTU), Err(Errno::NOTCONN));
    assert_eq!(
        w.number(tcp, IPPROTO_IP, IP_MULTICAST_TTL),
        Err(Errno::INVAL)
    );
    assert_eq!(w.number(tcp, IPPROTO_IP, IP_DONTFRAGMENT), Ok(1));
    assert_eq!(w.number(udp, IPPROTO_IP, IP_DONTFRAGMENT), Ok(0));
    // P318
    assert_eq!(w.number(udp, SOL_SOCKET, SO_MAX_MSG_SIZE), Ok(65507));
    assert_eq!(
        w.option(tcp, SOL_SOCKET, SO_TYPE, &mut []).0,
        Err(Errno::FAULT)
    );
    // SAFETY: no OVERLAPPED; bogus values are what is tested.
    let bogus = unsafe {
        w.procs()
            .set_sock_opt(tcp, SOL_SOCKET, SO_DEBUG, ptr::dangling(), 4)
    };
    assert_eq!(bogus.unwrap_err().errno, WSAEFAULT);
    w.close(tcp).unwrap();
    w.close(udp).unwrap();
}

#[test]
fn the_protocol_info_says_the_length_it_needs() {
    // P314
    let w = world();
    let s = w.tcp();
    for (name, needed) in [(SO_PROTOCOL_INFOA, 372), (SO_PROTOCOL_INFOW, 628)] {
        let mut bytes = vec![0; 700];
        assert_eq!(
            w.option(s, SOL_SOCKET, name, &mut bytes[..needed - 1]),
            (Err(Errno::FAULT), needed as i32)
        );
        assert_eq!(w.option(s, SOL_SOCKET, name, &mut bytes), (Ok(()), 700));
    }
    let mut bytes = [0; 372];
    w.option(s, SOL_SOCKET, SO_PROTOCOL_INFOA, &mut bytes)
        .0
        .unwrap();
    let info = WSAPROTOCOL_INFOA::decode(&bytes).unwrap();
    assert!(info.szProtocol.starts_with(b"MSAFD Tcpip [TCP/IP]\0"));
    w.close(s).unwrap();
}

#[test]
fn the_state_shows_both_addresses_where_there_are_any() {
    // P315
    let w = world();
    let s = w.tcp();
    let state = |s| {
        let mut bytes = [0u8; 72];
        assert_eq!(w.option(s, SOL_SOCKET, SO_BSP_STATE, &mut bytes).0, Ok(()));
        let info = CSADDR_INFO::decode(&bytes).unwrap();
        let start = bytes.as_ptr() as usize;
        let name = |address: SOCKET_ADDRESS| {
            let length = address.iSockaddrLength as usize;
            // What it points to lies in the same buffer.
            let at = (address.lpSockaddr as usize).checked_sub(start)?;
            Some(bytes[at..at + length].to_vec())
        };
        (
            name(info.LocalAddr),
            name(info.RemoteAddr),
            info.iSocketType,
            info.iProtocol,
        )
    };
    assert_eq!(state(s), (None, None, 1, 6));
    assert_eq!(
        w.option(s, SOL_SOCKET, SO_BSP_STATE, &mut [0; 71]).0,
        Err(Errno::FAULT)
    );
    let (listener, address) = w.listener();
    let (local, peer, ..) = state(listener);
    assert_eq!(
        (local.unwrap()[2..4].to_vec(), peer),
        (address.port().to_be_bytes().to_vec(), None)
    );
    w.connect(s, address).unwrap();
    assert!(matches!(state(s), (Some(_), Some(_), 1, 6)));
    assert!((0..5).contains(&w.number(s, SOL_SOCKET, SO_CONNECT_TIME).unwrap()));
    assert_eq!(w.number(listener, SOL_SOCKET, SO_CONNECT_TIME), Ok(-1));
    w.close(s).unwrap();
    w.close(listener).unwrap();
}

#[test]
fn ioctls_check_buffers_and_count() {
    // P323, P324, P327-P332, P337
    let w = world();
    let (tcp, udp) = (w.tcp(), w.udp());
    let mut word = [0; 4];
    // SAFETY: live locals; the missing count is what is tested.
    let missing = unsafe {
        w.procs().ioctl(
            tcp,
            FIONREAD,
            ptr::null(),
            0,
            word.as_mut_ptr().cast(),
            4,
            ptr::null_mut(),
            ptr::null_mut(),
            RawCallback::NULL,
            ptr::null_mut(),
        )
    };
    assert_eq!(missing.unwrap_err().errno, WSAEFAULT);
    assert_eq!(
        w.ioctl(tcp, FIONBIO, &[1, 0, 0], &mut []),
        Err(Errno::FAULT)
    );
    assert_eq!(w.ioctl(tcp, FIONBIO, &[0; 4], &mut []), Ok(0));
    assert_eq!(
        w.ioctl(tcp, FIONREAD, &[], &mut word[..3]),
        Err(Errno::FAULT)
    );
    assert_eq!(
        (w.ioctl(tcp, FIONREAD, &[], &mut word), word),
        (Ok(4), [0; 4])
    );
    assert_eq!(
        (w.ioctl(tcp, SIOCATMARK, &[], &mut word), word),
        (Ok(4), [1, 0, 0, 0])
    );
    assert_eq!(
        w.ioctl(tcp, 0x1234_5678, &[], &mut []),
        Err(Errno::OPNOTSUPP)
    );
    assert_eq!(w.ioctl(tcp, SIO_FLUSH, &[], &mut []), Err(Errno::OPNOTSUPP));
    let mut pointer = [0; 8];
    let unknown = w.ioctl(
        tcp,
        SIO_GET_EXTENSION_FUNCTION_POINTER,
        &[7; 16],
        &mut pointer,
    );
    assert_eq!(unknown, Err(Errno::INVAL));
    let vals = [1u32, 1000, 1000].map(u32::to_ne_bytes).concat();
    assert_eq!(
        w.ioctl(tcp, SIO_KEEPALIVE_VALS, &vals[..11], &mut []),
        Err(Errno::FAULT)
    );
    assert_eq!(w.ioctl(tcp, SIO_KEEPALIVE_VALS, &vals, &mut []), Ok(0));
    let query = SIO_IDEAL_SEND_BACKLOG_QUERY;
    assert_eq!(w.ioctl(tcp, query, &[], &mut word), Err(Errno::NOTCONN));
    assert_eq!(w.ioctl(udp, query, &[], &mut word), Err(Errno::OPNOTSUPP));
    let (client, server) = w.pair();
    assert_eq!(w.ioctl(client, query, &[], &mut word), Ok(4));
    assert_eq!(u32::from_ne_bytes(word), 0x10000);
    for code in [
        SIO_BASE_HANDLE,
        SIO_BSP_HANDLE,
        SIO_BSP_HANDLE_SELECT,
        SIO_BSP_HANDLE_POLL,
    ] {
        assert_eq!(w.ioctl(tcp, code, &[], &mut pointer), Ok(8));
        assert_eq!(usize::from_ne_bytes(pointer), tcp);
        assert_eq!(
            w.ioctl(tcp, code, &[], &mut pointer[..7]),
            Err(Errno::FAULT)
        );
    }
    assert_eq!(
        w.ioctl(udp, SIO_ENABLE_CIRCULAR_QUEUEING, &[], &mut []),
        Ok(0)
    );
    for s in [tcp, udp, client, server] {
        w.close(s).unwrap();
    }
}

#[test]
fn ioctls_about_the_host_answer_with_sizes() {
    // P333-P336
    let w = world();
    let s = w.udp();
    let mut name = [0u8; 16];
    let query = SIO_ROUTING_INTERFACE_QUERY;
    let to = |ip: [u8; 4], family: u8| {
        let mut bytes = [0u8; 16];
        bytes[0] = family;
        bytes[4..8].copy_from_slice(&ip);
        bytes
    };
    assert_eq!(w.ioctl(s, query, &[], &mut name), Err(Errno::INVAL));
    assert_eq!(
        w.ioctl(s, query, &to([127, 0, 0, 1], 0), &mut name),
        Err(Errno::AFNOSUPPORT)
    );
    assert_eq!(
        w.ioctl(s, query, &to([0; 4], 2), &mut name),
        Err(Errno::INVAL)
    );
    assert_eq!(
        w.ioctl(s, query, &to([127, 0, 0, 1], 2), &mut name[..15]),
        Err(Errno::FAULT)
    );
    assert_eq!(w.ioctl(s, query, &to([127, 0, 0, 1], 2), &mut name), Ok(16));
    assert_eq!(name[4..8], [127, 0, 0, 1]);
    assert_eq!(
        w.ioctl(s, SIO_ADDRESS_LIST_QUERY, &[], &mut [0; 1]),
        Err(Errno::INVAL)
    );
    let mut list = [0u8; 4096];
    let size = w.ioctl(s, SIO_ADDRESS_LIST_QUERY, &[], &mut list).unwrap();
    let count = i32::decode(&list).unwrap() as usize;
    assert_eq!(size, 8 + count * 32);
    let mut interfaces = [0u8; 76 * 64];
    let size = w
        .ioctl(s, SIO_GET_INTERFACE_LIST, &[], &mut interfaces)
        .unwrap();
    assert!(size > 0 && size.is_multiple_of(76));
    let loopback = interfaces[..size]
        .chunks(76)
        .any(|one| u32::decode(one).unwrap() & IFF_LOOPBACK != 0 && one[8..12] == [127, 0, 0, 1]);
    assert!(loopback);
    assert_eq!(
        w.ioctl(s, SIO_GET_INTERFACE_LIST, &[], &mut [0; 75]),
        Err(Errno::FAULT)
    );
    w.non_blocking(s, true);
    assert_eq!(
        w.ioctl(s, SIO_ADDRESS_LIST_CHANGE, &[], &mut []),
        Err(Errno::WOULDBLOCK)
    );
    w.close(s).unwrap();
}

#[test]
fn names_are_checked_in_windows_order() {
    // P39-P42
    let w = world();
    let s = w.tcp();
    let (mut name, mut length) = ([7u8; 16], 16);
    // SAFETY: live locals.
    let unbound = unsafe {
        w.procs()
            .get_sock_name(s, name.as_mut_ptr().cast(), &mut length)
    };
    assert_eq!((unbound.unwrap_err().errno, name), (WSAEINVAL, [7; 16]));
    // SAFETY: NULL pointers are what is tested.
    let null = unsafe { w.procs().get_peer_name(s, ptr::null_mut(), ptr::null_mut()) };
    assert_eq!(null.unwrap_err().errno, WSAENOTCONN);
    w.bind(s, v4(0)).unwrap();
    length = 15;
    // SAFETY: live locals.
    let short = unsafe {
        w.procs()
            .get_sock_name(s, name.as_mut_ptr().cast(), &mut length)
    };
    assert_eq!((short.unwrap_err().errno, length), (WSAEFAULT, 15));
    length = 16;
    // SAFETY: live locals.
    unsafe {
        w.procs()
            .get_sock_name(s, name.as_mut_ptr().cast(), &mut length)
    }
    .unwrap();
    assert_eq!(name[8..], [0; 8]);
    w.close(s).unwrap();
    // SAFETY: NULL pointers are what is tested.
    let closed = unsafe { w.procs().get_peer_name(s, ptr::null_mut(), ptr::null_mut()) };
    assert_eq!(closed.unwrap_err().errno, WSAENOTSOCK);
}

#[test]
fn event_registrations_are_validated() {
    // P239, P240, and base-provider.md 1.10: a fetch works without a registration.
    let w = world();
    let s = w.tcp();
    let select = |event, mask| {
        // SAFETY: numbers only.
        let call = unsafe { w.procs().event_select(s, event, mask) };
        call.map_err(|failure| failure.errno)
    };
    assert_eq!(select(0, 1), Err(WSAEINVAL));
    assert_eq!(select(4, 0x400), Err(WSAEINVAL));
    let mut events = WSANETWORKEVENTS {
        lNetworkEvents: 77,
        ..WSANETWORKEVENTS::EMPTY
    };
    // SAFETY: a live local.
    unsafe { w.procs().enum_network_events(s, 0, &mut events) }.unwrap();
    assert_eq!(events.lNetworkEvents, 0);
    // SAFETY: NULL is what is tested.
    let null = unsafe { w.procs().enum_network_events(s, 0, ptr::null_mut()) };
    assert_eq!(null.unwrap_err().errno, WSAEFAULT);
    assert_eq!(select(4, 1), Ok(0));
    let blocking = w.ioctl(s, FIONBIO, &0u32.to_ne_bytes(), &mut []);
    assert_eq!(blocking, Err(Errno::INVAL));
    assert_eq!(select(0, 0), Ok(0));
    w.non_blocking(s, false);
    w.close(s).unwrap();
}
