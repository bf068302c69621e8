//! At which level of a chain `select` is served, on real sockets: layers over one or both of IPv4 and IPv6 (client-dll.md 5.9).

use ws2spi_abi::*;
use ws2spi_cli::installer::Handles;
use ws2spi_tests::layers::start_c;
use ws2spi_tests::sets::{self, Set, Time};
use ws2spi_tests::watch::Watch;
use ws2spi_tests::{Socket, isolated, wait};

/// A connection of each family, with a byte at its first end.
fn connections() -> [[Socket; 2]; 2] {
    [AF_INET, AF_INET6].map(|family| {
        let (here, there) = Socket::pair(family);
        assert_eq!(there.send(b"x", 0), Ok(1));
        wait::until("the byte", || here.available() == Ok(1));
        [here, there]
    })
}

// client-dll.md 5.9: a non-IFS layer over only one of IPv4 and IPv6: select goes below it, so that sockets of both families, one
// of the layer's and one of the base's, can stand in one set; the application's own handles come back.
#[test]
fn a_layer_over_one_family_does_not_break_sets_of_both() {
    isolated!();
    let watch = Watch::begin();
    start_c("layer_nonifs", Handles::Minted, &[AF_INET]);
    let [[v4, _to_v4], [v6, _to_v6]] = &connections();
    let quiet = Socket::bound_udp(AF_INET);
    for [first, second] in [[v4, v6], [v6, v4]] {
        let _ = watch.take();
        let (read, write) = (Set::of(&[first, &quiet, second]), Set::of(&[second]));
        let ready = sets::select([Some(&read), Some(&write), None], Time::Patience);
        assert_eq!(ready, Ok(3));
        assert_eq!(read.handles(), [first.raw(), second.raw()]);
        assert_eq!(write.handles(), [second.raw()]);
        assert_eq!(watch.modules_of("WSPSelect"), ["linked:base"]);
    }
    let none = Set::of(&[&quiet]);
    let time = Time::Is(TIMEVAL {
        tv_sec: 0,
        tv_usec: 1000,
    });
    assert_eq!(sets::select([Some(&none), None, None], time), Ok(0));
    assert_eq!(none.handles(), [0; 0]);
}

// client-dll.md 5.9: over both families nothing of that happens: the layer's WSPSelect gets the call.
#[test]
fn a_layer_over_both_families_is_asked() {
    isolated!();
    let watch = Watch::begin();
    start_c("layer_nonifs", Handles::Minted, &[AF_INET, AF_INET6]);
    let [[v4, _to_v4], [v6, _to_v6]] = &connections();
    let _ = watch.take();
    let read = Set::of(&[v4, v6]);
    assert_eq!(sets::select([Some(&read), None, None], Time::None), Ok(2));
    let mut asked = watch.modules_of("WSPSelect");
    asked.sort();
    assert_eq!(asked, ["layer_nonifs.so", "linked:base"]);
}

// client-dll.md 5.9: an IFS layer hands out the handles of the provider below; it is not gone around.
#[test]
fn a_layer_with_system_handles_is_not_gone_around() {
    isolated!();
    let watch = Watch::begin();
    start_c("layer_ifs", Handles::System, &[AF_INET]);
    let [[v4, _to_v4], _] = &connections();
    let _ = watch.take();
    let read = Set::of(&[v4]);
    assert_eq!(sets::select([Some(&read), None, None], Time::None), Ok(1));
    assert!(
        watch
            .modules_of("WSPSelect")
            .contains(&"layer_ifs.so".to_owned())
    );
}
