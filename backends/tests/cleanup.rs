//! WSPStartup and WSPCleanup: one test, as the provider is the process's.

mod world;

use std::thread;

use world::start;
use world::world;
use ws2spi_abi::*;

#[test]
fn the_last_cleanup_takes_the_sockets_away_and_ends_who_waits() {
    // P1-P5
    assert_eq!(start(0x0101).err(), Some(Errno::VERNOTSUPPORTED));
    let w = world();
    assert_eq!(w.procs().first_missing(), None);
    start(0x0202).unwrap();
    let (client, server) = w.pair();
    let blocked = thread::spawn(move || w.recv(server, &mut [0; 4]));
    assert_eq!(w.cleanup(), Ok(()));
    assert_eq!(w.send(client, b""), Ok(0));
    let info = w.duplicate(client, std::process::id()).unwrap();
    let twin = w.socket_with(-1, -1, -1, Some(&info), 0).unwrap();
    assert_eq!(w.cleanup(), Ok(()));
    let ended = blocked.join().unwrap();
    assert!(
        matches!(ended, Err(Errno::INTR | Errno::NOTSOCK)),
        "{ended:?}"
    );
    assert_eq!(w.cleanup(), Err(Errno::NOTINITIALISED));
    assert_eq!(
        w.socket(AF_INET, SOCK_STREAM, 0),
        Err(Errno::NOTINITIALISED)
    );
    start(0x0202).unwrap();
    for gone in [client, server, twin] {
        assert_eq!(w.send(gone, b"x"), Err(Errno::NOTSOCK));
    }
    let (client, server) = w.pair();
    w.close(client).unwrap();
    w.close(server).unwrap();
}
