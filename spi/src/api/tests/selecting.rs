//! `select` below layers that cover one of IPv4 and IPv6 only.

use crate::api::socket_set::SocketSet;
use crate::api::*;
use crate::fixture::*;
use crate::process::last_error;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use ws2spi_abi::args::FdSet;
use ws2spi_abi::*;

/// A layer without IFS handles (provider 0) over IPv4, beside a base provider (1) of another family.
fn one_sided() -> World {
    layered(&[AF_INET])
}

/// The same layer over each of the families, with a base provider beside it.
fn layered(families: &[i32]) -> World {
    let own = WSAPROTOCOL_INFOW {
        dwServiceFlags1: 0,
        ProtocolChain: WSAPROTOCOLCHAIN::EMPTY,
        ..entry_info(0)
    };
    let chains = families.iter().zip(1u128..).map(|(family, number)| {
        let mut chain = entry_info(0);
        chain.dwServiceFlags1 = 0;
        chain.iAddressFamily = *family;
        // An installation of its own, of the same provider.
        chain.ProviderId = GUID::from_u128(0x1000 + (number << 8));
        chain.ProtocolChain.ChainLen = 2;
        chain.ProtocolChain.ChainEntries[..2].copy_from_slice(&[entry_id(0), entry_id(1)]);
        chain
    });
    let entries = [own, entry_info(1)].into_iter().chain(chains).collect();
    let world = World::with_entries(entries);
    world.start();
    world
}

fn layer_socket() -> SOCKET {
    let s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    assert_ne!(s, INVALID_SOCKET);
    s
}

fn set(sockets: &[SOCKET]) -> SocketSet {
    SocketSet::of(sockets.iter().copied())
}

fn in_order(set: &mut SocketSet) -> Vec<SOCKET> {
    // SAFETY: the set lives.
    unsafe { FdSet::new(set.raw()) }.iter().collect()
}

fn select_on([read, write, except]: [*mut FD_SET; 3]) -> i32 {
    // SAFETY: the sets are NULL or live locals of the caller.
    unsafe { select(0, read, write, except, null()) }
}

#[test]
fn a_one_sided_layer_is_selected_below() {
    // client-dll.md 5.9: with a non-IFS layer over only one of IPv4 and IPv6, handles are translated with SIO_BSP_HANDLE_SELECT, and
    // each comes back as the application knows it.
    let world = one_sided();
    let (lower, other) = (world.socket(1), world.socket(1));
    world.script(0, |script| script.level = Some(lower));
    let upper = layer_socket();
    world.script(1, |script| {
        script.left_selected = Some(vec![lower]);
        script.action = Some(Arc::new(|s| if s == 0 { Ok(2) } else { Ok(0) }));
    });
    // P282: a handle that stands twice counts once.
    let (mut read, mut write) = (set(&[other, upper, upper]), set(&[upper, other]));
    assert_eq!(select_on([read.raw(), write.raw(), null_mut()]), 2);
    assert_eq!(in_order(&mut read), [upper]);
    assert_eq!(in_order(&mut write), [upper]);
    let selected = world.record(1).selected;
    assert_eq!(
        selected,
        [[vec![other, lower, lower], vec![lower, other], vec![]]]
    );
    assert_eq!(world.record(0).count("WSPSelect"), 0);
}

#[test]
fn a_set_in_two_places_is_one_set_below() {
    // P283: it gets what either place would have got; it is one set for the provider too.
    let world = one_sided();
    let lower = world.socket(1);
    world.script(0, |script| script.level = Some(lower));
    world.script(1, |script| {
        script.action = Some(Arc::new(|s| if s == 0 { Ok(1) } else { Ok(0) }));
    });
    let upper = layer_socket();
    let mut both = set(&[upper]);
    let raw = both.raw();
    assert_eq!(select_on([raw, raw, null_mut()]), 1);
    assert_eq!(in_order(&mut both), [upper]);
}

#[test]
fn a_layer_that_names_its_own_socket_keeps_the_call() {
    // client-dll.md 5.9: what a layer answers decides at which level the call is served.
    let world = one_sided();
    let upper = layer_socket();
    world.script(0, |script| script.level = Some(upper));
    let mut read = set(&[upper]);
    let _ = select_on([read.raw(), null_mut(), null_mut()]);
    assert_eq!(world.record(0).count("WSPSelect"), 1);
    assert_eq!(world.record(1).count("WSPSelect"), 0);
}

#[test]
fn a_failed_select_below_leaves_the_sets() {
    // P281: the sets are as they were; a handle that is none goes down as it is, for the provider to say so.
    let world = one_sided();
    let lower = world.socket(1);
    world.script(0, |script| script.level = Some(lower));
    world.script(1, |script| {
        script.action = Some(Arc::new(|_| Err(Errno::NOTSOCK)));
    });
    let upper = layer_socket();
    let mut read = set(&[upper, 4]);
    assert_eq!(
        select_on([read.raw(), null_mut(), null_mut()]),
        SOCKET_ERROR
    );
    assert_eq!(last_error(), WSAENOTSOCK);
    assert_eq!(in_order(&mut read), [upper, 4]);
    assert_eq!(world.record(1).selected, [[vec![lower, 4], vec![], vec![]]]);
}

#[test]
fn a_layer_over_both_families_selects_itself() {
    // client-dll.md 5.9: the detour is for one-sided layers only.
    let world = layered(&[AF_INET, AF_INET6]);
    let lower = world.socket(1);
    world.script(0, |script| script.level = Some(lower));
    let mut read = set(&[layer_socket()]);
    let _ = select_on([read.raw(), null_mut(), null_mut()]);
    assert_eq!(world.record(0).count("WSPSelect"), 1);
    assert_eq!(world.record(1).count("WSPSelect"), 0);
}
