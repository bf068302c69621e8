//! The throwaway catalog of a run, and the chains in it.
//!
//! The catalog lives in memory: base entries first, then one layer per provider, installed from the
//! bottom up above TCP/IP and UDP/IP with the functions that installers on Windows use
//! ([`installer`]). Nothing of it outlives the process, and a catalog that the
//! environment names is not touched.

use crate::base::BaseProvider;
use crate::installer::{self, Handles, Layer};
use crate::provider::{Provider, Unusable};
use crate::traffic::{Family, Leg, Transport};
use std::fmt::Display;
use std::sync::Arc;
use ws2spi::catalog::{self, Catalog};
use ws2spi_abi::{GUID, SOCK_STREAM, WSAPROTOCOL_INFOW};
use ws2spi_backends::base;

/// The path of our base provider in the catalog.
pub const BASE_MODULE: &str = "linked:base";

/// A layer that was installed.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The id of the layer's own entry.
    pub entry: u32,
    /// The GUID of that entry.
    pub id: GUID,
}

/// The chain that a socket of one transport and family goes through.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The transport and the family.
    pub leg: Leg,
    /// The id of its catalog entry.
    pub entry: u32,
    /// Its name in the catalog.
    pub name: String,
    /// Its levels, from the top to the base.
    pub links: Vec<Link>,
}

/// One level of a chain.
#[derive(Clone, Debug)]
pub struct Link {
    /// The id of the level's own catalog entry.
    pub entry: u32,
    /// That entry's name.
    pub name: String,
    /// The path of its module.
    pub module: String,
}

/// Gives the process a new catalog with nothing but the entries of the base provider in use.
///
/// # Errors
/// [`Unusable::Machine`].
pub fn start_anew() -> Result<(), Unusable> {
    ws2spi::process::set_base("base", base::entry(), &base::catalog_entries());
    let BaseProvider { module, entries } = BaseProvider::in_use();
    let fresh = Catalog::new(&module, &entries).map_err(|error| machine("the catalog", error))?;
    catalog::set_process_catalog(Some(Arc::new(fresh)));
    Ok(())
}

/// Installs a provider above what is installed already, under its own GUID if it has one. `level` numbers the providers of the run.
///
/// # Errors
/// [`Unusable::NotInstalled`].
pub fn install(provider: &Provider, handles: Handles, level: usize) -> Result<Installed, Unusable> {
    // A layer's chains have the GUIDs that follow its own, so there is room between the layers.
    let free = GUID::from_u128(FIRST_ID + ((level as u128) << 16));
    let id = provider.id.unwrap_or(free);
    let layer = Layer {
        path: provider.module.clone(),
        name: provider.name.chars().take(NAME_LENGTH).collect(),
        handles,
        id,
    };
    let installed = installer::install(&layer, installer::is_tcp_or_udp).map_err(|errno| {
        Unusable::NotInstalled {
            source_file: provider.source.clone(),
            errno,
        }
    })?;
    Ok(Installed {
        entry: installed.own,
        id,
    })
}

/// The chains that sockets of these families get now, as the catalog has them.
///
/// # Errors
/// [`Unusable::Machine`].
pub fn describe(families: &[Family]) -> Result<Vec<Chain>, Unusable> {
    let catalog = catalog::process_catalog().map_err(|error| machine("the catalog", error))?;
    let snapshot = catalog
        .snapshot()
        .map_err(|error| machine("the catalog", error))?;
    let mut chains = Vec::new();
    for leg in Leg::over(families) {
        let Some(top) = snapshot
            .selectable()
            .find(|entry| leg_of(entry.info()) == Some(leg))
        else {
            continue;
        };
        let ids: Vec<_> = match top.info().ProtocolChain.ChainLen {
            // What a base entry has in its array means nothing.
            1 => vec![top.id()],
            _ => top.chain().collect(),
        };
        let links = ids.into_iter().filter_map(|id| snapshot.entry(id));
        let links = links.map(|entry| Link {
            entry: entry.id().get(),
            name: entry.name(),
            module: entry.path().to_owned(),
        });
        chains.push(Chain {
            leg,
            entry: top.id().get(),
            name: top.name(),
            links: links.collect(),
        });
    }
    Ok(chains)
}

/// The leg that sockets of an entry carry.
pub(crate) fn leg_of(info: &WSAPROTOCOL_INFOW) -> Option<Leg> {
    if !installer::is_tcp_or_udp(info) {
        return None;
    }
    let transport = if info.iSocketType == SOCK_STREAM {
        Transport::Tcp
    } else {
        Transport::Udp
    };
    let family = if info.iAddressFamily == Family::V4.number() {
        Family::V4
    } else {
        Family::V6
    };
    Some(Leg { transport, family })
}

fn machine(what: &str, reason: impl Display) -> Unusable {
    Unusable::Machine {
        what: what.to_owned(),
        reason: reason.to_string(),
    }
}

/// The first layer's GUID: `7773 3273 7069` is "ws2spi".
const FIRST_ID: u128 = 0x7773_3273_7069_4c41_9f3b_0000_0000_0000;
/// The longest name of a layer: its chains' names hold the names of those below as well.
const NAME_LENGTH: usize = 200;
