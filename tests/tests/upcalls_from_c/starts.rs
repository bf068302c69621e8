//! WSPStartup between C and Rust, and between the levels of a chain: table, versions, entries.

use crate::worlds::*;
use std::sync::Mutex;
use ws2spi_abi::ffi::native::{self, StartupFn};
use ws2spi_abi::provider::{Provider as RustProvider, StartupRequest, Version, entry};
use ws2spi_abi::*;
use ws2spi_cli::installer::Handles;
use ws2spi_tests::census::Census;
use ws2spi_tests::hostile::cleanup;
use ws2spi_tests::upcalls::{FAMILY, ID};
use ws2spi_tests::{configuration, isolated, pipe, providers};

/// The upcall table that the Rust provider was given, and the address of the procedure table that it filled.
static SEEN: Mutex<([usize; 15], usize)> = Mutex::new(([0; 15], 0));

/// `WSPStartup` of the base provider; remembers what it was given.
unsafe extern "system" fn remember(
    requested: u16,
    data: *mut WSPDATA,
    info: *const WSAPROTOCOL_INFOW,
    upcalls: native::UpcallTable,
    procs: *mut native::ProcTable,
) -> i32 {
    // SAFETY: a table is 15 pointers; as numbers they are all valid.
    let words = unsafe { std::mem::transmute::<native::UpcallTable, [usize; 15]>(upcalls) };
    *SEEN.lock().expect("no panic under the lock") = (words, procs.addr());
    // SAFETY: the caller's contract, passed on.
    unsafe { ws2spi_backends::base::entry()(requested, data, info, upcalls, procs) }
}

// U6: a Rust provider receives the table and lpProcTable intact from a C client: it makes sockets with the one, and is called through
// the other.
#[test]
fn a_rust_provider_is_started_from_c() {
    isolated!();
    with_bases([0, 0], |[client, _]| {
        client.start();
        let tcp = ws2spi_backends::base::catalog_entries()[0];
        let entries = ws2spi_cli::installer::entries().expect("the catalog can be read");
        let same = |entry: &&WSAPROTOCOL_INFOW| {
            entry.ProtocolChain.ChainLen == 1 && entry.szProtocol == tcp.szProtocol
        };
        let tcp = entries.iter().find(same).expect("TCP is installed");
        let (code, data, procs) = client.provider.start(remember, 0x0202, tcp);
        assert_eq!(
            (code, data.wVersion, data.wHighVersion),
            (0, 0x0202, 0x0202)
        );
        assert_eq!(procs.first_missing(), None);
        let (words, address) = *SEEN.lock().expect("no panic under the lock");
        assert_eq!(words, client.provider.table());
        assert_ne!(address, 0);
        let procs = ffi::Procs::Native(procs);
        // SAFETY: a started provider's table; the entry is a live local.
        let s = unsafe { procs.socket(AF_INET, SOCK_STREAM, IPPROTO_TCP, tcp, 0, 0) };
        let s = s.expect("the provider makes sockets");
        assert_eq!(listen(s), Err(Errno::INVAL), "registered, not bound");
        // SAFETY: as above; no pointers.
        assert_eq!(unsafe { procs.close_socket(s) }, Ok(0));
        // SAFETY: as above; the start is matched by this.
        assert_eq!(unsafe { procs.cleanup() }, Ok(0));
    });
}

/// A provider that speaks the versions from the lowest to the highest.
struct Versions(Mutex<(u16, u16)>);

static VERSIONS: Versions = Versions(Mutex::new((0, 0)));

impl RustProvider for Versions {
    const NAME: &'static str = "versions";

    fn instance() -> &'static Self {
        &VERSIONS
    }

    fn startup(&self, request: StartupRequest<'_>) -> Result<Version, Errno> {
        let (lowest, highest) = *self.0.lock().expect("no panic under the lock");
        match request.version < Version(lowest) {
            true => Err(Errno::VERNOTSUPPORTED),
            false => Ok(Version(highest)),
        }
    }

    fn cleanup(&self) -> Result<(), Errno> {
        Ok(())
    }
}

/// Has each provider in C start another compiler's provider and one in Rust, which speak the versions from the lowest to the
/// highest: the code, both words of the answer, and whether a table came.
fn expect_answer(
    one: &Base,
    other: &Base,
    (lowest, highest, requested): (u16, u16, u16),
    wanted: (i32, u16, u16, bool),
) {
    *VERSIONS.0.lock().expect("no panic under the lock") = (lowest, highest);
    other.provider.versions(lowest, highest);
    let startups: [StartupFn; 2] = [other.provider.startup(), entry::<Versions>()];
    for (kind, startup) in ["C", "Rust"].into_iter().zip(startups) {
        let (code, data, procs) = one.provider.start(startup, requested, &other.entry);
        let has_table = procs.first_missing().is_none();
        let answer = (code, data.wVersion, data.wHighVersion, has_table);
        assert_eq!(
            answer, wanted,
            "{kind}: {lowest:#06x}-{highest:#06x}, {requested:#06x} requested"
        );
        if let Some(cleanup) = procs.lpWSPCleanup {
            let mut errno = 0;
            // SAFETY: a started provider's; the place is a live local.
            assert_eq!(unsafe { cleanup(&raw mut errno) }, 0);
        }
    }
}

// U89: requested 2.2 of a provider of 2.2: both words are 0x0202.
#[test]
fn a_provider_of_2_2_answers_c_2_2_twice() {
    isolated!();
    with_bases([0, 0], |[one, other]| {
        one.start();
        expect_answer(
            one,
            other,
            (0x0202, 0x0202, 0x0202),
            (0, 0x0202, 0x0202, true),
        );
    });
}

// U90: the provider's lowest version is above the requested one: WSAVERNOTSUPPORTED, and the table is not touched.
#[test]
fn a_provider_of_higher_versions_gives_c_no_table() {
    isolated!();
    with_bases([0, 0], |[one, other]| {
        one.start();
        let refused = (Errno::VERNOTSUPPORTED.code(), 0, 0, false);
        expect_answer(one, other, (0x0101, 0x0101, 0x0001), refused);
        expect_answer(one, other, (0x0202, 0x0202, 0x0102), refused);
        expect_answer(one, other, (0x0003, 0x0003, 0x0202), refused);
    });
}

// U91: wVersion is the lower of the provider's highest and the requested one, in all rows of client-dll.md 3.2 that succeed.
#[test]
fn c_is_answered_the_lower_of_both_versions() {
    isolated!();
    with_bases([0, 0], |[one, other]| {
        one.start();
        let rows = [
            ((0x0001, 0x0001, 0x0101), 0x0001),
            ((0x0001, 0x0101, 0x0001), 0x0001),
            ((0x0001, 0x0101, 0x0101), 0x0101),
            ((0x0101, 0x0101, 0x0002), 0x0101),
            ((0x0101, 0x0202, 0x0002), 0x0002),
            ((0x0202, 0x0202, 0x0202), 0x0202),
        ];
        for (versions, spoken) in rows {
            expect_answer(one, other, versions, (0, spoken, versions.1, true));
        }
    });
}

// U105: in a chain of a layer over a base, the layer passes the base's own entry, ChainLen 1, to its WSPStartup and WSPSocket. The
// layer and the base are of different compilers.
#[test]
fn a_base_below_a_layer_is_started_with_its_own_entry() {
    isolated!();
    let bases = providers::variants("base_upcalls");
    let layers = providers::variants("layer_nonifs");
    for (base, layer) in bases.iter().zip(layers.iter().rev()) {
        let before = Census::take();
        let base = Base::install(base, ID, 0);
        let installed = install_layer(layer, Handles::Minted, 1, |entry| {
            entry.iAddressFamily == FAMILY
        });
        configuration::startup();
        let s = pipe::socket_of(&installed.chains[0]).expect("the chain makes sockets");
        assert_eq!(installed.chains[0].ProtocolChain.ChainLen, 2);
        assert_eq!(base.entry.ProtocolChain.ChainLen, 1);
        assert_eq!(base.provider.entry(), base.entry);
        assert_eq!(base.provider.socket_entry(), base.entry);
        assert_eq!(s.send(b"down", 0), Ok(4));
        drop(s);
        cleanup();
        remove_layer(&installed);
        ws2spi_cli::installer::remove(&ID).expect("it is installed");
        drop(base);
        before.expect_no_more();
    }
}

// U106: in a chain of two layers over a base, the upper passes the chain's entry unmodified to the lower one, which passes the
// base's own. U107: both below receive a table equal to the one that the client DLL gives to a provider that it starts itself.
#[test]
fn a_layer_below_a_layer_is_started_with_the_chain() {
    isolated!();
    let bases = providers::variants("base_upcalls");
    let hooks = providers::variants("layer_hook");
    let tops = providers::variants("layer_nonifs");
    for (at, library) in bases.iter().enumerate() {
        let before = Census::take();
        let base = Base::install(library, ID, 0);
        let direct = Base::install(
            &bases[(at + 1) % bases.len()],
            GUID::from_u128(ID.to_u128() + 1),
            0,
        );
        let hook = &hooks[(at + 1) % hooks.len()];
        let is_base = |entry: &WSAPROTOCOL_INFOW| entry.ProviderId == ID;
        let lower = install_layer(hook, Handles::Minted, 1, is_base);
        let lower_chain = lower.chains[0].ProviderId;
        let top = &tops[(at + 2) % tops.len()];
        let upper = install_layer(top, Handles::Minted, 2, |entry| {
            entry.ProviderId == lower_chain
        });
        configuration::startup();
        direct.start();
        let chain = upper.chains[0];
        assert_eq!(chain.ProtocolChain.ChainLen, 3);
        let loaded = ws2spi::loader::module::load(&hook.to_string_lossy());
        let s = pipe::socket_of(&chain).expect("the chain makes sockets");
        let got = word_of(hook, "ws2spi_hook_entry") as *const WSAPROTOCOL_INFOW;
        // SAFETY: layer_hook.c: a static of the module, which is loaded.
        assert_eq!(unsafe { got.read() }, chain);
        assert_eq!(base.provider.entry(), base.entry);
        let table = word_of(hook, "ws2spi_hook_table") as *const [usize; 15];
        // SAFETY: as above; a table is 15 pointers.
        assert_eq!(unsafe { table.read() }, direct.provider.table());
        assert_eq!(base.provider.table(), direct.provider.table());
        assert_eq!(word_of(hook, "ws2spi_hook_sends"), 0);
        assert_eq!(s.send(b"down", 0), Ok(4));
        assert_eq!(word_of(hook, "ws2spi_hook_sends"), 1);
        drop(s);
        cleanup();
        drop(loaded);
        remove_layer(&upper);
        remove_layer(&lower);
        for base in [base, direct] {
            ws2spi_cli::installer::remove(&base.entry.ProviderId).expect("it is installed");
        }
        before.expect_no_more();
    }
}
