//! `select` below the layers: each socket stands for the one that its layer names with `SIO_BSP_HANDLE_SELECT`.
//!
//! Windows does so when a layer without IFS handles covers only one of IPv4 and IPv6 (client-dll.md 5.9): a set with sockets of both
//! would otherwise be one of two providers. A layer that answers the ioctl with its own socket still gets the call; only then can it
//! not be together with others.
//!
//! Relies on `extension` for the translation; `select` calls it.

use super::extension::level_of;
use super::socket_set::SocketSet;
use crate::dispatch;
use std::collections::HashSet;
use ws2spi_abi::args::FdSet;
use ws2spi_abi::*;

/// Translates the sets, has `provider_selects` select on the images of them, by the provider of the socket it is given, and leaves in
/// each set those sockets whose images are left; how many that are.
///
/// # Errors
/// `WSAEINVAL` without a socket; those of `provider_selects`, and the sets are as they were then.
pub fn select(
    sets: &[FdSet<'_>; 3],
    provider_selects: impl FnOnce(SOCKET, [*mut FD_SET; 3]) -> Result<i32, Errno>,
) -> Result<i32, Errno> {
    let mut images: Vec<Image<'_, '_>> = Vec::new();
    // A set that stands in two places has one image (P283).
    let places = [0, 1, 2].map(|place| {
        let set = &sets[place];
        if set.is_null() {
            return None;
        }
        let known = images.iter().position(|image| image.set.raw() == set.raw());
        Some(known.unwrap_or_else(|| {
            images.push(Image::of(set));
            images.len() - 1
        }))
    });
    let raw = places.map(|image| image.map_or(std::ptr::null_mut(), |at| images[at].lower.raw()));
    let in_order = places.iter().flatten().map(|at| &images[*at]);
    let first = in_order.flat_map(|image| image.members.first()).next();
    let (_, first) = *first.ok_or(Errno::INVAL)?;
    provider_selects(first, raw)?;
    Ok(images.iter_mut().map(Image::restore).sum())
}

/// A set of the application's and what goes down for it.
struct Image<'s, 'c> {
    set: &'s FdSet<'c>,
    /// Each socket with the one that stands for it.
    members: Vec<(SOCKET, SOCKET)>,
    lower: SocketSet,
}

impl<'s, 'c> Image<'s, 'c> {
    fn of(set: &'s FdSet<'c>) -> Self {
        let members: Vec<_> = set.iter().map(|s| (s, below(s))).collect();
        let lower = SocketSet::of(members.iter().map(|(_, lower)| *lower));
        Self {
            set,
            members,
            lower,
        }
    }

    /// Leaves the sockets whose images are left, each once (P282), in the order they had; how many.
    fn restore(&mut self) -> i32 {
        let left = self.lower.members();
        let mut seen = HashSet::new();
        let ready = self
            .members
            .iter()
            .filter(|(_, lower)| left.contains(lower));
        let kept: Vec<SOCKET> = ready.map(|(s, _)| *s).filter(|s| seen.insert(*s)).collect();
        self.set.replace(&kept);
        kept.len() as i32
    }
}

/// The socket that stands for one in a select; what is no socket stays as it is, for the provider to say so.
fn below(s: SOCKET) -> SOCKET {
    dispatch::with_target(s, |target| Ok(level_of(target, SIO_BSP_HANDLE_SELECT))).unwrap_or(s)
}
