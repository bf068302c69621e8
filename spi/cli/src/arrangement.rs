//! The order of a chain: that of the command line, but IFS layers below those that mint handles.
//!
//! An IFS layer hands out the handle of the provider below as its own, with `WPUModifyIFSHandle`,
//! which takes handles of the system only ("layered on top of a base IFS provider",
//! `WPUModifyIFSHandle`, "Layered Service Provider Considerations"). So it does not work above a
//! layer that mints its handles. The installer of Microsoft's sample layers does not refuse that
//! order; it inserts the layer further down: "an IFS entry must be installed such that no non-IFS
//! providers are layered beneath it", and one that is installed over such a provider "must insert
//! itself into the chain such that it is below all non-IFS providers" (Windows-classic-samples,
//! `netds/winsock/lsp/install/lspadd.cpp`, `InstallIfsLspProtocolChains`). [`run`](crate::run) does
//! the same, and its report says so.

use crate::probe::Sockets;

/// A provider that is not where the command line had it; both known by their places there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moved {
    /// The IFS layer.
    pub provider: usize,
    /// The layer that mints its handles, which it stands directly below now, or together with other
    /// such layers.
    pub below: usize,
}

/// Puts providers in the order in which they work, from the top down: their places in the order
/// asked for, and those that were moved.
#[must_use]
pub fn arrange(asked: &[Sockets]) -> (Vec<usize>, Vec<Moved>) {
    let all = 0..asked.len();
    let Some(lowest) = asked
        .iter()
        .rposition(|sockets| *sockets == Sockets::Minted)
    else {
        return (all.collect(), Vec::new());
    };
    let (moved, kept): (Vec<usize>, Vec<usize>) =
        (0..=lowest).partition(|place| asked[*place] == Sockets::Claimed);
    let order = kept.into_iter().chain(moved.iter().copied());
    let order = order.chain(lowest + 1..asked.len()).collect();
    let below = |provider| Moved {
        provider,
        below: lowest,
    };
    (order, moved.into_iter().map(below).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Sockets::{Claimed, Minted, Passed};

    #[test]
    fn an_order_that_works_is_kept() {
        for asked in [
            &[][..],
            &[Claimed],
            &[Minted, Claimed],
            &[Claimed, Passed, Claimed],
            &[Passed, Minted, Minted, Claimed],
        ] {
            let places: Vec<usize> = (0..asked.len()).collect();
            assert_eq!(arrange(asked), (places, Vec::new()), "{asked:?}");
        }
    }

    #[test]
    fn ifs_layers_go_below_the_lowest_that_mints_and_keep_their_order() {
        let asked = [Claimed, Minted, Passed, Claimed, Minted, Passed, Claimed];
        let (order, moved) = arrange(&asked);
        assert_eq!(order, [1, 2, 4, 0, 3, 5, 6]);
        let moved: Vec<_> = moved
            .iter()
            .map(|moved| (moved.provider, moved.below))
            .collect();
        assert_eq!(moved, [(0, 4), (3, 4)]);
    }

    #[test]
    fn a_layer_that_only_passes_handles_on_stays_where_it_is() {
        assert_eq!(arrange(&[Passed, Minted]), (vec![0, 1], Vec::new()));
    }
}
