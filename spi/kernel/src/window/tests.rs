//! Tests of windows and message queues. Every test uses classes and threads of its own.

use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::mpsc;

use ws2spi_abi::WM_APP;
use ws2spi_abi::WM_QUIT;

use super::*;
use crate::event;

fn name(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// Window, message and lparam of what a procedure got.
type Notes = Mutex<Vec<(HWND, u32, isize)>>;

/// A class whose procedure notes the messages it gets.
fn noting(class: &str) -> (Vec<u16>, Arc<Notes>) {
    let notes = Arc::new(Mutex::new(Vec::new()));
    let kept = notes.clone();
    let procedure = Procedure::new(move |message| {
        kept.lock()
            .unwrap()
            .push((message.window, message.message, message.lparam));
        default_procedure(message)
    });
    let class = name(class);
    register(&class, procedure).unwrap();
    (class, notes)
}

fn quiet(class: &str) -> HWND {
    let class = name(class);
    let _ = register(&class, Procedure::new(default_procedure));
    create(ClassId::Name(&class), 0).unwrap()
}

fn next() -> Option<(HWND, u32, usize, isize)> {
    let message = peek(Filter::default(), Take::Remove).unwrap();
    message.map(|message| {
        (
            message.window,
            message.message,
            message.wparam,
            message.lparam,
        )
    })
}

/// RegisterClass, CreateWindowEx: names are found whatever their case, and by atom.
#[test]
fn classes_are_found_by_name_and_atom() {
    let class = name("Kernel.Test.Näme");
    let atom = register(&class, Procedure::new(default_procedure)).unwrap();
    assert!(atom >= 0xc000);
    let other = name("kernel.test.NÄME");
    let twice = register(&other, Procedure::new(default_procedure));
    assert_eq!(twice, Err(Errno::CLASS_ALREADY_EXISTS));
    for id in [ClassId::Name(&other), ClassId::Atom(atom)] {
        let window = create(id, 0).unwrap();
        assert_eq!(unregister(id), Err(Errno::CLASS_HAS_WINDOWS));
        destroy(window).unwrap();
    }
    unregister(ClassId::Atom(atom)).unwrap();
    assert_eq!(
        unregister(ClassId::Name(&class)),
        Err(Errno::CLASS_DOES_NOT_EXIST)
    );
    assert_eq!(
        create(ClassId::Name(&class), 0),
        Err(Errno::CANNOT_FIND_WND_CLASS)
    );
    for bad in [Vec::new(), vec![65; 256]] {
        let result = register(&bad, Procedure::new(default_procedure));
        assert_eq!(result, Err(Errno::INVALID_PARAMETER));
    }
}

/// CreateWindowEx, DestroyWindow: the messages that come with them.
#[test]
fn a_window_is_told_of_its_beginning_and_end() {
    let (class, notes) = noting("told");
    let window = create(ClassId::Name(&class), 1234).unwrap();
    assert!(is_window(window) && owner(window) == Ok(thread::current().id()));
    destroy(window).unwrap();
    assert!(!is_window(window));
    let expected = [
        (WM_NCCREATE, 1234),
        (WM_CREATE, 1234),
        (WM_DESTROY, 0),
        (WM_NCDESTROY, 0),
    ];
    assert_eq!(
        *notes.lock().unwrap(),
        expected.map(|(message, l)| (window, message, l))
    );
}

/// WM_NCCREATE and WM_CREATE: 0 and -1 refuse the window.
#[test]
fn the_procedure_may_refuse_the_window() {
    for (class, message, refusal) in [("refuse early", WM_NCCREATE, 0), ("refuse", WM_CREATE, -1)] {
        let class = name(class);
        let procedure = Procedure::new(move |got| {
            if got.message == message {
                refusal
            } else {
                default_procedure(got)
            }
        });
        register(&class, procedure).unwrap();
        assert_eq!(
            create(ClassId::Name(&class), 0),
            Err(Errno::INVALID_WINDOW_HANDLE)
        );
        assert_eq!(
            unregister(ClassId::Name(&class)),
            Ok(()),
            "no window is left"
        );
    }
}

/// PostMessage, DispatchMessage: posted messages arrive in order at the procedure, on the thread
/// that owns the window.
#[test]
fn posted_messages_are_dispatched_in_order() {
    let (class, notes) = noting("posted");
    let window = create(ClassId::Name(&class), 0).unwrap();
    notes.lock().unwrap().clear();
    std::thread::spawn(move || (1..=3).for_each(|n| post(window, WM_APP, 0, n).unwrap()))
        .join()
        .unwrap();
    for _ in 0..3 {
        assert!(notes.lock().unwrap().len() < 3);
        dispatch(&get(Filter::default()).unwrap());
    }
    let expected = [1, 2, 3].map(|lparam| (window, WM_APP, lparam));
    assert_eq!(*notes.lock().unwrap(), expected);
    destroy(window).unwrap();
}

/// GetMessage waits for a message of another thread, and leaves APCs alone.
#[test]
fn get_waits_for_a_message() {
    let (send, receive) = mpsc::channel();
    let loop_thread = std::thread::spawn(move || {
        let ran = Arc::new(AtomicUsize::new(0));
        let counter = ran.clone();
        let apc = crate::thread::Apc::new(move || _ = counter.fetch_add(1, SeqCst));
        thread::current().queue_apc(apc).unwrap();
        send.send((quiet("waiting"), thread::current())).unwrap();
        let got = get(Filter::default()).unwrap();
        (got.message, got.wparam, ran.load(SeqCst))
    });
    let (window, waiting) = receive.recv().unwrap();
    let queue: Arc<dyn Object> = waiting.queue().clone();
    while queue.signal().unwrap().waiters() == 0 {
        std::thread::yield_now();
    }
    post(window, WM_APP + 1, 42, 0).unwrap();
    assert_eq!(loop_thread.join().unwrap(), (WM_APP + 1, 42, 0));
}

/// PostQuitMessage: WM_QUIT comes when the queue is empty, once.
#[test]
fn quit_comes_last() {
    std::thread::spawn(|| {
        let window = quiet("quitting");
        post(window, WM_APP, 1, 0).unwrap();
        post_quit(7);
        post(window, WM_APP, 2, 0).unwrap();
        assert_eq!(next().unwrap().2, 1);
        assert_eq!(next().unwrap().2, 2);
        let looked = peek(Filter::default(), Take::Leave).unwrap().unwrap();
        assert_eq!((looked.message, looked.wparam), (WM_QUIT, 7));
        let got = get(Filter::default()).unwrap();
        assert_eq!((got.window, got.message, got.wparam), (0, WM_QUIT, 7));
        assert_eq!(next(), None);
    })
    .join()
    .unwrap();
}

/// PeekMessage, GetMessage: filters by window, by number, and for messages to no window.
#[test]
fn filters_choose_among_the_messages() {
    std::thread::spawn(|| {
        let (one, two) = (quiet("filter"), quiet("filter"));
        post(one, WM_APP, 1, 0).unwrap();
        post(two, WM_APP + 5, 2, 0).unwrap();
        post(0, WM_APP + 9, 3, 0).unwrap();
        let wants = |window, first, last| {
            let filter = Filter {
                window,
                first,
                last,
            };
            peek(filter, Take::Leave)
                .unwrap()
                .map(|message| message.wparam)
        };
        assert_eq!(wants(two, 0, 0), Some(2));
        assert_eq!(wants(HWND::MAX, 0, 0), Some(3));
        assert_eq!(wants(0, WM_APP + 2, WM_APP + 6), Some(2));
        assert_eq!(wants(one, WM_APP + 1, u32::MAX), None);
        assert_eq!(wants(0, 0, 0), Some(1));
        destroy(two).unwrap();
        let filter = Filter {
            window: two,
            first: 0,
            last: 0,
        };
        assert_eq!(peek(filter, Take::Leave), Err(Errno::INVALID_WINDOW_HANDLE));
        assert_eq!(get(filter), Err(Errno::INVALID_WINDOW_HANDLE));
        assert_eq!(next(), Some((one, WM_APP, 1, 0)));
        assert_eq!(
            next(),
            Some((0, WM_APP + 9, 3, 0)),
            "messages of a destroyed window are gone"
        );
        assert_eq!(next(), None);
    })
    .join()
    .unwrap();
}

/// PostMessage: an invalid window, a full queue, a broadcast.
#[test]
fn posting_fails_as_documented() {
    std::thread::spawn(|| {
        let window = quiet("full");
        let event = event::create(event::Reset::Manual, false).unwrap().raw();
        for bad in [4, event, HWND::MAX] {
            assert_eq!(post(bad, WM_APP, 0, 0), Err(Errno::INVALID_WINDOW_HANDLE));
        }
        assert_eq!(post(HWND_BROADCAST, WM_APP, 0, 0), Ok(()));
        assert_eq!(next(), None);
        (0..10_000).for_each(|_| post(window, WM_APP, 0, 0).unwrap());
        assert_eq!(post(window, WM_APP, 0, 0), Err(Errno::NOT_ENOUGH_QUOTA));
        next().unwrap();
        assert_eq!(post(window, WM_APP, 0, 0), Ok(()));
        handles::close(event).unwrap();
    })
    .join()
    .unwrap();
}

/// PostThreadMessage: to a thread that has a queue; ERROR_INVALID_THREAD_ID otherwise.
#[test]
fn threads_get_messages_once_they_have_a_queue() {
    std::thread::spawn(|| {
        let me = thread::current().id();
        assert_eq!(
            post_to_thread(me, WM_APP, 1, 2),
            Err(Errno::INVALID_THREAD_ID)
        );
        assert_eq!(next(), None);
        assert_eq!(post_to_thread(me, WM_APP, 1, 2), Ok(()));
        assert_eq!(next(), Some((0, WM_APP, 1, 2)));
        assert_eq!(
            post_to_thread(me + 1, WM_APP, 1, 2),
            Err(Errno::INVALID_THREAD_ID)
        );
    })
    .join()
    .unwrap();
}

/// DestroyWindow is for the window's own thread; CloseHandle is not for windows at all.
#[test]
fn only_its_thread_destroys_a_window() {
    let window = quiet("mine");
    let elsewhere = std::thread::spawn(move || destroy(window)).join().unwrap();
    assert_eq!(elsewhere, Err(Errno::ACCESS_DENIED));
    assert_eq!(handles::close(window), Err(Errno::INVALID_HANDLE));
    assert_eq!(handles::duplicate(window), Err(Errno::INVALID_HANDLE));
    let closed = Message::new(window, WM_CLOSE, 0, 0);
    assert_eq!((dispatch(&closed), is_window(window)), (0, false));
    assert_eq!(destroy(window), Err(Errno::INVALID_WINDOW_HANDLE));
    assert_eq!(dispatch(&Message::new(window, WM_APP, 0, 0)), 0);
}

/// A thread's windows go with it, and their class can be unregistered.
#[test]
fn windows_go_with_their_thread() {
    let (class, notes) = noting("orphan");
    let made = class.clone();
    let (window, thread) =
        std::thread::spawn(move || (create(ClassId::Name(&made), 0).unwrap(), thread::current()))
            .join()
            .unwrap();
    let exited: Arc<dyn Object> = thread;
    crate::wait::for_object(&exited, crate::Timeout::Infinite, crate::wait::Alert::Plain);
    assert!(!is_window(window));
    assert_eq!(
        post(window, WM_APP, 0, 0),
        Err(Errno::INVALID_WINDOW_HANDLE)
    );
    assert_eq!(unregister(ClassId::Name(&class)), Ok(()));
    assert!(
        !notes
            .lock()
            .unwrap()
            .iter()
            .any(|note| note.1 == WM_DESTROY)
    );
}

/// A procedure may post, create and destroy: no lock is held while it runs.
#[test]
fn a_procedure_may_use_windows_itself() {
    std::thread::spawn(|| {
        let class = name("busy procedure");
        let procedure = Procedure::new(|message| {
            if message.message == WM_APP {
                post(message.window, WM_APP + 1, 0, 0).unwrap();
                destroy(quiet("made within")).unwrap();
                destroy(message.window).unwrap();
            }
            default_procedure(message)
        });
        register(&class, procedure).unwrap();
        let window = create(ClassId::Name(&class), 0).unwrap();
        post(window, WM_APP, 0, 0).unwrap();
        dispatch(&get(Filter::default()).unwrap());
        assert!(!is_window(window));
        assert_eq!(next(), None);
    })
    .join()
    .unwrap();
}
