//! Functions that providers serve beside their table: `WSAPoll`, `WSASendMsg`, and the level that a layer names for them.

use crate::api::*;
use crate::fixture::*;
use crate::process::{last_error, set_last_error};
use parking_lot::Mutex;
use std::ptr::null_mut;
use std::sync::Arc;
use ws2spi_abi::*;

static POLLED: Mutex<Vec<SOCKET>> = Mutex::new(Vec::new());

unsafe extern "system" fn poll_function(fds: *mut WSAPOLLFD, count: u32, timeout: i32) -> i32 {
    // SAFETY: the array is as long as is said.
    let fds = unsafe { std::slice::from_raw_parts_mut(fds, count as usize) };
    *POLLED.lock() = fds.iter().map(|fd| fd.fd).collect();
    fds.iter_mut().for_each(|fd| fd.revents = fd.events);
    if timeout == 13 {
        set_last_error(WSAENETDOWN);
        return SOCKET_ERROR;
    }
    fds.len() as i32
}

fn poll_pointer() -> RawCallback {
    RawCallback::from_raw(poll_function as *const () as usize)
}

fn fd(fd: SOCKET, events: i16) -> WSAPOLLFD {
    WSAPOLLFD {
        fd,
        events,
        revents: 0x7f,
    }
}

fn poll(fds: &mut [WSAPOLLFD], timeout: i32) -> i32 {
    // SAFETY: the array is as long as is said.
    unsafe { wsa_poll(fds.as_mut_ptr(), fds.len() as u32, timeout) }
}

#[test]
fn poll_checks_its_arguments_in_order() {
    // P293: count 0 gives WSAEINVAL, NULL gives WSAEFAULT. P294: POLLERR, POLLHUP, POLLNVAL, POLLPRI, POLLWRBAND give WSAEINVAL.
    let world = World::started();
    // SAFETY: NULL is allowed.
    let none = unsafe { wsa_poll(null_mut(), 0, 0) };
    assert_eq!((none, last_error()), (SOCKET_ERROR, WSAEINVAL));
    // SAFETY: as above.
    let nowhere = unsafe { wsa_poll(null_mut(), 1, 0) };
    assert_eq!((nowhere, last_error()), (SOCKET_ERROR, WSAEFAULT));
    let s = world.socket(0);
    for events in [POLLERR, POLLHUP, POLLNVAL, POLLPRI, POLLWRBAND, 0x1000] {
        assert_eq!(poll(&mut [fd(s, events)], 0), SOCKET_ERROR);
        assert_eq!(last_error(), WSAEINVAL, "{events:#x}");
    }
}

#[test]
fn poll_is_served_at_the_level_that_a_layer_names() {
    // client-dll.md 5.9: WSAPoll translates with SIO_BSP_HANDLE_POLL; what a layer answers decides.
    let world = World::started();
    let lower = world.socket(1);
    world.script(0, |script| script.level = Some(lower));
    world.script(1, |script| script.extension = poll_pointer());
    let upper = world.socket(0);
    let mut fds = [fd(upper, POLLRDNORM), fd(INVALID_SOCKET, POLLIN)];
    assert_eq!(poll(&mut fds, 0), 2);
    assert_eq!(*POLLED.lock(), [lower, INVALID_SOCKET]);
    assert_eq!((fds[0].fd, fds[0].revents), (upper, POLLRDNORM));
    // The function's own error stays.
    assert_eq!(poll(&mut fds, 13), SOCKET_ERROR);
    assert_eq!(last_error(), WSAENETDOWN);
}

#[test]
fn a_level_that_belongs_to_the_same_provider_is_the_socket_itself() {
    // client-dll.md 5.9: a layer's answer names a socket of a provider below it; one that is registered with the layer's own entry
    // would come back to a layer that does not know it.
    let world = World::started();
    let lower = world.socket(0);
    world.script(0, |script| {
        script.level = Some(lower);
        script.extension = poll_pointer();
    });
    let upper = world.socket(0);
    assert_eq!(poll(&mut [fd(upper, POLLRDNORM)], 0), 1);
    assert_eq!(*POLLED.lock(), [upper]);
}

#[test]
fn poll_without_a_socket_is_not_a_socket() {
    // P296: only invalid fds: SOCKET_ERROR, WSAENOTSOCK; POLLNVAL in each.
    let _world = World::started();
    let mut fds = [fd(INVALID_SOCKET, POLLIN), fd(8, 0)];
    assert_eq!(poll(&mut fds, 0), SOCKET_ERROR);
    assert_eq!(last_error(), WSAENOTSOCK);
    assert_eq!(fds.map(|fd| fd.revents), [POLLNVAL, POLLNVAL]);
}

#[test]
fn poll_falls_back_to_select() {
    // client-dll.md 5.9: a provider without a WSAPoll function is asked through WSPSelect. P295: POLLNVAL is not counted.
    let world = World::started();
    let s = world.socket(0);
    let mut fds = [fd(s, POLLRDNORM | POLLWRNORM), fd(8, POLLIN)];
    world.script(0, |script| {
        // The scripted select leaves all sets as they are: everything is ready.
        script.action = Some(Arc::new(|s| if s == 0 { Ok(3) } else { Ok(0) }));
    });
    assert_eq!(poll(&mut fds, 5), 1);
    assert_eq!(fds[0].revents, POLLRDNORM | POLLWRNORM | POLLERR);
    assert_eq!(fds[1].revents, POLLNVAL);
    assert_eq!(world.record(0).count("WSPSelect"), 1);
}

unsafe extern "system" fn send_function(
    s: SOCKET,
    message: *mut WSAMSG,
    flags: u32,
    sent: *mut u32,
    _: *mut OVERLAPPED,
    _: RawCallback,
) -> i32 {
    assert!(!message.is_null());
    // SAFETY: the caller's count.
    unsafe { sent.write(flags) };
    POLLED.lock().push(s);
    0
}

#[test]
fn messages_are_sent_by_the_providers_own_function() {
    // client-dll.md 5.9: WSASendMsg translates with SIO_BSP_HANDLE.
    let world = World::started();
    let s = world.socket(0);
    let mut message = WSAMSG::EMPTY;
    let mut sent = 0;
    let (out, message) = (&raw mut sent, &raw mut message);
    // SAFETY: message and count are live locals.
    let code = unsafe { wsa_send_msg(s, message, 7, out, null_mut(), RawCallback::NULL) };
    assert_eq!((code, last_error()), (SOCKET_ERROR, WSAEOPNOTSUPP));
    let function = RawCallback::from_raw(send_function as *const () as usize);
    world.script(0, |script| script.extension = function);
    POLLED.lock().clear();
    // SAFETY: as above.
    let code = unsafe { wsa_send_msg(s, message, 7, out, null_mut(), RawCallback::NULL) };
    assert_eq!((code, sent), (0, 7));
    assert_eq!(*POLLED.lock(), [s]);
    // SAFETY: as above.
    let code = unsafe { wsa_send_msg(4, message, 7, out, null_mut(), RawCallback::NULL) };
    assert_eq!((code, last_error()), (SOCKET_ERROR, WSAENOTSOCK));
}
