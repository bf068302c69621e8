//! Shared libraries of the system: opened, looked up by name, closed.
//!
//! The only files that know libloading. [`super::module`] counts users and runs entry points. Each system supplies `Library`: `open`,
//! `symbol`, `entry` and `close`.

cfg_if::cfg_if! {
    if #[cfg(windows)] {
        mod windows;
        pub use windows::Library;
    } else {
        mod unix;
        pub use unix::Library;
    }
}

/// What the system says of a failure.
fn sentence(error: &libloading::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    text
}
