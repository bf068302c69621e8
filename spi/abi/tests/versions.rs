//! Version negotiation of a provider in Rust.

use std::sync::Mutex;
use ws2spi_abi::ffi::native;
use ws2spi_abi::provider::*;
use ws2spi_abi::*;

/// A provider that speaks the versions from the lowest to the highest.
struct Versions(Mutex<(Version, Version)>);

static VERSIONS: Versions = Versions(Mutex::new((Version::V2_2, Version::V2_2)));

impl Provider for Versions {
    const NAME: &'static str = "versions";

    fn instance() -> &'static Self {
        &VERSIONS
    }

    fn startup(&self, request: StartupRequest<'_>) -> Result<Version, Errno> {
        let (lowest, highest) = *self.0.lock().unwrap();
        if request.version < lowest {
            Err(Errno::VERNOTSUPPORTED)
        } else {
            Ok(highest)
        }
    }

    fn cleanup(&self) -> Result<(), Errno> {
        Ok(())
    }
}

const fn version(major: u8, minor: u8) -> Version {
    Version(major as u16 | (minor as u16) << 8)
}

/// Starts a provider of these versions: the code, both words of the answer, and whether a table came.
fn start(lowest: Version, highest: Version, requested: Version) -> (i32, u16, u16, bool) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap();
    *VERSIONS.0.lock().unwrap() = (lowest, highest);
    let mut data = WSPDATA {
        wVersion: 0,
        wHighVersion: 0,
        szDescription: [0; 256],
    };
    let info = WSAPROTOCOL_INFOW::EMPTY;
    let mut table = native::ProcTable::EMPTY;
    let (data_out, table_out) = (&raw mut data, &raw mut table);
    // SAFETY: all pointers are live locals.
    let code = unsafe {
        entry::<Versions>()(
            requested.0,
            data_out,
            &info,
            native::UpcallTable::EMPTY,
            table_out,
        )
    };
    (
        code,
        data.wVersion,
        data.wHighVersion,
        table.first_missing().is_none(),
    )
}

// U89: asked for 2.2, a provider of 2.2 answers 2.2 in both words.
#[test]
fn a_provider_of_2_2_answers_2_2_twice() {
    assert_eq!(
        start(Version::V2_2, Version::V2_2, Version::V2_2),
        (0, 0x0202, 0x0202, true)
    );
}

// U90: a provider that speaks only higher versions fails and gives no table.
#[test]
fn a_provider_of_higher_versions_only_gives_no_table() {
    let refused = (Errno::VERNOTSUPPORTED.code(), 0, 0, false);
    assert_eq!(start(version(1, 1), version(1, 1), version(1, 0)), refused);
    assert_eq!(start(Version::V2_2, Version::V2_2, version(1, 1)), refused);
}

// U91: the version to speak is the lower of the provider's highest and the one asked for, in every row of client-dll.md 3.2.
#[test]
fn the_lower_of_both_highest_versions_is_spoken() {
    let (v10, v11, v20, v22) = (version(1, 0), version(1, 1), version(2, 0), Version::V2_2);
    let rows = [
        (v10, v10, v11, v10),
        (v10, v11, v10, v10),
        (v10, v11, v11, v11),
        (v11, v11, v20, v11),
        (v22, v22, v22, v22),
    ];
    for (lowest, highest, requested, spoken) in rows {
        let answer = start(lowest, highest, requested);
        assert_eq!(
            answer,
            (0, spoken.0, highest.0, true),
            "{requested:?} of {highest:?}"
        );
    }
}
