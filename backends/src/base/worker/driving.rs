//! Threads that wait at completion ports and work in the worker's place.
//!
//! The kernel role calls [`Driver::drive`] on a thread that would block at a port of one of the stack's
//! sockets. It takes the [`Crew`], if nobody works, waits for the network as the worker's own thread would and
//! works on what comes, until its own wait is over or it has released another thread, which is
//! then the one that came last. The worker's own thread is the keeper of the lead: see
//! [`Helm`](ws2spi_kernel::port::Helm). It gives way where the network tells every edge: elsewhere each request that has
//! to wait needs a step of the worker at once.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use ws2spi_kernel::port::Driver;
use ws2spi_kernel::port::PortWait;

use super::Crew;
use super::Worker;
use crate::base::socket::Socket;
use crate::base::stack::Stack;

impl Driver for Stack {
    fn drive(&self, wait: &PortWait<'_>) {
        let Some(mut held) = self.worker.helm.take() else {
            return;
        };
        while let Some(crew) = held.tools() {
            if !crew.goes_on(self, wait) {
                break;
            }
        }
    }
}

impl Crew {
    /// The thread has released another one from a port. Whether to let that one work.
    pub(super) fn may_go_round(&self, stack: &Stack) -> bool {
        self.poller.is_some() && stack.worker.tells_every_edge() && stack.worker.helm.has_served()
    }

    /// Waits once within the wait of a thread at a port, and works on what is ready; whether to go on.
    fn goes_on(&mut self, stack: &Stack, wait: &PortWait<'_>) -> bool {
        if stack.worker.helm.is_called() && !self.look_by_proxy(stack) {
            return false;
        }
        let left = wait.left();
        if wait.is_over() || left == Some(Duration::ZERO) || wait.has_released_another() {
            return false;
        }
        let relief = self.relief(stack);
        let end = left.map(|left| stack.net.now() + left);
        let until = [relief, end].into_iter().flatten().min();
        let (Some(poller), Some(waker)) = (&mut self.poller, &self.waker) else {
            return false;
        };
        let ready = &mut self.ready;
        let mut failed = false;
        wait.sleep(waker, || failed = poller.wait(ready, until).is_err());
        self.work_on_ready(stack, relief);
        !failed
    }

    /// Works on what is called. `false`: nothing is left to do, and the worker's own thread is to resign.
    fn look_by_proxy(&mut self, stack: &Stack) -> bool {
        stack.worker.helm.answer();
        let Some(called) = stack.worker.called() else {
            stack.worker.helm.call();
            return false;
        };
        for socket in called {
            self.look_at(stack, &socket);
        }
        true
    }
}

impl Worker {
    /// What is to be looked at; `None` when that is nothing and no socket needs the worker.
    fn called(&self) -> Option<Vec<Arc<Socket>>> {
        let mut list = self.list.lock();
        if list.jobs.is_empty() && list.called.is_empty() {
            return None;
        }
        Some(mem::take(&mut list.called))
    }
}
