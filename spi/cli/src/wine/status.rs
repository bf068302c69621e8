//! `status`: what is installed in a prefix, which layers are in its catalog, whether data goes directly.
//!
//! Reads files only, so it works whatever the layers do. The catalog is as Wine last saved it: while
//! programs run, that may be some seconds old.

use super::arguments::StatusArguments;
use super::failure::Failure;
use super::install::is_catalog;
use super::pieces;
use super::prefix::{Prefix, SYSTEM};
use super::record::{Installation, Record};
use serde::Serialize;
use std::fmt;
use std::fs;
use std::path::PathBuf;

/// The state of a prefix.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// The prefix.
    pub prefix: PathBuf,
    /// The version of its Wine.
    pub wine: String,
    /// The folder of its Proton.
    pub proton: Option<PathBuf>,
    /// Whether programs run in it.
    pub running: bool,
    /// The version that was installed.
    pub version: Option<String>,
    /// What it was installed for.
    pub installations: Vec<Place>,
    /// The layers in the catalog, in its order.
    pub layers: Vec<CatalogLayer>,
}

/// One installation.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// The program; `None` for the whole prefix.
    pub program: Option<PathBuf>,
    /// Whether the front is where it was put.
    pub in_place: bool,
    /// Where the halves of the direct transport are: what `WINEDLLPATH` has to name.
    pub direct: Option<PathBuf>,
}

/// A layer in the catalog.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CatalogLayer {
    /// Its name.
    pub name: String,
    /// Its module, as the catalog has it.
    pub path: String,
}

/// `ws2spi wine status`.
///
/// # Errors
/// [`Failure`]'s.
pub fn status(arguments: &StatusArguments) -> Result<Status, Failure> {
    let prefix = Prefix::find(&arguments.place.prefix, arguments.place.wine.as_deref())?;
    let record = Record::read(&prefix.root)?;
    let installations = record.iter().flat_map(|record| &record.installations);
    Ok(Status {
        running: prefix.wine.runs(&prefix.root)?,
        wine: prefix.wine.version.to_string(),
        proton: prefix.proton.clone(),
        version: record.as_ref().map(|record| record.version.clone()),
        installations: installations.map(place).collect(),
        layers: layers(&prefix)?,
        prefix: prefix.root,
    })
}

fn place(installation: &Installation) -> Place {
    let front = installation
        .files
        .first()
        .and_then(|front| fs::read(&front.path).ok());
    Place {
        program: installation.program.clone(),
        in_place: front.is_some_and(|front| !pieces::is_builtin(&front)),
        direct: installation.direct(),
    }
}

/// The layers in the catalog: the modules of its chains and of the entries that only name a layer.
pub(super) fn layers(prefix: &Prefix) -> Result<Vec<CatalogLayer>, Failure> {
    let in_list = |key: &str| is_catalog(key) && key.contains(r"\catalog_entries64\");
    let mut items = prefix.hive(SYSTEM)?.binaries(in_list, "PackedCatalogItem");
    items.sort();
    let mut layers: Vec<CatalogLayer> = Vec::new();
    for (_, item) in items {
        let Some((layer, true)) = unpacked(&item) else {
            continue;
        };
        if layers.iter().all(|known| known.path != layer.path) {
            layers.push(layer);
        }
    }
    Ok(layers)
}

/// Name and path of a packed item, and whether it is a layer's: its chain's length is not 1.
fn unpacked(item: &[u8]) -> Option<(CatalogLayer, bool)> {
    let (path, info) = (item.get(..260)?, item.get(260..260 + 628)?);
    let path = path.split(|byte| *byte == 0).next()?;
    let length = i32::from_le_bytes(info.get(40..44)?.try_into().ok()?);
    let units = info[116..]
        .chunks_exact(2)
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let name: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    let layer = CatalogLayer {
        name: String::from_utf16_lossy(&name),
        path: String::from_utf8_lossy(path).into_owned(),
    };
    Some((layer, length != 1))
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "prefix     {}", self.prefix.display())?;
        writeln!(f, "Wine       {}", self.wine)?;
        if let Some(proton) = &self.proton {
            writeln!(f, "Proton     {}", proton.display())?;
        }
        let running = if self.running {
            "yes; the catalog is as last saved"
        } else {
            "no"
        };
        writeln!(f, "running    {running}")?;
        let Some(version) = &self.version else {
            return writeln!(
                f,
                "installed  nothing: ws2_32.dll is Wine's own, and no layer is loaded"
            );
        };
        for place in &self.installations {
            let target = match &place.program {
                Some(program) => program.display().to_string(),
                None => "the whole prefix".to_owned(),
            };
            writeln!(f, "installed  {version} for {target}")?;
            if !place.in_place {
                writeln!(
                    f,
                    "           but its ws2_32.dll was replaced: remove and install put it there again"
                )?;
            }
            match &place.direct {
                Some(folder) => writeln!(
                    f,
                    "direct     on in ws2spi wine run, elsewhere with WINEDLLPATH={}; off with WS2SPI_DIRECT=off",
                    folder.display()
                )?,
                None => writeln!(f, "direct     off: the pieces had no halves of it")?,
            }
        }
        if self.layers.is_empty() {
            writeln!(f, "layers     none")?;
        }
        for layer in &self.layers {
            writeln!(f, "layer      {}: {}", layer.name, layer.path)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_told_from_base_entries_by_their_chains() {
        // client-dll.md 4.1: ChainLen 0 names a layer, 1 is a base entry, more are chains.
        let item = |length: u8| {
            let mut item = vec![0; 888];
            item[..7].copy_from_slice(b"C:\\a.dl");
            item[300] = length;
            item[376] = b'A';
            item
        };
        for (length, expected) in [(0, true), (1, false), (2, true)] {
            let (layer, is_layer) = unpacked(&item(length)).expect("it is whole");
            assert_eq!(is_layer, expected);
            assert_eq!((&*layer.name, &*layer.path), ("A", "C:\\a.dl"));
        }
        assert_eq!(unpacked(&item(1)[..887]), None);
    }
}
