//! The call stack of a provider: addresses now, names when somebody wants to read them.
//!
//! Only frames in the modules of watched providers are kept: what is between them is ours or the application's. A module may be
//! unloaded after its last `WSPCleanup`, so stacks of what may turn out to be left over are named before that.

use crate::finding::Frame;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, CString, c_void};
use std::sync::OnceLock;

/// What is known of the memory of the process.
static IMAGES: Mutex<Images> = Mutex::new(Images {
    watched: BTreeSet::new(),
    of_address: BTreeMap::new(),
});

struct Images {
    /// Where the images of watched modules begin.
    watched: BTreeSet<usize>,
    /// Where the image of an address begins: asking the linker takes long.
    of_address: BTreeMap<usize, usize>,
}

impl Images {
    fn is_watched(&mut self, address: usize) -> bool {
        let known = self.of_address.entry(address);
        let base = known.or_insert_with(|| image_of(address).map_or(0, |image| image.base));
        self.watched.contains(base)
    }
}

/// The symbolizer keeps what it has read for everybody.
static NAMING: Mutex<()> = Mutex::new(());

/// A provider's frames, the innermost first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stack {
    /// The function that has returned already, 0 for none.
    function: usize,
    frames: Vec<usize>,
    named: OnceLock<Vec<Frame>>,
}

impl Stack {
    /// The calling thread's, here and now.
    pub fn here() -> Self {
        let mut frames = Vec::new();
        let mut all = Vec::new();
        backtrace::trace(|frame| {
            all.push(frame.ip() as usize);
            true
        });
        let mut images = IMAGES.lock();
        for address in all {
            if frames.len() < DEPTH && images.is_watched(address) {
                frames.push(address);
            }
        }
        Self {
            function: 0,
            frames,
            named: OnceLock::new(),
        }
    }

    /// Of nobody.
    pub fn none() -> Self {
        Self::default()
    }

    /// The calling thread's, below a function that has just returned.
    pub fn below(function: usize) -> Self {
        Self {
            function,
            ..Self::here()
        }
    }

    /// Only a function: what it did, it did on whatever stack.
    pub fn of(function: usize) -> Self {
        Self {
            function,
            ..Self::default()
        }
    }

    /// What tells two places of a provider apart.
    pub fn place(&self) -> usize {
        if self.function != 0 {
            return self.function;
        }
        self.frames.first().copied().unwrap_or(0)
    }

    /// With names, found now or earlier.
    pub fn named(&self) -> Vec<Frame> {
        // The symbolizer takes return addresses, which are behind the call.
        let functions = (self.function != 0)
            .then_some(self.function + 1)
            .into_iter();
        let addresses = functions.chain(self.frames.iter().copied());
        self.named
            .get_or_init(|| addresses.map(name).collect())
            .clone()
    }
}

/// Notes the module that a function is in as one whose frames are wanted. To be called whenever a module is started: others may
/// have been where it is now.
pub(crate) fn watch(function: usize) {
    let image = image_of(function);
    let mut images = IMAGES.lock();
    images.of_address.clear();
    images.watched.extend(image.map(|image| image.base));
}

/// The base of the image of the calling provider's code: the innermost frame in a watched module.
pub(crate) fn innermost_image() -> Option<usize> {
    let stack = Stack::here();
    image_of(*stack.frames.first()?).map(|image| image.base)
}

/// Where the image that a function is in begins.
pub(crate) fn base_of(function: usize) -> Option<usize> {
    image_of(function).map(|image| image.base)
}

/// Keeps the image that an address is in until the process ends, whoever unloads it.
pub(crate) fn keep_loaded(address: usize) {
    let Some(path) = image_of(address).and_then(|image| CString::new(image.path).ok()) else {
        return;
    };
    // SAFETY: the path is a string; it is not loaded anew, so no code of it runs. The use is meant to stay.
    unsafe {
        libc::dlopen(path.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD);
    }
}

struct Image {
    base: usize,
    path: String,
}

fn image_of(address: usize) -> Option<Image> {
    let mut info = libc::Dl_info {
        dli_fname: std::ptr::null(),
        dli_fbase: std::ptr::null_mut(),
        dli_sname: std::ptr::null(),
        dli_saddr: std::ptr::null_mut(),
    };
    // SAFETY: any address may be asked about; the block is a live local.
    let found = unsafe { libc::dladdr(address as *const c_void, &raw mut info) };
    if found == 0 || info.dli_fname.is_null() {
        return None;
    }
    // SAFETY: dladdr found it: the path is a string that the linker keeps while the module is loaded.
    let path = unsafe { CStr::from_ptr(info.dli_fname) };
    Some(Image {
        base: info.dli_fbase as usize,
        path: path.to_string_lossy().into_owned(),
    })
}

fn name(address: usize) -> Frame {
    let image = image_of(address);
    let mut frame = Frame {
        function: format!("{address:#x}"),
        file: None,
        line: None,
        module: image.map(|image| image.path).unwrap_or_default(),
    };
    // Of functions that were put into one another, the innermost comes first.
    let mut is_named = false;
    let _naming = NAMING.lock();
    // Modules come and go; what was read before may be of another one.
    backtrace::clear_symbol_cache();
    backtrace::resolve(address as *mut c_void, |symbol| {
        if is_named {
            return;
        }
        if let Some(name) = symbol.name() {
            is_named = true;
            frame.function = name.to_string();
        }
        if let Some(file) = symbol.filename() {
            frame.file = Some(file.display().to_string());
        }
        frame.line = symbol.lineno();
    });
    frame
}

/// How many frames are kept.
const DEPTH: usize = 32;
