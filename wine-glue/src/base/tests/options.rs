//! Options, ioctls, templates.

use super::*;

/// P 1.15, 1.27: a number is set and read; NULL is a fault; an unknown option is refused.
#[test]
fn options_are_set_and_read() {
    let world = World::start();
    let s = world.socket(AF_INET, SOCK_STREAM);
    world.set_number(s, SOL_SOCKET, SO_RCVTIMEO, 250).unwrap();
    assert_eq!(world.number(s, SOL_SOCKET, SO_RCVTIMEO), Ok(250));
    assert_eq!(world.number(s, SOL_SOCKET, 0x7abc), Err(WSAENOPROTOOPT));
    let p = &world.procs;
    // SAFETY: null is refused.
    let nowhere =
        unsafe { p.get_sock_opt(s, SOL_SOCKET, SO_TYPE, ptr::null_mut(), ptr::null_mut()) };
    assert_eq!(judged(nowhere), Err(WSAEFAULT));
    // SAFETY: as above.
    let nothing = unsafe { p.set_sock_opt(s, SOL_SOCKET, SO_KEEPALIVE, ptr::null(), 4) };
    assert_eq!(judged(nothing), Err(WSAEFAULT));
}

/// P 1.20: a receive that takes too long ends with its time.
#[test]
fn a_receive_ends_with_its_time() {
    let world = World::start();
    let (client, _server) = world.pair();
    world
        .set_number(client, SOL_SOCKET, SO_RCVTIMEO, 50)
        .unwrap();
    let mut got = [0; 8];
    assert_eq!(world.receive(client, &mut got), Err(WSAETIMEDOUT));
}

/// P 2.8: the handles of the base are the socket itself.
#[test]
fn the_base_is_the_socket() {
    let world = World::start();
    let s = world.socket(AF_INET, SOCK_STREAM);
    for code in [
        SIO_BASE_HANDLE,
        SIO_BSP_HANDLE,
        SIO_BSP_HANDLE_SELECT,
        SIO_BSP_HANDLE_POLL,
    ] {
        let mut answer = [0; 8];
        assert_eq!(world.ioctl(s, code, &[], &mut answer), Ok(8));
        assert_eq!(usize::from_ne_bytes(answer), s);
        assert_eq!(world.ioctl(s, code, &[], &mut answer[..4]), Err(WSAEFAULT));
    }
}

/// P 1.17: the count of an answer is asked for, unknown codes are refused.
#[test]
fn bad_ioctls_are_refused() {
    let world = World::start();
    let s = world.socket(AF_INET, SOCK_STREAM);
    assert_eq!(world.ioctl(s, FIONBIO, &[1], &mut []), Err(WSAEFAULT));
    assert_eq!(world.ioctl(s, SIO_FLUSH, &[], &mut []), Err(WSAEOPNOTSUPP));
    let (ov, routine, thread) = (ptr::null_mut(), RawCallback::NULL, ptr::null_mut());
    let (no, into) = (ptr::null(), ptr::null_mut());
    // SAFETY: null is refused.
    let nowhere = unsafe {
        world.procs.ioctl(
            s,
            SIO_FLUSH,
            no,
            0,
            into,
            0,
            ptr::null_mut(),
            ov,
            routine,
            thread,
        )
    };
    assert_eq!(judged(nowhere), Err(WSAEFAULT));
    let mut waiting = [0; 4];
    let (client, server) = world.pair();
    world.send(server, b"four").unwrap();
    world.await_readable(client);
    assert_eq!(world.ioctl(client, FIONREAD, &[], &mut waiting), Ok(4));
    assert_eq!(u32::from_ne_bytes(waiting), 4);
}

/// P 1.16: there are no templates.
#[test]
fn there_are_no_templates() {
    let world = World::start();
    let s = world.socket(AF_INET, SOCK_DGRAM);
    // SAFETY: neither is looked at.
    let asked = unsafe { world.procs.get_qos_by_name(s, ptr::null(), ptr::null_mut()) };
    assert_eq!(judged(asked), Err(WSAEINVAL));
}
