//! Network events, conditions of WSAPoll, waits of Winsock.

use super::constants;

constants! {
    i32 {
        FD_READ = 1, "Data can be received.";
        FD_WRITE = 2, "Data can be sent.";
        FD_OOB = 4, "Urgent data can be received.";
        FD_ACCEPT = 8, "A connection can be accepted.";
        FD_CONNECT = 0x10, "An attempt to connect has ended.";
        FD_CLOSE = 0x20, "The peer has closed, or the connection is lost.";
        FD_QOS = 0x40, "Quality of service has changed.";
        FD_GROUP_QOS = 0x80, "Reserved.";
        FD_ROUTING_INTERFACE_CHANGE = 0x100, "The interface to a destination has changed.";
        FD_ADDRESS_LIST_CHANGE = 0x200, "The list of local addresses has changed.";
        FD_ALL_EVENTS = 0x3ff, "All events.";
        WSS_OPERATION_IN_PROGRESS = 0x103, "Internal of an OVERLAPPED while it is pending.";
    }
    usize {
        FD_READ_BIT = 0, "Index of FD_READ's error.";
        FD_WRITE_BIT = 1, "Index of FD_WRITE's error.";
        FD_OOB_BIT = 2, "Index of FD_OOB's error.";
        FD_ACCEPT_BIT = 3, "Index of FD_ACCEPT's error.";
        FD_CONNECT_BIT = 4, "Index of FD_CONNECT's error.";
        FD_CLOSE_BIT = 5, "Index of FD_CLOSE's error.";
        FD_QOS_BIT = 6, "Index of FD_QOS's error.";
        FD_GROUP_QOS_BIT = 7, "Index of FD_GROUP_QOS's error.";
        FD_ROUTING_INTERFACE_CHANGE_BIT = 8, "Index of FD_ROUTING_INTERFACE_CHANGE's error.";
        FD_ADDRESS_LIST_CHANGE_BIT = 9, "Index of FD_ADDRESS_LIST_CHANGE's error.";
        FD_MAX_EVENTS = 10, "How many events there are.";
        FD_SETSIZE = 64, "Sockets in an FD_SET unless the application chose another number.";
        WSA_MAXIMUM_WAIT_EVENTS = 64, "Most events of one wait.";
    }
    i16 {
        POLLERR = 1, "WSAPoll: an error has happened.";
        POLLHUP = 2, "WSAPoll: the peer has closed.";
        POLLNVAL = 4, "WSAPoll: not a socket.";
        POLLWRNORM = 0x10, "WSAPoll: data can be sent.";
        POLLOUT = 0x10, "WSAPoll: data can be sent.";
        POLLWRBAND = 0x20, "WSAPoll: urgent data can be sent; cannot be asked for.";
        POLLRDNORM = 0x100, "WSAPoll: data can be received.";
        POLLRDBAND = 0x200, "WSAPoll: urgent data can be received.";
        POLLIN = 0x300, "WSAPoll: data of either kind can be received.";
        POLLPRI = 0x400, "WSAPoll: cannot be asked for.";
    }
    u32 {
        WSA_WAIT_EVENT_0 = 0, "The first event is signalled; add the index for the others.";
        WSA_WAIT_IO_COMPLETION = 0xc0, "Completion routines have run.";
        WSA_WAIT_TIMEOUT = 0x102, "The time is over.";
        WSA_WAIT_FAILED = 0xffff_ffff, "The wait failed.";
        WSA_INFINITE = 0xffff_ffff, "Wait without end.";
    }
}
