//! The keys and values of the registry, as a tree.
//!
//! Names keep the case in which they were given and are looked up without it. Subkeys are in the order of their names, values in the
//! order in which they were set. Pure: no file, no lock.

use std::collections::BTreeMap;

/// A value: its name (empty for the default one), its type and its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::win32) struct Value {
    pub(in crate::win32) name: String,
    pub(in crate::win32) kind: u32,
    pub(in crate::win32) data: Vec<u8>,
}

/// A key.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(in crate::win32) struct Key {
    /// By their names in lower case, with those as they were given.
    subkeys: BTreeMap<String, (String, Key)>,
    values: Vec<Value>,
    /// When it was changed last: units of 100 ns since 1601, UTC.
    pub(in crate::win32) written: u64,
}

impl Key {
    /// The key at a path below this one.
    pub(in crate::win32) fn at(&self, path: &[String]) -> Option<&Self> {
        path.iter().try_fold(self, |key, name| {
            key.subkeys.get(&fold(name)).map(|(_, key)| key)
        })
    }

    /// The same, to be changed.
    pub(in crate::win32) fn at_mut(&mut self, path: &[String]) -> Option<&mut Self> {
        path.iter().try_fold(self, |key, name| {
            key.subkeys.get_mut(&fold(name)).map(|(_, key)| key)
        })
    }

    /// The key at a path below this one, which is made where it does not exist.
    pub(super) fn make(&mut self, path: &[String], now: u64) -> &mut Self {
        path.iter().fold(self, |key, name| {
            if !key.subkeys.contains_key(&fold(name)) {
                key.written = now;
            }
            let fresh = || {
                let made = Self {
                    written: now,
                    ..Self::default()
                };
                (name.clone(), made)
            };
            &mut key.subkeys.entry(fold(name)).or_insert_with(fresh).1
        })
    }

    /// Takes a subkey away with all that is below it.
    pub(in crate::win32) fn remove(&mut self, name: &str) -> Option<Self> {
        self.subkeys.remove(&fold(name)).map(|(_, key)| key)
    }

    /// The subkeys with their names.
    pub(in crate::win32) fn subkeys(&self) -> impl ExactSizeIterator<Item = (&str, &Self)> {
        self.subkeys.values().map(|(name, key)| (&**name, key))
    }

    /// The values.
    pub(in crate::win32) fn values(&self) -> &[Value] {
        &self.values
    }

    /// The value of that name.
    pub(in crate::win32) fn value(&self, name: &str) -> Option<&Value> {
        let name = fold(name);
        self.values.iter().find(|value| fold(&value.name) == name)
    }

    /// Sets a value; one that exists keeps its place and its name.
    pub(in crate::win32) fn set(&mut self, value: Value) {
        let name = fold(&value.name);
        match self.values.iter_mut().find(|it| fold(&it.name) == name) {
            Some(known) => {
                known.kind = value.kind;
                known.data = value.data;
            }
            None => self.values.push(value),
        }
    }

    /// Takes a value away. `false`: there is none.
    pub(in crate::win32) fn unset(&mut self, name: &str) -> bool {
        let (name, before) = (fold(name), self.values.len());
        self.values.retain(|value| fold(&value.name) != name);
        self.values.len() < before
    }
}

/// A name as it is looked up.
pub(super) fn fold(name: &str) -> String {
    name.to_lowercase()
}
