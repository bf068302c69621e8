//! The GUID of a provider's own catalog entry, for providers that look for it.
//!
//! A layer finds its place in the catalog by the entry with its own GUID (`ChainLen` 0) and the chains that begin with that entry's id.
//! The GUID stands in its source, and installers learn it in one of two ways: it is theirs too, which is `--guid` here, or the provider
//! exports `GetLspGuid`, as the layers do that are made after Microsoft's sample. Used by [`preparation`](crate::preparation).

use crate::provider::{Provider, Unusable};
use std::str::FromStr;
use ws2spi::loader::module::Module;
use ws2spi_abi::GUID;

/// What the command line says about the GUID of one provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Choice {
    /// What the provider says, or any.
    Auto,
    /// This one.
    Given(GUID),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("auto") {
            return Ok(Self::Auto);
        }
        let given = text.parse().map(Self::Given);
        given.map_err(|error| format!("{error}; or auto"))
    }
}

/// Notes what the command line says about each provider, in their order.
///
/// # Errors
/// [`Unusable::TooManyGuids`], [`Unusable::SameGuid`].
pub fn give(choices: &[Choice], providers: &mut [Provider]) -> Result<(), Unusable> {
    if choices.len() > providers.len() {
        return Err(Unusable::TooManyGuids(choices.len(), providers.len()));
    }
    for (provider, choice) in providers.iter_mut().zip(choices) {
        if let Choice::Given(id) = choice {
            provider.id = Some(*id);
        }
    }
    distinct(providers)
}

/// That no two providers would be installed under one GUID.
///
/// # Errors
/// [`Unusable::SameGuid`].
pub fn distinct(providers: &[Provider]) -> Result<(), Unusable> {
    for (index, provider) in providers.iter().enumerate() {
        let same = |other: &&Provider| provider.id.is_some() && other.id == provider.id;
        if let (Some(id), Some(other)) = (provider.id, providers[..index].iter().find(same)) {
            return Err(Unusable::SameGuid {
                source_file: provider.source.clone(),
                other: other.source.clone(),
                id,
            });
        }
    }
    Ok(())
}

/// The GUID that a module tells: what `GetLspGuid` writes, `None` where there is no such function or it writes nothing. Runs the
/// provider's code.
#[doc(alias = "GetLspGuid")]
#[must_use]
pub fn told_by(module: &Module) -> Option<GUID> {
    let symbol = module.symbol(EXPORT);
    if symbol.is_null() {
        return None;
    }
    // SAFETY: the name is known as that of a function of this type, which the module answers for.
    let tell = unsafe { std::mem::transmute::<usize, TellFn>(symbol.as_raw()) };
    let mut id = NOTHING;
    // SAFETY: the pointer is a live local; the function writes one GUID there.
    unsafe { tell(&raw mut id) };
    (id != NOTHING).then_some(id)
}

/// `GetLspGuid`.
type TellFn = unsafe extern "system" fn(*mut GUID);

/// The name of the function that tells.
const EXPORT: &str = "GetLspGuid";
const NOTHING: GUID = GUID::from_u128(0);

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn provider(name: &str, id: Option<u128>) -> Provider {
        Provider {
            name: name.to_owned(),
            source: PathBuf::from(name),
            module: name.to_owned(),
            id: id.map(GUID::from_u128),
        }
    }

    #[test]
    fn guids_go_to_the_providers_in_their_order() {
        let mut providers = [provider("a.so", None), provider("b.so", None)];
        let second = Choice::Given(GUID::from_u128(7));
        give(&[Choice::Auto, second], &mut providers).expect("there are two");
        assert_eq!(providers[0].id, None);
        assert_eq!(providers[1].id, Some(GUID::from_u128(7)));
        let error = give(&[Choice::Auto; 3], &mut providers).expect_err("there are three");
        assert_eq!(
            error.to_string(),
            "--guid is there 3 times, and providers 2"
        );
    }

    #[test]
    fn two_providers_cannot_have_one_guid() {
        let providers = [
            provider("a.so", Some(7)),
            provider("b.so", None),
            provider("c.so", None),
            provider("d.so", Some(7)),
        ];
        let error = distinct(&providers).expect_err("two have it").to_string();
        assert!(error.starts_with("d.so: "), "{error}");
        assert!(error.contains("a.so"), "{error}");
    }

    #[test]
    fn a_guid_is_written_with_braces_or_without() {
        let text = "c5fabbd0-9736-11d1-937f-00c04fad860d";
        let plain: Choice = text.parse().expect("it is one");
        assert_eq!(format!("{{{text}}}").parse(), Ok(plain));
        assert_eq!("AUTO".parse(), Ok(Choice::Auto));
        assert!("c5fabbd0".parse::<Choice>().is_err());
    }
}
