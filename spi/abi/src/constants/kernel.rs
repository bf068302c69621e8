//! Waits, access rights, completion modes and messages of the kernel functions.

use super::constants;

constants! {
    u32 {
        WAIT_OBJECT_0 = 0, "The first object is signalled; add the index for the others.";
        WAIT_ABANDONED_0 = 0x80, "As above, and it is a mutex whose owner ended.";
        WAIT_ABANDONED = 0x80, "The mutex's owner ended.";
        WAIT_IO_COMPLETION = 0xc0, "APCs have run.";
        WAIT_TIMEOUT = 0x102, "The time is over.";
        WAIT_FAILED = 0xffff_ffff, "The wait failed.";
        INFINITE = 0xffff_ffff, "Wait without end.";
        MAXIMUM_WAIT_OBJECTS = 64, "Most objects of one wait.";

        FILE_SKIP_COMPLETION_PORT_ON_SUCCESS = 1, "No packet for what succeeds at once.";
        FILE_SKIP_SET_EVENT_ON_HANDLE = 2, "Do not signal the handle itself.";

        STACK_SIZE_PARAM_IS_A_RESERVATION = 0x1_0000, "CreateThread: the size is what is reserved, not what is committed.";
        STILL_ACTIVE = 259, "GetExitCodeThread: the thread runs.";

        CREATE_EVENT_MANUAL_RESET = 1, "CreateEventEx: stays signalled until reset.";
        CREATE_EVENT_INITIAL_SET = 2, "CreateEventEx: signalled from the start.";
        CREATE_MUTEX_INITIAL_OWNER = 1, "CreateMutexEx: owned by the caller from the start.";
        EVENT_ALL_ACCESS = 0x1f_0003, "All rights to an event.";
        EVENT_MODIFY_STATE = 2, "The right to set and reset an event.";
        SEMAPHORE_ALL_ACCESS = 0x1f_0003, "All rights to a semaphore.";
        SEMAPHORE_MODIFY_STATE = 2, "The right to release a semaphore.";
        MUTEX_ALL_ACCESS = 0x1f_0001, "All rights to a mutex.";
        MUTEX_MODIFY_STATE = 1, "Reserved right to a mutex.";
        SYNCHRONIZE = 0x10_0000, "The right to wait.";
        DUPLICATE_CLOSE_SOURCE = 1, "DuplicateHandle: close the original.";
        DUPLICATE_SAME_ACCESS = 2, "DuplicateHandle: with the same rights.";
        HANDLE_FLAG_INHERIT = 1, "Child processes inherit the handle.";
        HANDLE_FLAG_PROTECT_FROM_CLOSE = 2, "The handle cannot be closed.";

        PM_NOREMOVE = 0, "PeekMessage: leave the message.";
        PM_REMOVE = 1, "PeekMessage: take the message.";
        PM_NOYIELD = 2, "PeekMessage: without effect.";
        WM_NULL = 0, "No message.";
        WM_CREATE = 1, "A window is being made.";
        WM_DESTROY = 2, "A window is being destroyed.";
        WM_CLOSE = 0x10, "A window is to be closed.";
        WM_QUIT = 0x12, "The thread's message loop is to end.";
        WM_USER = 0x400, "First message of a window class.";
        WM_APP = 0x8000, "First message of an application.";
        QS_ALLINPUT = 0x4ff, "MsgWaitForMultipleObjects: any message.";
        QS_POSTMESSAGE = 8, "MsgWaitForMultipleObjects: posted messages.";
        MWMO_WAITALL = 1, "MsgWaitForMultipleObjectsEx: all objects.";
        MWMO_ALERTABLE = 2, "MsgWaitForMultipleObjectsEx: run APCs.";
        MWMO_INPUTAVAILABLE = 4, "MsgWaitForMultipleObjectsEx: old messages count.";
    }
    isize {
        HWND_MESSAGE = -3, "Parent of windows that only receive messages.";
    }
}
