//! What a function returned, and what it did with `lpErrno`: V001, V003 to V007.

use crate::checks::Checks;
use crate::nest::Call;
use crate::rule;
use ws2spi::process;
use ws2spi::trace::{Answer, Place, Procedure, Stored};
use ws2spi_abi::{OVERLAPPED, SOCKET_ERROR, WSA_IO_PENDING};

/// The OVERLAPPED of a call.
pub(crate) const fn overlapped(call: &Procedure) -> Option<*mut OVERLAPPED> {
    match call {
        Procedure::recv { ov, .. }
        | Procedure::recv_from { ov, .. }
        | Procedure::send { ov, .. }
        | Procedure::send_to { ov, .. }
        | Procedure::ioctl { ov, .. } => Some(*ov),
        _ => None,
    }
}

impl Checks {
    pub(crate) fn check_answer(&self, at: &Place, call: &Procedure, answer: &Answer, left: &Call) {
        self.check_value(at, call, answer, left);
        match answer.stored {
            Stored::Nowhere => {}
            Stored::Nothing | Stored::Code(0) if answer.failed => {
                self.check_failure(at, call, left);
            }
            Stored::Code(code) if answer.failed => self.check_code(at, call, code, left),
            Stored::Code(code) if code == WSA_IO_PENDING => {
                let what = format!("returned {} and stored WSA_IO_PENDING", answer.value);
                self.report_answer(&rule::PENDING_AND_DONE, at, call, left, what);
            }
            Stored::Code(code) => {
                let what = format!("returned {} and stored {code}", answer.value);
                self.report_answer(&rule::CODE_ON_SUCCESS, at, call, left, what);
            }
            Stored::Nothing => {}
        }
    }

    fn check_value(&self, at: &Place, call: &Procedure, answer: &Answer, left: &Call) {
        let value = answer.value;
        let expected = match call {
            // Handles, and truths of which every value but 0 is one.
            Procedure::accept { .. }
            | Procedure::socket { .. }
            | Procedure::join_leaf { .. }
            | Procedure::get_overlapped_result { .. }
            | Procedure::get_qos_by_name { .. } => return,
            Procedure::select { .. } if value >= SOCKET_ERROR as isize => return,
            Procedure::select { .. } => "a count",
            _ if value == 0 || value == SOCKET_ERROR as isize => return,
            _ => "0",
        };
        let what = format!("returned {value}, which is neither {expected} nor SOCKET_ERROR");
        self.report_answer(&rule::VALUE, at, call, left, what);
    }

    fn check_failure(&self, at: &Place, call: &Procedure, left: &Call) {
        let last_error = process::last_error();
        if last_error != 0 && last_error != left.last_error {
            let what =
                format!("failed without a code and set the thread's last error to {last_error}");
            self.report_answer(&rule::LAST_ERROR, at, call, left, what);
        } else {
            let what = String::from("failed and left *lpErrno as it was");
            self.report_answer(&rule::NO_CODE, at, call, left, what);
        }
    }

    fn check_code(&self, at: &Place, call: &Procedure, code: i32, left: &Call) {
        let has_block = overlapped(call).is_some_and(|block| !block.is_null());
        if code == WSA_IO_PENDING && !has_block {
            let what = String::from("failed with WSA_IO_PENDING, but was given no OVERLAPPED");
            self.report_answer(&rule::PENDING_ALONE, at, call, left, what);
        }
    }
}
