//! Tests of objects with names, whose state is shared: what of it one process can see.

use std::sync::Arc;
use std::thread;

use ws2spi_abi::Errno;

use super::bell;
use crate::clock::Timeout;
use crate::event;
use crate::event::Reset;
use crate::handles;
use crate::mutex;
use crate::mutex::InitialOwner;
use crate::names::Name;
use crate::semaphore;
use crate::thread as kernel_thread;
use crate::thread::Apc;
use crate::wait;
use crate::wait::Alert;
use crate::wait::WaitFor;
use crate::wait::Waited;

fn name(text: &str) -> Option<Name> {
    Some(Name::new(&format!("ws2spi {} {text}", std::process::id())).unwrap())
}

fn event(text: &str, reset: Reset) -> usize {
    let made = event::create_named(reset, false, name(text)).unwrap();
    let raw = made.handle().raw();
    let object = handles::pin(raw).unwrap().object().cloned().unwrap();
    assert!(object.shared().is_some(), "there is a folder for sessions");
    raw
}

fn look(raw: usize) -> Waited {
    wait::one(raw, Timeout::ZERO, Alert::Plain).unwrap()
}

/// Waits on another thread, which listens when this returns.
fn waiting(raws: Vec<usize>, what: WaitFor) -> thread::JoinHandle<Result<Waited, Errno>> {
    let before = bell::listeners();
    let waiter = thread::spawn(move || wait::many(&raws, what, Timeout::Infinite, Alert::Plain));
    while bell::listeners() == before {
        thread::yield_now();
    }
    waiter
}

fn close(raws: &[usize]) {
    raws.iter().for_each(|&raw| handles::close(raw).unwrap());
}

/// SetEvent, ResetEvent: who waits is released by a set that a reset follows at once; the bell is not lost on anybody.
#[test]
fn a_wait_ends_with_a_set_that_is_gone() {
    let _alone = ALONE.lock();
    let raw = event("pulse", Reset::Manual);
    for _ in 0..20 {
        let waiters = [0; 2].map(|_| waiting(vec![raw], WaitFor::Any));
        event::set(raw).unwrap();
        event::reset(raw).unwrap();
        for waiter in waiters {
            assert_eq!(waiter.join().unwrap(), Ok(Waited::Signaled(0)));
        }
        assert_eq!(look(raw), Waited::TimedOut);
    }
    close(&[raw]);
}

/// WaitForMultipleObjects: a shared object and one of the process's own, for any and for all.
#[test]
fn shared_objects_are_waited_for_with_others() {
    let _alone = ALONE.lock();
    let shared = event("mixed", Reset::Auto);
    let own = event::create(Reset::Auto, false).unwrap().raw();
    for (place, raw) in [own, shared].into_iter().enumerate() {
        let any = waiting(vec![own, shared], WaitFor::Any);
        event::set(raw).unwrap();
        assert_eq!(any.join().unwrap(), Ok(Waited::Signaled(place)));
        assert_eq!(look(raw), Waited::TimedOut, "the wait took it");
    }
    let all = waiting(vec![own, shared], WaitFor::All);
    event::set(own).unwrap();
    event::set(shared).unwrap();
    assert_eq!(all.join().unwrap(), Ok(Waited::Signaled(0)));
    assert_eq!(
        (look(own), look(shared)),
        (Waited::TimedOut, Waited::TimedOut)
    );
    event::set(own).unwrap();
    let both = [own, shared];
    let none = wait::many(&both, WaitFor::All, Timeout::ZERO, Alert::Plain);
    assert_eq!(none, Ok(Waited::TimedOut));
    assert_eq!(look(own), Waited::Signaled(0), "it was given back");
    close(&both);
}

/// QueueUserAPC: an alertable wait for a shared object ends with an APC.
#[test]
fn an_apc_ends_a_wait_for_a_shared_object() {
    let _alone = ALONE.lock();
    let raw = event("apc", Reset::Manual);
    let this = kernel_thread::current();
    this.queue_apc(Apc::new(|| ())).unwrap();
    let ended = wait::one(raw, Timeout::Infinite, Alert::Alertable);
    assert_eq!(ended, Ok(Waited::Apc));
    close(&[raw]);
}

/// CreateSemaphore, CreateMutex with names: counts, owners and abandonment are as without.
#[test]
fn shared_counts_and_owners_are_as_others() {
    let _alone = ALONE.lock();
    let made = semaphore::create_named(1, 2, name("count")).unwrap();
    let count = made.handle().raw();
    assert_eq!(semaphore::release(count, 2), Err(Errno::TOO_MANY_POSTS));
    assert_eq!(semaphore::release(count, 1), Ok(1));
    assert_eq!(
        [look(count), look(count), look(count)],
        [Waited::Signaled(0), Waited::Signaled(0), Waited::TimedOut]
    );
    let made = mutex::create_named(InitialOwner::Creator, name("owner")).unwrap();
    let owned = made.handle().raw();
    assert_eq!(look(owned), Waited::Signaled(0), "once more");
    let other = thread::spawn(move || (look(owned), mutex::release(owned)));
    let refused = (Waited::TimedOut, Err(Errno::NOT_OWNER));
    assert_eq!(other.join().unwrap(), refused);
    assert_eq!(
        (mutex::release(owned), mutex::release(owned)),
        (Ok(()), Ok(()))
    );
    assert_eq!(mutex::release(owned), Err(Errno::NOT_OWNER));
    let gone = thread::spawn(move || look(owned)).join().unwrap();
    assert_eq!(gone, Waited::Signaled(0));
    let found = wait::one(owned, Timeout::Infinite, Alert::Plain);
    assert_eq!(found, Ok(Waited::Abandoned(0)));
    assert_eq!(mutex::release(owned), Ok(()));
    close(&[count, owned]);
}

/// CreateEvent, "lpName": threads that create one name at once get one object, and one of them is told that it is new.
#[test]
fn a_name_that_is_created_at_once_is_one_object() {
    let _alone = ALONE.lock();
    let begin = Arc::new(std::sync::Barrier::new(4));
    let create = |begin: Arc<std::sync::Barrier>| {
        begin.wait();
        event::create_named(Reset::Manual, false, name("at once")).unwrap()
    };
    let threads = [0; 4].map(|_| Arc::clone(&begin));
    let threads = threads.map(|begin| thread::spawn(move || create(begin)));
    let made = threads.map(|thread| thread.join().unwrap());
    let new = |made: &&crate::names::Created| matches!(made, crate::names::Created::New(_));
    assert_eq!(made.iter().filter(new).count(), 1);
    let raws = made.map(|made| made.handle().raw());
    event::set(raws[0]).unwrap();
    assert_eq!(raws.map(look), [Waited::Signaled(0); 4]);
    close(&raws);
}

/// The tests count who listens, which is the process's.
static ALONE: parking_lot::Mutex<()> = parking_lot::Mutex::new(());
