//! `ExpandEnvironmentStrings`.

use super::{error_of, wide};
use std::env;
use std::ptr::{null, null_mut};
use ws2_32::win32::environment;
use ws2spi_abi::Errno;

// MSDN "ExpandEnvironmentStringsW": names in percent signs are replaced; the result counts the NUL; unknown names stay.
#[test]
fn names_are_replaced_by_their_values() {
    let home = env::var("PATH").expect("there is a PATH");
    let source = wide("<%PATH%> %NO_SUCH_NAME_HERE%");
    let expected = wide(&format!("<{home}> %NO_SUCH_NAME_HERE%"));
    let mut room = vec![0; expected.len()];
    let size = room.len() as u32;
    // SAFETY: NUL-terminated; as many units as are said.
    let units = unsafe { environment::expand_w(source.as_ptr(), room.as_mut_ptr(), size) };
    assert_eq!((units, room), (size, expected));
    let mut bytes = vec![0; home.len() + 1];
    // SAFETY: as above.
    let units = unsafe {
        environment::expand_a(
            c"%PATH%".as_ptr().cast(),
            bytes.as_mut_ptr(),
            bytes.len() as u32,
        )
    };
    assert_eq!(units as usize, home.len() + 1);
    assert_eq!(bytes.strip_suffix(&[0]), Some(home.as_bytes()));
}

// MSDN "ExpandEnvironmentStringsW": the needed size when it does not fit; nothing is written then.
#[test]
fn what_does_not_fit_is_measured_only() {
    let source = wide("four");
    let mut room = [7; 4];
    assert_eq!(
        // SAFETY: NUL-terminated; as many units as are said.
        unsafe { environment::expand_w(source.as_ptr(), room.as_mut_ptr(), 4) },
        5
    );
    assert_eq!(room, [7; 4]);
    assert_eq!(
        // SAFETY: as above.
        unsafe { environment::expand_w(source.as_ptr(), null_mut(), 0) },
        5
    );
    assert_eq!(
        // SAFETY: as above.
        unsafe { environment::expand_a(c"four".as_ptr().cast(), null_mut(), 9) },
        5
    );
}

// A NULL source is ERROR_INVALID_PARAMETER.
#[test]
fn there_must_be_a_source() {
    let refused = (0, Errno::INVALID_PARAMETER.code() as u32);
    assert_eq!(
        // SAFETY: NULL is looked for.
        error_of(|| unsafe { environment::expand_w(null(), null_mut(), 0) }),
        refused
    );
    assert_eq!(
        // SAFETY: as above.
        error_of(|| unsafe { environment::expand_a(null(), null_mut(), 0) }),
        refused
    );
}
