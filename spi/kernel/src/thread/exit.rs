//! What a thread does when it exits, on behalf of others.

use std::fmt;

use crate::sync::Mutex;

/// Actions for the exit of a thread, until they have run.
pub(super) struct ExitActions(Mutex<Option<Vec<Action>>>);

struct Action(Box<dyn FnOnce() + Send>);

impl ExitActions {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Some(Vec::new())))
    }

    /// `false`: they have run; this one was dropped.
    pub(super) fn push(&self, action: Box<dyn FnOnce() + Send>) -> bool {
        let mut actions = self.0.lock();
        let Some(actions) = actions.as_mut() else {
            return false;
        };
        actions.push(Action(action));
        true
    }

    /// Runs them, those included that are added meanwhile.
    pub(super) fn run(&self) {
        while let Some(actions) = self.take() {
            actions.into_iter().for_each(|action| action.0());
        }
    }

    /// What was added since the last call; closes the list when that is nothing.
    fn take(&self) -> Option<Vec<Action>> {
        let mut list = self.0.lock();
        let actions = list
            .as_mut()
            .map(std::mem::take)
            .filter(|actions| !actions.is_empty());
        if actions.is_none() {
            *list = None;
        }
        actions
    }
}

impl fmt::Debug for ExitActions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExitActions(..)")
    }
}
