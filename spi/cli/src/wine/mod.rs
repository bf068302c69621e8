//! `ws2spi wine`: puts the DLLs for layered providers into a prefix of Wine's and takes them out again.
//!
//! - [`install`]: what a prefix gets and how it becomes what it was; [`record`]: what was done.
//! - [`journal`]: all of it or nothing, whatever happens in between.
//! - [`hive`]: the registry's files, edited in place.
//! - [`prefix`], [`build`]: where a prefix is and which Wine runs it; [`pieces`]: what is put there.
//! - [`status`] says what there is, [`run`] runs a program, [`crash`] says which layer ended it.
//!
//! Nothing but `run` starts anything in the prefix.

pub mod arguments;
pub mod build;
pub mod crash;
pub mod failure;
pub mod hive;
pub mod install;
pub mod journal;
pub mod pieces;
pub mod prefix;
pub mod record;
pub mod run;
pub mod status;
#[cfg(test)]
mod tests;

use crate::exit::Exit;
use arguments::{WineArguments, WineCommand};
use failure::Failure;
use std::process::ExitCode;

/// Runs the command, and prints what was done or why it was not.
#[must_use]
pub fn main(arguments: &WineArguments) -> ExitCode {
    let done = match &arguments.command {
        WineCommand::Install(install) => install::install(install).map(|done| said(&done)),
        WineCommand::Remove(remove) => install::remove(remove).map(|done| said(&done)),
        WineCommand::Status(status) => tell(status),
        WineCommand::Run(run) => run::run(run).map(ExitCode::from),
    };
    done.unwrap_or_else(|failure| {
        eprintln!("ws2spi: {failure}");
        failure.exit().into()
    })
}

fn said(done: &str) -> ExitCode {
    println!("ws2spi: {done}");
    Exit::Passed.into()
}

fn tell(arguments: &arguments::StatusArguments) -> Result<ExitCode, Failure> {
    let status = status::status(arguments)?;
    if arguments.json {
        let text = serde_json::to_string_pretty(&status).map_err(std::io::Error::from);
        println!("{}", text.map_err(Failure::io(&status.prefix, "tell of"))?);
    } else {
        print!("{status}");
    }
    Ok(Exit::Passed.into())
}
