//! The sets of WSPSelect: V032.

use crate::checks::Checks;
use crate::memory;
use crate::nest::Call;
use crate::rule;
use ws2spi::trace::{Answer, Place, Procedure};
use ws2spi_abi::{FD_SET, SOCKET};

/// The sets of a select; a set may be longer than the array in its type says.
pub(crate) fn sets(call: &Procedure) -> Option<[Vec<SOCKET>; 3]> {
    let Procedure::select {
        read,
        write,
        except,
        ..
    } = *call
    else {
        return None;
    };
    Some([read, write, except].map(|set| sockets(set)))
}

fn sockets(set: *const FD_SET) -> Vec<SOCKET> {
    let count = set.cast::<u32>();
    // SAFETY: the caller's contract (WSPSelect): NULL, or a set, which begins with its count.
    let Some(count) = (unsafe { memory::read(count) }) else {
        return Vec::new();
    };
    let first = set
        .wrapping_byte_add(std::mem::offset_of!(FD_SET, fd_array))
        .cast::<SOCKET>();
    // SAFETY: the caller's contract: so many sockets follow.
    unsafe { memory::list(first, count as usize) }
}

impl Checks {
    pub(crate) fn check_sets(&self, at: &Place, call: &Procedure, answer: &Answer, left: &Call) {
        let (
            Some(before),
            Procedure::select {
                read,
                write,
                except,
                ..
            },
        ) = (&left.sets, *call)
        else {
            return;
        };
        if answer.value < 0 {
            return;
        }
        let places = [read, write, except];
        let after = places.map(|set| sockets(set));
        let complain = |what| self.report_answer(&rule::SET, at, call, left, what);
        for (before, after) in before.iter().zip(&after) {
            if after.len() > before.len() {
                let what = format!("{} sockets in a set of {}", after.len(), before.len());
                return complain(what);
            }
            if let Some(stranger) = after.iter().find(|s| !before.contains(s)) {
                return complain(format!("put {stranger:#x} into a set that did not have it"));
            }
        }
        // One set passed in two places holds the answer to two questions.
        let given: Vec<_> = places.iter().filter(|place| !place.is_null()).collect();
        let is_shared = (1..given.len()).any(|index| given[..index].contains(&given[index]));
        let count: usize = after.iter().map(Vec::len).sum();
        if !is_shared && count != answer.value as usize {
            complain(format!(
                "returned {} with {count} sockets in the sets",
                answer.value
            ));
        }
    }
}
