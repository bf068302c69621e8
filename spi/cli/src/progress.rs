//! The progress bar: on standard error, while that is a terminal.

use crate::traffic::{Leg, Round, Style, Transport};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::io::{self, IsTerminal};

/// A bar per leg, or per round; silent when standard error is no terminal.
#[derive(Clone, Debug)]
pub struct Progress(ProgressBar);

impl Default for Progress {
    /// No bar yet.
    fn default() -> Self {
        Self(ProgressBar::hidden())
    }
}

impl Progress {
    /// Shows what is being done, without a bar.
    pub fn step(&mut self, what: &str) {
        self.show(ProgressBar::new_spinner(), "{msg}", what);
    }

    /// Shows a bar for a leg that takes so many steps, or none when the time decides.
    pub fn leg(&mut self, style: Style, leg: Leg, steps: Option<u64>) {
        let template = match (leg.transport, steps) {
            (Transport::Tcp, Some(_)) => TCP,
            (Transport::Udp, Some(_)) => UDP,
            (Transport::Tcp, None) => TCP_FOR_A_TIME,
            (Transport::Udp, None) => UDP_FOR_A_TIME,
        };
        self.show(bar(steps), template, &format!("{leg}, {style}"));
    }

    /// Shows a bar for all legs of a round at once, whose steps have no unit.
    pub fn round(&mut self, round: &Round, steps: Option<u64>) {
        let template = if steps.is_some() {
            AT_ONCE
        } else {
            AT_ONCE_FOR_A_TIME
        };
        self.show(bar(steps), template, &round.to_string());
    }

    /// Shows a bar for so many cases.
    pub fn cases(&mut self, count: u64) {
        self.show(bar(Some(count)), CASES, "cases");
    }

    /// So many steps were made. Any thread.
    pub fn advance(&self, steps: u64) {
        self.0.inc(steps);
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }

    fn show(&mut self, bar: ProgressBar, template: &str, message: &str) {
        self.clear();
        if !io::stderr().is_terminal() {
            return;
        }
        bar.set_draw_target(ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            let style = style.with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
                let _ = write!(out, "{:.0}/s", state.per_sec());
            });
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(message.to_owned());
        bar.tick();
        self.0 = bar;
    }
}

fn bar(steps: Option<u64>) -> ProgressBar {
    steps.map_or_else(ProgressBar::new_spinner, ProgressBar::new)
}

const TCP: &str = "{msg:<33} [{bar:16}] {percent:>3}%  {binary_bytes_per_sec}";
const UDP: &str = "{msg:<33} [{bar:16}] {percent:>3}%  {rate}";
const AT_ONCE: &str = "{msg:<33} [{bar:16}] {percent:>3}%  {elapsed}";
const TCP_FOR_A_TIME: &str = "{msg:<33} {elapsed:>5}  {bytes:>10}  {binary_bytes_per_sec}";
const UDP_FOR_A_TIME: &str = "{msg:<33} {elapsed:>5}  {pos:>7}  {rate}";
const CASES: &str = "{msg:<33} [{bar:16}] {pos:>4} of {len}  {elapsed}";
const AT_ONCE_FOR_A_TIME: &str = "{msg:<33} {elapsed:>5}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_well_formed() {
        for template in [
            TCP,
            UDP,
            AT_ONCE,
            TCP_FOR_A_TIME,
            UDP_FOR_A_TIME,
            AT_ONCE_FOR_A_TIME,
            CASES,
        ] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
