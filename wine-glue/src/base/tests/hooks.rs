//! The blocking hook, and cancelling what it stands for.

use super::*;

thread_local! {
    /// How often the hook was called, and how often it says yes.
    static CALLS: Cell<(u32, u32)> = const { Cell::new((0, 0)) };
    /// What the hook does in its second call.
    static DEED: Cell<Option<fn()>> = const { Cell::new(None) };
    static STAGE: Cell<(SOCKET, usize)> = const { Cell::new((0, 0)) };
}

unsafe extern "system" fn hook(_context: usize) -> BOOL {
    let (calls, limit) = CALLS.get();
    CALLS.set((calls + 1, limit));
    if calls == 1
        && let Some(deed) = DEED.get()
    {
        deed();
    }
    BOOL::from(calls + 1 < limit)
}

/// Runs with a hook that says yes `limit - 1` times, then no; how often it was called.
fn with_hook(limit: u32, run: impl FnOnce()) -> u32 {
    CALLS.set((0, limit));
    HOOK.set(RawCallback::from_raw(hook as *const () as usize));
    run();
    HOOK.set(RawCallback::NULL);
    DEED.set(None);
    CALLS.get().0
}

fn send_from_hook() {
    let (s, world) = STAGE.get();
    // SAFETY: the test's world, alive while its hook is set.
    let world = unsafe { &*(world as *const World) };
    // Within a hook no call waits.
    HOOK.set(RawCallback::NULL);
    world.send(s, b"at last").unwrap();
}

/// P 1.5: the hook is asked while a call would wait, and its no is WSAEINTR.
#[test]
fn a_hook_cancels_a_receive() {
    let world = World::start();
    let (client, server) = world.pair();
    let mut got = [0; 8];
    let calls = with_hook(3, || {
        assert_eq!(world.receive(client, &mut got), Err(WSAEINTR))
    });
    assert_eq!(calls, 3);
    world.send(server, b"x").unwrap();
    world.await_readable(client);
    let calls = with_hook(3, || assert_eq!(world.receive(client, &mut got), Ok(1)));
    assert_eq!(calls, 0);
}

/// P 1.5: what comes while the hook runs is received.
#[test]
fn a_hook_lets_data_come() {
    let world = World::start();
    let (client, server) = world.pair();
    STAGE.set((server, &raw const world as usize));
    DEED.set(Some(send_from_hook));
    let mut got = [0; 8];
    with_hook(u32::MAX, || {
        assert_eq!(world.receive(client, &mut got), Ok(7))
    });
}

/// P 1.5, 1.1, 1.23: accept and select are cancelled and leave the sockets as they were.
#[test]
fn a_hook_cancels_accept_and_select() {
    let world = World::start();
    let (listener, name) = world.listener();
    with_hook(2, || assert_eq!(world.accept(listener), Err(WSAEINTR)));
    with_hook(2, || {
        let mut set = set_of(listener);
        let none = ptr::null_mut();
        // SAFETY: a live set.
        let ready = unsafe { world.procs.select(0, &raw mut set, none, none, ptr::null()) };
        assert_eq!(judged(ready), Err(WSAEINTR));
    });
    let client = world.socket(AF_INET, SOCK_STREAM);
    with_hook(u32::MAX, || assert_eq!(world.connect(client, &name), Ok(0)));
    with_hook(u32::MAX, || assert!(world.accept(listener).is_ok()));
    let (closed, name) = world.listener();
    world.close(closed).unwrap();
    let refused = world.socket(AF_INET, SOCK_STREAM);
    with_hook(u32::MAX, || {
        assert_eq!(world.connect(refused, &name), Err(WSAECONNREFUSED))
    });
}

/// P 1.5: a time limit holds with a hook as well.
#[test]
fn a_time_limit_holds_with_a_hook() {
    let world = World::start();
    let (client, _server) = world.pair();
    world
        .set_number(client, SOL_SOCKET, SO_RCVTIMEO, 30)
        .unwrap();
    let mut got = [0; 8];
    with_hook(u32::MAX, || {
        assert_eq!(world.receive(client, &mut got), Err(WSAETIMEDOUT))
    });
}

/// P 1.5: there is nothing to cancel without a hook that stands for a call.
#[test]
fn there_may_be_nothing_to_cancel() {
    let world = World::start();
    // SAFETY: no pointers.
    let nothing = unsafe { world.procs.cancel_blocking_call() };
    assert_eq!(judged(nothing), Err(WSAEINVAL));
}
