//! Window classes: names with the procedure that gets the messages.

use std::fmt;
use std::sync::Arc;

use ws2spi_abi::Errno;

use super::Message;
use crate::sync::AtomicUsize;
use crate::sync::Ordering::AcqRel;
use crate::sync::Ordering::Acquire;
use crate::sync::ProcessMutex;

/// The procedure of a class. It runs on the thread that dispatches, with no lock of ours held.
#[doc(alias = "WNDPROC")]
pub struct Procedure(Box<dyn Fn(&Message) -> isize + Send + Sync>);

impl Procedure {
    /// A procedure that is a closure.
    #[must_use]
    pub fn new(procedure: impl Fn(&Message) -> isize + Send + Sync + 'static) -> Self {
        Self(Box::new(procedure))
    }
}

impl fmt::Debug for Procedure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Procedure(..)")
    }
}

/// How a class is named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClassId<'a> {
    /// By its name; upper and lower case are the same.
    Name(&'a [u16]),
    /// By the number that [`register`] returned.
    Atom(u16),
}

/// A registered class.
#[derive(Debug)]
pub(super) struct Class {
    name: Vec<u16>,
    atom: u16,
    procedure: Procedure,
    windows: AtomicUsize,
}

/// Registers a class; returns its atom.
///
/// # Errors
/// `ERROR_INVALID_PARAMETER` when the name is empty or longer than 255 characters;
/// `ERROR_CLASS_ALREADY_EXISTS`; `WSA_NOT_ENOUGH_MEMORY` when there are no more atoms.
#[doc(alias = "RegisterClass")]
pub fn register(name: &[u16], procedure: Procedure) -> Result<u16, Errno> {
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err(Errno::INVALID_PARAMETER);
    }
    let mut classes = CLASSES.lock();
    if classes.iter().any(|class| class.has_name(name)) {
        return Err(Errno::CLASS_ALREADY_EXISTS);
    }
    let free = |atom: &u16| !classes.iter().any(|class| class.atom == *atom);
    let atom = (FIRST_ATOM..=u16::MAX)
        .find(free)
        .ok_or(Errno::NOT_ENOUGH_MEMORY)?;
    let windows = AtomicUsize::new(0);
    classes.push(Arc::new(Class {
        name: name.to_vec(),
        atom,
        procedure,
        windows,
    }));
    Ok(atom)
}

/// Takes a class away.
///
/// # Errors
/// `ERROR_CLASS_DOES_NOT_EXIST`; `ERROR_CLASS_HAS_WINDOWS` while there are windows of it.
#[doc(alias = "UnregisterClass")]
pub fn unregister(id: ClassId<'_>) -> Result<(), Errno> {
    let mut classes = CLASSES.lock();
    let place = classes.iter().position(|class| class.is(id));
    let place = place.ok_or(Errno::CLASS_DOES_NOT_EXIST)?;
    if classes[place].windows.load(Acquire) > 0 {
        return Err(Errno::CLASS_HAS_WINDOWS);
    }
    let class = classes.swap_remove(place);
    drop(classes);
    drop(class);
    Ok(())
}

/// The class of an id.
pub(super) fn find(id: ClassId<'_>) -> Option<Arc<Class>> {
    CLASSES.lock().iter().find(|class| class.is(id)).cloned()
}

impl Class {
    pub(super) fn call(&self, message: &Message) -> isize {
        (self.procedure.0)(message)
    }

    pub(super) fn add_window(&self) {
        self.windows.fetch_add(1, AcqRel);
    }

    pub(super) fn remove_window(&self) {
        self.windows.fetch_sub(1, AcqRel);
    }

    fn is(&self, id: ClassId<'_>) -> bool {
        match id {
            ClassId::Name(name) => self.has_name(name),
            ClassId::Atom(atom) => self.atom == atom,
        }
    }

    fn has_name(&self, name: &[u16]) -> bool {
        let lower = |unit: &u16| {
            let mut lower = char::from_u32(u32::from(*unit))
                .into_iter()
                .flat_map(char::to_lowercase);
            lower.next().map_or(u32::from(*unit), u32::from)
        };
        self.name.iter().map(lower).eq(name.iter().map(lower))
    }
}

static CLASSES: ProcessMutex<Vec<Arc<Class>>> = ProcessMutex::new(Vec::new());

const FIRST_ATOM: u16 = 0xc000;
const LONGEST_NAME: usize = 255;
