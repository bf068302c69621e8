//! The Win32 subset: timers, waits for messages, and what is called later. Functions that are given do nothing.

use super::{Function, making, row};
use crate::random::argument::Argument::*;
use crate::random::argument::Makes;

/// Timers and the pool of threads.
pub const TIMERS: &[Function] = &[
    making(
        "CreateWaitableTimerW",
        &[Cell(24), Number, WideText],
        Makes::Handle,
    ),
    making(
        "CreateWaitableTimerA",
        &[Cell(24), Number, Text],
        Makes::Handle,
    ),
    making(
        "OpenWaitableTimerW",
        &[Number, Number, WideText],
        Makes::Handle,
    ),
    making("OpenWaitableTimerA", &[Number, Number, Text], Makes::Handle),
    row(
        "SetWaitableTimer",
        &[Handle, Cell(8), Number, Routine, Number, Number],
    ),
    row("CancelWaitableTimer", &[Handle]),
    row("SetTimer", &[Window, Number, Number, Routine]),
    row("KillTimer", &[Window, Number]),
    row(
        "MsgWaitForMultipleObjects",
        &[Given, Handles(0), Number, Timeout, Number],
    ),
    row(
        "MsgWaitForMultipleObjectsEx",
        &[Given, Handles(0), Timeout, Number, Number],
    ),
    row("SignalObjectAndWait", &[Handle, Handle, Timeout, Number]),
    row("QueueUserWorkItem", &[Routine, Number, Number]),
    making("CreateTimerQueue", &[], Makes::Handle),
    making(
        "CreateTimerQueueTimer",
        &[Cell(8), Handle, Routine, Number, Number, Number, Number],
        Makes::HandleAt(0),
    ),
    row("ChangeTimerQueueTimer", &[Handle, Handle, Number, Number]),
    row("DeleteTimerQueueTimer", &[Handle, Handle, Handle]),
    row("DeleteTimerQueue", &[Handle]),
    row("DeleteTimerQueueEx", &[Handle, Handle]),
    making(
        "RegisterWaitForSingleObject",
        &[Cell(8), Handle, Routine, Number, Number, Number],
        Makes::HandleAt(0),
    ),
    row("UnregisterWait", &[Handle]),
    row("UnregisterWaitEx", &[Handle, Handle]),
];
