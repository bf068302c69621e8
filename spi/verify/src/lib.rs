//! The verifier: rules for providers that no single answer shows, checked while programs run.
//!
//! A [`Verifier`] stands at every table of a chain, in both directions, as an observer of `ws2spi::trace`. It sees each call with its
//! arguments and its result, keeps a ledger of what providers were given and owe, hands them blocks and callbacks of its own where
//! only that shows what they do with them, and asks a few questions itself. A broken rule is a [`Finding`]: the [`Rule`]'s number
//! and sentence, what was seen, and the provider's call stack. Rules are exact: what a correct provider may do is never a finding.
//!
//! ```no_run
//! use ws2spi_verify::{Scope, Verifier};
//!
//! let verifier = Verifier::install(Scope::AllBut(vec!["linked:base".into()]));
//! // ... WSAStartup, traffic, WSACleanup ...
//! for finding in verifier.findings() {
//!     println!("{finding}");
//! }
//! ```
//!
//! Relies on `ws2spi` for the seam and `ws2spi-kernel` for what is open. The command-line tool and the tests install it.

mod answers;
mod blocking;
mod checks;
mod condition;
mod extensions;
mod finding;
mod handles;
mod ledger;
mod lengths;
mod life;
mod memory;
mod nest;
mod operation;
mod operations;
mod passing;
mod reentry;
pub mod rule;
mod select;
mod stack;
mod tables;
mod verifier;

pub use finding::{Finding, Frame};
pub use rule::{RULES, Rule};
pub use verifier::{Scope, Verifier};
