//! Tests of threads and their APC queues.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc;
use std::time::Duration;

use super::*;
use crate::clock::Timeout;
use crate::wait;
use crate::wait::Alert;
use crate::wait::Waited;

fn alertable(timeout: Timeout) -> Waited {
    wait::sleep(timeout, Alert::Alertable)
}

/// Counts its wake-ups and tells somebody of each.
struct Bell(mpsc::Sender<()>, AtomicUsize);

impl Wake for Bell {
    fn wake(&self) {
        self.1.fetch_add(1, SeqCst);
        let _ = self.0.send(());
    }
}

fn bell() -> (Arc<Bell>, mpsc::Receiver<()>) {
    let (send, receive) = mpsc::channel();
    (Arc::new(Bell(send, AtomicUsize::new(0))), receive)
}

/// U74, U77: an opened thread is the thread that opened it, and its handle is closed once.
#[test]
fn an_opened_thread_is_the_one_that_opened_it() {
    let raw = open_current().unwrap().raw();
    assert_eq!(from_handle(raw).unwrap().id(), current().id());
    assert_eq!(handles::close(raw), Ok(()));
    assert_eq!(handles::close(raw), Err(Errno::INVALID_HANDLE));
    assert!(from_handle(raw).is_none());
    assert_eq!(from_handle(CURRENT_THREAD).unwrap().id(), current().id());
}

/// U76: WPUCloseThread from another thread works; APCs that are queued already survive it.
#[test]
fn another_thread_may_close_the_identity() {
    let ran = Arc::new(AtomicUsize::new(0));
    let counter = ran.clone();
    let raw = open_current().unwrap().raw();
    let apc = Apc::new(move || _ = counter.fetch_add(1, SeqCst));
    std::thread::spawn(move || {
        from_handle(raw).unwrap().queue_apc(apc).unwrap();
        handles::close(raw).unwrap();
    })
    .join()
    .unwrap();
    assert_eq!(alertable(Timeout::ZERO), Waited::Apc);
    assert_eq!(ran.load(SeqCst), 1);
}

/// U78: the routine runs on the target with the exact context.
#[test]
fn an_apc_gets_its_context_on_its_thread() {
    static SEEN: std::sync::Mutex<Vec<(u32, usize)>> = std::sync::Mutex::new(Vec::new());
    let record = |context| SEEN.lock().unwrap().push((current().id(), context));
    current()
        .queue_apc(Apc::call(record, usize::MAX - 1))
        .unwrap();
    assert_eq!(alertable(Timeout::Infinite), Waited::Apc);
    assert_eq!(*SEEN.lock().unwrap(), [(current().id(), usize::MAX - 1)]);
}

/// U80: several APCs run in queueing order, all of them in one wait.
#[test]
fn apcs_run_in_the_order_of_queueing() {
    let (send, receive) = mpsc::channel();
    for number in 0..100 {
        let send = send.clone();
        current()
            .queue_apc(Apc::new(move || send.send(number).unwrap()))
            .unwrap();
    }
    assert_eq!(alertable(Timeout::ZERO), Waited::Apc);
    assert_eq!(
        receive.try_iter().collect::<Vec<_>>(),
        (0..100).collect::<Vec<_>>()
    );
}

/// U81: queueing to a thread that has exited fails with WSAEFAULT, and what it had not run is
/// dropped.
#[test]
fn an_exited_thread_takes_no_apcs() {
    let held = Arc::new(());
    let kept = held.clone();
    let thread = std::thread::spawn(move || {
        let thread = current();
        thread.queue_apc(Apc::new(move || drop(kept))).unwrap();
        thread
    })
    .join()
    .unwrap();
    // The exit itself ends a little after `join` may return.
    let exited: Arc<dyn Object> = thread.clone();
    wait::for_object(&exited, Timeout::Infinite, Alert::Plain);
    assert_eq!(thread.queue_apc(Apc::new(|| ())), Err(Errno::FAULT));
    assert_eq!(Arc::strong_count(&held), 1);
    assert!(by_id(thread.id()).is_none());
}

/// U84: a routine may queue another APC to its thread; the same wait runs it.
#[test]
fn an_apc_may_queue_another_and_wait() {
    let (send, receive) = mpsc::channel();
    let inner = send.clone();
    let apc = Apc::new(move || {
        send.send("outer begins").unwrap();
        let apc = Apc::new(move || inner.send("inner").unwrap());
        current().queue_apc(apc).unwrap();
        let event: Arc<dyn Object> =
            Arc::new(crate::event::Event::new(crate::event::Reset::Auto, false));
        let waited = wait::for_object(&event, Timeout::ZERO, Alert::Plain);
        assert_eq!(waited, Waited::TimedOut);
        send.send("outer ends").unwrap();
    });
    current().queue_apc(apc).unwrap();
    assert_eq!(alertable(Timeout::Infinite), Waited::Apc);
    let order: Vec<_> = receive.try_iter().collect();
    assert_eq!(order, ["outer begins", "outer ends", "inner"]);
    assert_eq!(alertable(Timeout::ZERO), Waited::TimedOut);
}

/// client-dll.md 6.4: what runs in an alertable wait of an APC does not disturb the wait outside.
#[test]
fn an_alertable_wait_inside_an_apc_runs_the_rest() {
    let (send, receive) = mpsc::channel();
    let (first, second) = (send.clone(), send);
    let outer = Apc::new(move || {
        assert_eq!(alertable(Timeout::Infinite), Waited::Apc);
        first.send("outer").unwrap();
    });
    current().queue_apc(outer).unwrap();
    current()
        .queue_apc(Apc::new(move || second.send("inner").unwrap()))
        .unwrap();
    assert_eq!(alertable(Timeout::Infinite), Waited::Apc);
    assert_eq!(receive.try_iter().collect::<Vec<_>>(), ["inner", "outer"]);
}

/// Contract of `ExternalWait`: an APC wakes a thread that waits elsewhere, which then runs it.
#[test]
fn an_apc_wakes_an_external_wait() {
    let (bell, ring) = bell();
    let (send, receive) = mpsc::channel();
    let waiter = std::thread::spawn(move || {
        let wait = ExternalWait::begin(bell);
        send.send(current()).unwrap();
        ring.recv().unwrap();
        assert!(wait.has_apcs());
        wait.run_apcs()
    });
    receive.recv().unwrap().queue_apc(Apc::new(|| ())).unwrap();
    assert_eq!(waiter.join().unwrap(), 1);
}

/// Contract of `ExternalWait`: APCs that were queued before it began wake it at once; none does
/// after its end; the wait around it is woken again.
#[test]
fn an_external_wait_wakes_as_long_as_it_lasts() {
    let (outer_bell, _outer_ring) = bell();
    let (inner_bell, _inner_ring) = bell();
    let rings = |bell: &Bell| bell.1.load(SeqCst);
    let outer = ExternalWait::begin(outer_bell.clone());
    current().queue_apc(Apc::new(|| ())).unwrap();
    assert_eq!((rings(&outer_bell), rings(&inner_bell)), (1, 0));
    let inner = ExternalWait::begin(inner_bell.clone());
    assert_eq!((rings(&outer_bell), rings(&inner_bell)), (1, 1));
    current().alert();
    assert_eq!((rings(&outer_bell), rings(&inner_bell)), (1, 2));
    drop(inner);
    current().alert();
    assert_eq!((rings(&outer_bell), rings(&inner_bell)), (2, 2));
    assert_eq!(outer.run_apcs(), 1);
    drop(outer);
    current().alert();
    assert_eq!((rings(&outer_bell), rings(&inner_bell)), (2, 2));
}

/// base-provider.md 4.5, "issuing thread exits": what was asked for at exit runs on the thread.
#[test]
fn exit_actions_run_when_the_thread_exits() {
    let (send, receive) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let id = std::thread::current().id();
        assert!(current().at_exit(move || send.send(std::thread::current().id() == id).unwrap()));
        current()
    })
    .join()
    .unwrap();
    assert_eq!(receive.recv_timeout(Duration::from_secs(60)), Ok(true));
    let exited: Arc<dyn Object> = thread.clone();
    wait::for_object(&exited, Timeout::Infinite, Alert::Plain);
    assert!(!thread.at_exit(|| ()));
}

/// GetCurrentThreadId, OpenThread: ids are multiples of 4, not 0, unique, and lead to the thread.
#[test]
fn ids_lead_to_running_threads() {
    let here = current();
    let there = std::thread::spawn(|| current().id()).join().unwrap();
    assert!(here.id() != 0 && here.id().is_multiple_of(4) && there != here.id());
    assert_eq!(by_id(here.id()).unwrap().id(), here.id());
    let raw = open(here.id()).unwrap().raw();
    assert_eq!(from_handle(raw).unwrap().id(), here.id());
    handles::close(raw).unwrap();
    assert_eq!(open(here.id() + 1), Err(Errno::INVALID_PARAMETER));
}
