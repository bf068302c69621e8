//! Who drives a network: at most one thread at a time, and somebody before long.
//!
//! The *tools* (a poller and what belongs to it) are with whoever leads. A thread of their own, the
//! *keeper*, leads when nobody else does. It gives way to threads that wait at ports ([`Driver`]), which
//! come and go with each packet: handing the lead on each time would cost what leading saves.
//! So they put the tools back, and mostly are back at once and take them again.
//!
//! ```text
//! keeper leads --give_way--> nobody --take--> a waiting thread leads --drop of Held--> nobody
//!      ^----------------------/ a tick went by and nobody came and went, or somebody calls
//! ```
//!
//! While they come and go the keeper looks once in a [`TICK`]; when nobody has led for a whole one it
//! takes the tools back, and gives way the less readily the more often that was so. While one of them
//! stays, or nothing happens, it sleeps: an idle process has no ticks.
//!
//! [`Helm::call`] is for what cannot wait: whoever leads is called out of its wait, or else the keeper
//! leads at once. The lock is a leaf; threads are woken without it.
//!
//! [`Driver`]: super::Driver

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::sync::AtomicBool;
use crate::sync::Mutex;
use crate::sync::Ordering;
use crate::sync::ThreadToken;
use crate::sync::current_token;
use crate::sync::nap;
use crate::sync::park;
use crate::thread::Wake;

/// How long nobody may lead.
const TICK: Duration = Duration::from_millis(1);

/// After so many turns at most a reluctant keeper gives way.
const MOST_RELUCTANT: u32 = 255;

/// So often in a row somebody has to come back in time before the keeper is less reluctant.
const CALM: u32 = 64;

/// Who leads, and with it the tools.
pub struct Helm<T> {
    /// Somebody has called, and nobody has looked since.
    called: AtomicBool,
    state: Mutex<State<T>>,
}

struct State<T> {
    /// While nobody leads.
    tools: Option<T>,
    /// What calls whoever leads out of its wait.
    waker: Option<Arc<dyn Wake>>,
    keeper: Option<ThreadToken>,
    /// How often somebody other than the keeper has stopped leading.
    left: u64,
    /// Whether the keeper looks again by itself.
    ticking: bool,
    /// So many turns the keeper serves before it gives way.
    reluctance: u32,
    served: u32,
    calm: u32,
}

/// The tools, while their holder leads.
pub struct Held<'a, T> {
    helm: &'a Helm<T>,
    /// `None` only while this is dropped.
    tools: Option<T>,
}

impl<T> Helm<T> {
    /// A helm without a keeper: nobody leads, or can.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            called: AtomicBool::new(false),
            state: Mutex::new(State {
                tools: None,
                waker: None,
                keeper: None,
                left: 0,
                ticking: false,
                reluctance: 0,
                served: 0,
                calm: 0,
            }),
        }
    }

    /// The calling thread is the keeper from now on and leads; `waker` ends its waits and those of
    /// whoever leads after it.
    pub fn open(&self, waker: Option<Arc<dyn Wake>>) {
        let mut state = self.state.lock();
        state.keeper = Some(current_token());
        state.waker = waker;
        state.reluctance = 0;
        state.served = 0;
        state.calm = 0;
    }

    /// The keeper, which leads, resigns.
    pub fn close(&self) {
        let mut state = self.state.lock();
        state.keeper = None;
        state.waker = None;
    }

    /// Whoever leads is to look soon at what there is to do; without a keeper nobody does. Any
    /// thread. Never blocks.
    pub fn call(&self) {
        self.called.store(true, Ordering::SeqCst);
        let (keeper, waker) = {
            let mut state = self.state.lock();
            if state.tools.is_some() {
                state.ticking = true;
                (state.keeper.clone(), None)
            } else {
                (None, state.waker.clone())
            }
        };
        if let Some(keeper) = keeper {
            keeper.unpark();
        }
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Whether somebody has called. To be asked by whoever leads, before each wait.
    pub fn is_called(&self) -> bool {
        self.called.load(Ordering::SeqCst)
    }

    /// Whoever leads is about to look at everything that was called for until now.
    pub fn answer(&self) {
        self.called.store(false, Ordering::SeqCst);
    }

    /// The tools, if nobody leads. Never blocks.
    pub fn take(&self) -> Option<Held<'_, T>> {
        let mut state = self.state.lock();
        let tools = state.tools.take()?;
        state.calm += 1;
        if state.calm >= CALM {
            state.calm = 0;
            state.reluctance /= 2;
        }
        Some(Held {
            helm: self,
            tools: Some(tools),
        })
    }

    /// The keeper, which leads, has released a thread that may lead. Whether to give way.
    pub fn has_served(&self) -> bool {
        let mut state = self.state.lock();
        state.served += 1;
        if state.served <= state.reluctance {
            return false;
        }
        state.served = 0;
        true
    }

    /// Lets others lead; blocks the keeper until it is to lead again.
    pub fn give_way(&self, tools: T) -> T {
        let mut seen = {
            let mut state = self.state.lock();
            state.tools = Some(tools);
            state.ticking = true;
            state.left
        };
        // Whoever called before that found nobody to wake.
        if !self.is_called() {
            nap(TICK);
        }
        loop {
            let sleeps = {
                let mut state = self.state.lock();
                let calm = state.left == seen;
                seen = state.left;
                if self.is_called()
                    && let Some(tools) = state.tools.take()
                {
                    return tools;
                }
                if calm {
                    if let Some(tools) = state.tools.take() {
                        state.calm = 0;
                        state.reluctance = (state.reluctance * 2 + 1).min(MOST_RELUCTANT);
                        return tools;
                    }
                    // Somebody leads, and will say so before it stops.
                    state.ticking = false;
                }
                !state.ticking
            };
            if sleeps {
                park();
            } else {
                nap(TICK);
            }
        }
    }
}

impl<T> Default for Helm<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Held<'_, T> {
    /// The tools: there are some.
    pub fn tools(&mut self) -> Option<&mut T> {
        self.tools.as_mut()
    }
}

impl<T> Drop for Held<'_, T> {
    fn drop(&mut self) {
        let keeper = {
            let mut state = self.helm.state.lock();
            state.tools = self.tools.take();
            state.left += 1;
            let asleep = !std::mem::replace(&mut state.ticking, true);
            let needed = asleep || self.helm.is_called();
            state.keeper.clone().filter(|_| needed)
        };
        if let Some(keeper) = keeper {
            keeper.unpark();
        }
    }
}

impl<T> fmt::Debug for Helm<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock();
        f.debug_struct("Helm")
            .field("is_free", &state.tools.is_some())
            .field("has_keeper", &state.keeper.is_some())
            .field("reluctance", &state.reluctance)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Held<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}
