//! How long an option's value may be, and how it is read and written: the classes of 2.5.
//!
//! Windows has six habits, called A to F here; which option has which is in [`super::rows`]. Pure: a
//! value is a number, its bytes are the caller's.

use ws2spi_abi::Errno;
use ws2spi_abi::args::OptionIn;
use ws2spi_abi::args::OptionOut;

/// A habit: what lengths other than four bytes mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Booleans of SOL_SOCKET: any length; a read says 1 below four, 4 from there on; an empty set is
    /// FALSE.
    A,
    /// Four bytes; a read of fewer fails and zeroes what there is.
    B,
    /// Four bytes.
    C,
    /// Booleans of one byte: the first byte counts, a read always says 1.
    D,
    /// Four bytes; a read of fewer fails and says 0.
    E,
    /// As `A`, but an empty set fails.
    F,
}

impl Rule {
    /// Reads the value that a caller sets.
    ///
    /// # Errors
    /// `FAULT` for a length that the rule does not take (P307, P308).
    pub(super) fn read(self, value: OptionIn<'_>) -> Result<i32, Errno> {
        let bytes = value.bytes();
        match self {
            Self::A if matches!(value.len(), 0) => Ok(0),
            Self::A | Self::F if !bytes.is_empty() => Ok(number(bytes)),
            Self::D if !bytes.is_empty() => Ok(i32::from(bytes[0])),
            Self::B | Self::C | Self::E if bytes.len() >= 4 => Ok(number(bytes)),
            _ => Err(Errno::FAULT),
        }
    }

    /// Stores the value where a caller reads it, and the length that Windows says (P312).
    ///
    /// # Errors
    /// `FAULT` for a length that the rule does not take.
    pub(super) fn write(self, value: i32, out: OptionOut<'_>) -> Result<(), Errno> {
        let room = usize::try_from(out.capacity()).unwrap_or(0);
        let bytes = value.to_ne_bytes();
        let some = &bytes[..room.min(4)];
        match self {
            Self::A | Self::F => {
                out.write_bytes(some)?;
                out.set_len(if room < 4 { 1 } else { 4 });
            }
            Self::D => {
                out.write_bytes(some)?;
                out.set_len(1);
            }
            Self::B | Self::C | Self::E if room >= 4 => out.write(&bytes)?,
            Self::B => {
                out.write_bytes(&[0; 4][..room])?;
                return Err(Errno::FAULT);
            }
            Self::E => {
                out.set_len(0);
                return Err(Errno::FAULT);
            }
            Self::C => return Err(Errno::FAULT),
        }
        Ok(())
    }
}

/// The number in the first four bytes, or in as many as there are.
fn number(bytes: &[u8]) -> i32 {
    let mut four = [0; 4];
    for (to, from) in four.iter_mut().zip(bytes) {
        *to = *from;
    }
    i32::from_ne_bytes(four)
}
