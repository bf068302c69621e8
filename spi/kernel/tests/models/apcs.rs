//! APCs against the waits they are meant for, the exit of the thread, and each other.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use shuttle::thread;
use ws2spi_abi::Errno;
use ws2spi_kernel::Timeout;
use ws2spi_kernel::event::Event;
use ws2spi_kernel::event::Reset;
use ws2spi_kernel::handles::Kind;
use ws2spi_kernel::handles::Object;
use ws2spi_kernel::thread::Apc;
use ws2spi_kernel::thread::ExternalWait;
use ws2spi_kernel::thread::Wake;
use ws2spi_kernel::thread::current;
use ws2spi_kernel::wait;
use ws2spi_kernel::wait::Alert;
use ws2spi_kernel::wait::Waited;

use super::event;
use super::explore;
use super::wait_for;

/// An APC against the wait it is meant for, a signal, and the exit of the thread: it runs once, on
/// its thread, or was refused, or was dropped with the thread.
#[test]
fn an_apc_runs_once_or_not_at_all() {
    explore(|| {
        let (signal, object) = event(Reset::Manual);
        let (ran, dropped) = (Arc::new(AtomicUsize::new(0)), Arc::new(()));
        let (send, receive) = shuttle::sync::mpsc::channel();
        let target = thread::spawn(move || {
            send.send(current()).unwrap();
            wait_for(&object, Alert::Alertable)
        });
        let thread = receive.recv().unwrap();
        let setter = thread::spawn(move || signal.set());
        let (counter, held) = (ran.clone(), dropped.clone());
        let me = thread.id();
        let queued = thread.queue_apc(Apc::new(move || {
            assert_eq!(current().id(), me);
            counter.fetch_add(1, SeqCst);
            drop(held);
        }));
        setter.join().unwrap();
        let waited = target.join().unwrap();
        let runs = ran.load(SeqCst);
        match waited {
            Waited::Apc => assert_eq!((queued, runs), (Ok(()), 1)),
            waited => assert_eq!((waited, runs), (Waited::Signaled(0), 0)),
        }
        if queued.is_err() {
            assert_eq!(queued, Err(Errno::FAULT));
        }
        let exited: Arc<dyn Object> = thread;
        assert_eq!(wait_for(&exited, Alert::Plain), Waited::Signaled(0));
        assert_eq!(Arc::strong_count(&dropped), 1, "run or dropped, but gone");
    });
}

/// An APC that is queued to a thread which begins to wait alertably always ends that wait.
#[test]
fn an_apc_always_wakes_an_alertable_wait() {
    explore(|| {
        let (send, receive) = shuttle::sync::mpsc::channel();
        let target = thread::spawn(move || {
            send.send(current()).unwrap();
            wait::sleep(Timeout::Infinite, Alert::Alertable)
        });
        let thread = receive.recv().unwrap();
        thread.queue_apc(Apc::new(|| ())).unwrap();
        assert_eq!(target.join().unwrap(), Waited::Apc);
    });
}

struct Bell(Event);

impl Wake for Bell {
    fn wake(&self) {
        self.0.set();
    }
}

impl Object for Bell {
    fn kind(&self) -> Kind {
        Kind::Event
    }
    fn signal(&self) -> Option<&ws2spi_kernel::Signal> {
        self.0.signal()
    }
}

/// An APC queued while a thread begins to wait elsewhere reaches it.
#[test]
fn an_apc_always_wakes_a_wait_elsewhere() {
    explore(|| {
        let (send, receive) = shuttle::sync::mpsc::channel();
        let target = thread::spawn(move || {
            send.send(current()).unwrap();
            let bell = Arc::new(Bell(Event::new(Reset::Auto, false)));
            let wait = ExternalWait::begin(bell.clone());
            let object: Arc<dyn Object> = bell;
            wait_for(&object, Alert::Plain);
            wait.run_apcs()
        });
        receive.recv().unwrap().queue_apc(Apc::new(|| ())).unwrap();
        assert_eq!(target.join().unwrap(), 1);
    });
}

/// An APC queues another to its own thread while one comes from outside: all run, each once, and what
/// an APC queues runs in the same wait.
#[test]
fn what_an_apc_queues_runs_in_the_same_wait() {
    explore(|| {
        let (send, receive) = shuttle::sync::mpsc::channel();
        let (chain, outside) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let target = {
            let (chain, outside) = (chain.clone(), outside.clone());
            thread::spawn(move || {
                send.send(current()).unwrap();
                while chain.load(SeqCst) + outside.load(SeqCst) < 3 {
                    let waited = wait::sleep(Timeout::Infinite, Alert::Alertable);
                    assert_eq!(waited, Waited::Apc);
                    assert_ne!(chain.load(SeqCst), 1, "the second runs with the first");
                }
            })
        };
        let thread = receive.recv().unwrap();
        let queuer = {
            let (thread, outside) = (thread.clone(), outside.clone());
            thread::spawn(move || {
                let count = move || assert_eq!(outside.fetch_add(1, SeqCst), 0);
                thread.queue_apc(Apc::new(count)).unwrap();
            })
        };
        let first = chain.clone();
        let queue_another = move || {
            assert_eq!(first.fetch_add(1, SeqCst), 0);
            let another = move || assert_eq!(first.fetch_add(1, SeqCst), 1);
            current().queue_apc(Apc::new(another)).unwrap();
        };
        thread.queue_apc(Apc::new(queue_another)).unwrap();
        queuer.join().unwrap();
        target.join().unwrap();
        assert_eq!((chain.load(SeqCst), outside.load(SeqCst)), (2, 1));
    });
}
