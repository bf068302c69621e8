//! A run of cases, and its comparison with what is known of the subject.
//!
//! A case that is known to fail is not waited for as long as the others. One that came to something else than was known is run again
//! when nothing else runs, before that counts: on a busy machine what takes too long says nothing, and a case whose row says that it
//! always fails has to pass every time.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use ws2spi_conformance::expectations::Expectations;
use ws2spi_conformance::supervisor::Supervisor;
use ws2spi_conformance::{Case, Verdict};

/// Who runs cases and compares.
pub struct Comparison {
    patient: Supervisor,
    hurried: Supervisor,
    known: Option<Expectations>,
}

/// How long bodies wait, in seconds, for what is known not to come.
const HURRIED: u64 = 3;
/// How long a case may take that is known to fail.
const HURRIED_LIMIT: Duration = Duration::from_secs(10);
/// How often a surprise has to come to be believed.
const TIMES: usize = 3;
/// More surprises than this are no accident: they are believed at once.
const ACCIDENTS: usize = 24;

impl Comparison {
    /// One that compares with a table, if there is one; without it every case is to pass.
    pub fn new(supervisor: Supervisor, known: Option<Expectations>) -> Self {
        Self {
            hurried: supervisor.hurried(HURRIED, HURRIED_LIMIT),
            patient: supervisor,
            known,
        }
    }

    /// Runs the cases, so many at a time: whether all came to what they should. Prints what did not, and the sums.
    pub fn run(&self, wanted: &[&'static Case], jobs: usize) -> bool {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(wanted.len()));
        let work = || {
            while let Some(case) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                let verdict = self.verdict(case);
                if self.known.is_none() {
                    println!("{} ... {verdict}", case.name());
                }
                let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                done.push((*case, verdict));
            }
        };
        thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(work);
            }
        });
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut counts = BTreeMap::<&str, usize>::new();
        for (_, verdict) in &done {
            *counts.entry(verdict.word()).or_default() += 1;
        }
        let words = counts.iter().map(|(word, count)| format!("{count} {word}"));
        println!("{}", words.collect::<Vec<_>>().join(", "));
        let surprises = done
            .into_iter()
            .filter(|(case, verdict)| !self.agrees(case, verdict));
        self.believe(surprises.collect())
    }

    fn verdict(&self, case: &Case) -> Verdict {
        let known = self.known.as_ref();
        let fails = known.is_some_and(|known| known.of(&case.name()).is_some());
        let supervisor = if fails { &self.hurried } else { &self.patient };
        supervisor.run(case).verdict
    }

    /// Whether a case came to what it should.
    fn agrees(&self, case: &Case, verdict: &Verdict) -> bool {
        let lacking = self.patient.lacking(case);
        // What the machine lacks is nothing that is known of the subject.
        if lacking.is_some_and(|lack| lack.need.is_of_the_machine()) {
            return true;
        }
        let known = self.known.as_ref();
        match known.and_then(|known| known.of(&case.name())) {
            Some(row) => row.agrees(verdict),
            None if known.is_some() => *verdict == Verdict::Passed,
            None => matches!(verdict, Verdict::Passed | Verdict::NotApplicable(_)),
        }
    }

    /// Looks at surprises again, alone: whether there is none that came every time.
    fn believe(&self, surprises: Vec<(&Case, Verdict)>) -> bool {
        let again = self.known.is_some() && surprises.len() <= ACCIDENTS;
        let mut all_agree = true;
        for (case, first) in surprises {
            let mut others = (1..TIMES).map(|_| self.verdict(case));
            let name = case.name();
            if again && others.any(|verdict| self.agrees(case, &verdict)) {
                println!("{name} ... as expected when run again; at first {first}");
                continue;
            }
            all_agree = false;
            let row = self.known.as_ref().and_then(|known| known.of(&name));
            match row {
                Some(row) => println!("{name} ... {first}\n    known as: {}", row.known.word()),
                None if self.known.is_some() => println!("{name} ... {first}\n    not known"),
                None => {}
            }
        }
        all_agree
    }
}
