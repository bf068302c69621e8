//! The name space of objects: events, mutexes, semaphores, timers and file mappings that have a name.
//!
//! A name belongs to one object of any kind from its creation until its last handle is closed; whoever
//! creates it again gets a handle to what is there. Who makes objects calls [`create`] and [`open`] with
//! them, and has them count their handles in a [`Naming`].
//!
//! Those of events, mutexes, semaphores and mappings of memory are seen by the other processes of the
//! user, whatever their prefix: such an object's state is in the [`session`]. This list has the
//! objects that this process has handles to.
//!
//! DIFFERS: names of timers and of mappings of files are the process's own, as all are where there is
//! no place for a session; and users have none in common.
//!
//! Lock order: the list of names before the handles' table.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Weak;

use ws2spi_abi::Errno;

use crate::handles;
use crate::handles::Handle;
use crate::handles::HandleCount;
use crate::handles::Object;
use crate::session;
use crate::session::Initial;
use crate::session::Joined;
use crate::session::Shared;
use crate::sync::AtomicU32;
use crate::sync::Ordering::Relaxed;
use crate::sync::ProcessMutex;

/// A name. Case matters; `Local\x` is the same as `x`, and `Global\x` is another one.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Name(String);

impl Name {
    /// The name that a program gave.
    ///
    /// # Errors
    /// `ERROR_PATH_NOT_FOUND` for one with a backslash behind the prefix, `ERROR_INVALID_NAME` for a prefix
    /// without a name, `ERROR_FILENAME_EXCED_RANGE` for more than 260 characters.
    pub fn new(text: &str) -> Result<Self, Errno> {
        if text.encode_utf16().count() > LONGEST {
            return Err(Errno::FILENAME_EXCED_RANGE);
        }
        let rest = text.strip_prefix(GLOBAL).or(text.strip_prefix(LOCAL));
        match rest.unwrap_or(text) {
            "" => Err(Errno::INVALID_NAME),
            rest if rest.contains('\\') => Err(Errno::PATH_NOT_FOUND),
            _ => Ok(Self(text.strip_prefix(LOCAL).unwrap_or(text).to_owned())),
        }
    }
}

/// What an object keeps that may have a name: the number of its handles, and which entry is its own.
#[derive(Debug)]
pub struct Naming {
    handles: HandleCount,
    /// 0 without a name. Written with the list locked.
    entry: AtomicU32,
}

impl Naming {
    /// No name and no handle yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            handles: HandleCount::new(),
            entry: AtomicU32::new(0),
        }
    }

    /// Where the object's handles are counted: what [`Object::handles`] answers.
    #[must_use]
    pub const fn handles(&self) -> &HandleCount {
        &self.handles
    }

    /// Gives the name up. `false`: there is none, or somebody has found it since the last handle was closed.
    fn give_up(&self) -> bool {
        if self.entry.load(Relaxed) == 0 {
            return false;
        }
        let mut list = NAMES.lock();
        let last = self.handles.open() == 0;
        if last {
            list.get_or_insert_default()
                .remove(self.entry.load(Relaxed));
        }
        last
    }
}

impl Default for Naming {
    fn default() -> Self {
        Self::new()
    }
}

/// An object that may have a name.
pub trait Named: Object {
    /// Its place for that.
    fn naming(&self) -> &Naming;

    /// The object whose state other processes may have. `None`: it is of another kind, or such are not shared.
    fn from_shared(shared: Shared) -> Option<Self>
    where
        Self: Sized,
    {
        let _ = shared;
        None
    }
}

/// What [`Object::last_closed`] does: the name is given up, and the share in the object.
pub fn last_closed<T: Named>(object: &T) {
    if object.naming().give_up()
        && let Some(shared) = object.shared()
    {
        shared.release();
    }
}

/// What creating found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Created {
    /// The object is new.
    New(Handle),
    /// The name had an object of this kind already, and this is another handle to it.
    Existing(Handle),
}

impl Created {
    /// The handle.
    #[must_use]
    pub const fn handle(self) -> Handle {
        match self {
            Self::New(handle) | Self::Existing(handle) => handle,
        }
    }
}

/// Opens a handle to a new object, under its name if it has one, or to the object that has the name. With a name and
/// something to begin with, the object is one that other processes may have, and the given one is only for where that cannot be.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when the name belongs to an object of another kind, `WSA_NOT_ENOUGH_MEMORY` when
/// there are no more handles.
pub fn create<T: Named>(
    name: Option<Name>,
    object: Arc<T>,
    initial: Option<Initial>,
) -> Result<Created, Errno> {
    let Some(name) = name else {
        return Ok(Created::New(insert(object)?));
    };
    if let Some(found) = find::<T>(&name)? {
        return Ok(Created::Existing(insert(found)?));
    }
    // With no lock held: it waits for other processes.
    let joined = match initial {
        Some(initial) => session::create(&name.0, &initial)?,
        None => None,
    };
    let (object, existed) = match joined {
        None => (object, None),
        Some(Joined::New(shared)) => (shared_object(shared)?, Some(false)),
        Some(Joined::Existing(shared)) => (shared_object(shared)?, Some(true)),
    };
    let (handle, found) = publish(name, object)?;
    Ok(if existed.unwrap_or(found) {
        Created::Existing(handle)
    } else {
        Created::New(handle)
    })
}

/// Opens a handle to the object that has the name.
///
/// # Errors
/// `ERROR_FILE_NOT_FOUND` when nothing has it, `WSA_INVALID_HANDLE` when an object of another kind has,
/// `WSA_NOT_ENOUGH_MEMORY` when there are no more handles.
pub fn open<T: Named>(name: &Name) -> Result<Handle, Errno> {
    if let Some(found) = find::<T>(name)? {
        return insert(found);
    }
    let shared = session::open(&name.0).ok_or(Errno::FILE_NOT_FOUND)?;
    publish::<T>(name.clone(), shared_object(shared)?).map(|(handle, _)| handle)
}

/// The object of a name that this process has handles to.
///
/// # Errors
/// `WSA_INVALID_HANDLE` when it is of another kind.
fn find<T: Named>(name: &Name) -> Result<Option<Arc<T>>, Errno> {
    let found = NAMES.lock().get_or_insert_default().find(name);
    found
        .map(|found| found.downcast().ok_or(Errno::INVALID_HANDLE))
        .transpose()
}

/// # Errors
/// `WSA_INVALID_HANDLE` for the state of an object of another kind.
fn shared_object<T: Named>(shared: Shared) -> Result<Arc<T>, Errno> {
    let object = T::from_shared(shared).ok_or(Errno::INVALID_HANDLE)?;
    Ok(Arc::new(object))
}

/// Opens a handle to the object under its name, unless another thread was faster: then to that one's, with `true`.
fn publish<T: Named>(name: Name, object: Arc<T>) -> Result<(Handle, bool), Errno> {
    let mut list = NAMES.lock();
    let list = list.get_or_insert_default();
    if let Some(found) = list.find(&name) {
        let found: Arc<T> = found.downcast().ok_or(Errno::INVALID_HANDLE)?;
        return Ok((insert(found)?, true));
    }
    let handle = insert(Arc::clone(&object))?;
    let entry = list.add(name, Arc::downgrade(&object) as Weak<dyn Object>);
    object.naming().entry.store(entry, Relaxed);
    Ok((handle, false))
}

fn insert<T: Object>(object: Arc<T>) -> Result<Handle, Errno> {
    handles::insert(object).map_err(|_| Errno::NOT_ENOUGH_MEMORY)
}

/// The names, and which entry each one is.
#[derive(Default)]
struct List {
    objects: HashMap<Name, (u32, Weak<dyn Object>)>,
    names: HashMap<u32, Name>,
    last: u32,
}

impl List {
    /// The object of a name. One without a handle is about to lose it.
    fn find(&mut self, name: &Name) -> Option<Arc<dyn Object>> {
        let (entry, object) = self.objects.get(name)?;
        let entry = *entry;
        let found = object.upgrade().filter(|object| {
            object
                .handles()
                .is_some_and(|count: &HandleCount| count.open() > 0)
        });
        if found.is_none() {
            self.remove(entry);
        }
        found
    }

    fn add(&mut self, name: Name, object: Weak<dyn Object>) -> u32 {
        loop {
            self.last = self.last.wrapping_add(1);
            if self.last != 0 && !self.names.contains_key(&self.last) {
                break;
            }
        }
        self.names.insert(self.last, name.clone());
        self.objects.insert(name, (self.last, object));
        self.last
    }

    fn remove(&mut self, entry: u32) {
        if let Some(name) = self.names.remove(&entry) {
            self.objects.remove(&name);
        }
    }
}

static NAMES: ProcessMutex<Option<List>> = ProcessMutex::new(None);

const LOCAL: &str = "Local\\";
const GLOBAL: &str = "Global\\";
/// `MAX_PATH`.
const LONGEST: usize = 260;

#[cfg(all(test, not(ws2spi_shuttle)))]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::event::Reset;
    use crate::semaphore::Semaphore;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    fn event(name: Name) -> Result<Created, Errno> {
        create(Some(name), Arc::new(Event::new(Reset::Manual, false)), None)
    }

    /// "Kernel object namespaces": the prefixes; CreateEvent, "lpName".
    #[test]
    fn prefixes_choose_the_name_space() {
        assert_eq!(name("Local\\x"), name("x"));
        assert_ne!(name("Global\\x"), name("x"));
        assert_ne!(name("X"), name("x"));
        assert_eq!(Name::new("a\\b"), Err(Errno::PATH_NOT_FOUND));
        assert_eq!(Name::new("Local\\a\\b"), Err(Errno::PATH_NOT_FOUND));
        assert_eq!(Name::new("Global\\"), Err(Errno::INVALID_NAME));
        assert_eq!(Name::new(&"x".repeat(260)).map(|_| ()), Ok(()));
        let long = Name::new(&"x".repeat(261));
        assert_eq!(long, Err(Errno::FILENAME_EXCED_RANGE));
    }

    /// CreateEvent, "Return value": another handle to the same object.
    #[test]
    fn a_name_is_one_object() {
        let first = event(name("names-one")).unwrap();
        let again = event(name("names-one")).unwrap();
        assert!(matches!(
            (first, again),
            (Created::New(_), Created::Existing(_))
        ));
        let third = open::<Event>(&name("names-one")).unwrap();
        crate::event::set(third.raw()).unwrap();
        let seen = crate::event::from_handle(first.handle().raw()).unwrap();
        assert!(seen.is_set());
        for handle in [first.handle(), again.handle(), third] {
            handles::close(handle.raw()).unwrap();
        }
        assert_eq!(
            open::<Event>(&name("names-one")),
            Err(Errno::FILE_NOT_FOUND)
        );
    }

    /// "Object Names": the kinds share one name space.
    #[test]
    fn a_name_of_another_kind_is_refused() {
        let made = event(name("names-kind")).unwrap();
        let other = open::<Semaphore>(&name("names-kind"));
        assert_eq!(other, Err(Errno::INVALID_HANDLE));
        handles::close(made.handle().raw()).unwrap();
    }

    /// CreateEvent, "Remarks": the object goes with its last handle, whoever still waits for it; and so does its name.
    #[test]
    fn a_name_ends_with_the_last_handle() {
        let made = event(name("names-last")).unwrap().handle().raw();
        let kept = crate::event::from_handle(made).unwrap();
        let second = handles::duplicate(made).unwrap();
        handles::close(made).unwrap();
        let found = open::<Event>(&name("names-last")).unwrap();
        handles::close(found.raw()).unwrap();
        handles::close(second.raw()).unwrap();
        assert_eq!(
            open::<Event>(&name("names-last")),
            Err(Errno::FILE_NOT_FOUND)
        );
        let new = event(name("names-last")).unwrap();
        assert!(matches!(new, Created::New(_)));
        handles::close(new.handle().raw()).unwrap();
        drop(kept);
    }
}
