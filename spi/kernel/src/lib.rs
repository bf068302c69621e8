//! The kernel role: handles, events, threads with APC queues, waits, completion ports, message queues, file objects.
