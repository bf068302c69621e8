//! The search for the owner of a live handle that nobody registered: inherited, or duplicated behind our back (client-dll.md 5.8).
//!
//! Every IFS entry's provider is asked for `SO_PROTOCOL_INFOW` of the handle; the entry in the first answer becomes the association.
//! The handle is only asked about, never changed or closed (U158).

use crate::loader::Instance;
use crate::process;
use std::collections::HashSet;
use std::sync::Arc;
use ws2spi_abi::{Errno, SO_PROTOCOL_INFOW, SOCKET, SOL_SOCKET, WSAPROTOCOL_INFOW};
use ws2spi_kernel::handles;

/// Finds the provider that knows the handle and registers the handle with the entry it names (U159, U160).
///
/// # Errors
/// `WSAENOTSOCK`: not a live handle, or nobody knows it.
pub fn claim(s: SOCKET) -> Result<(), Errno> {
    let minted = handles::pin(s).ok_or(Errno::NOTSOCK)?.is_minted();
    if minted {
        return Err(Errno::NOTSOCK);
    }
    let run = process::run().map_err(|_| Errno::NOTSOCK)?;
    let mut asked = HashSet::new();
    for entry in run
        .snapshot()
        .selectable()
        .filter(|entry| entry.has_ifs_handles())
    {
        if !asked.insert(entry.provider()) {
            continue;
        }
        // A provider that cannot be loaded is passed over (U161).
        let Ok(instance) = run.loader().instance(entry) else {
            continue;
        };
        if let Some(owner) = ask(&instance, s) {
            return run
                .associations()
                .register(owner, s)
                .map(|_| ())
                .map_err(|_| Errno::NOTSOCK);
        }
    }
    Err(Errno::NOTSOCK)
}

/// The id of the entry that the provider says the handle belongs to.
fn ask(instance: &Arc<Instance>, s: SOCKET) -> Option<u32> {
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    let mut len = size_of::<WSAPROTOCOL_INFOW>() as i32;
    let out = (&raw mut info).cast();
    // SAFETY: the provider is started; value and length are live locals, the length is the value's.
    let answer = unsafe {
        instance
            .procs()
            .get_sock_opt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, out, &raw mut len)
    };
    answer.ok().map(|_| info.dwCatalogEntryId)
}
