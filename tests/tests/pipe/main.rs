//! A base provider in C beside the system's: tests/c/base_pipe.c under the API functions. Its sockets are minted handles, its waits
//! are waits on events of the upcalls, its blocking is that of a provider that knows nothing of this project.

mod blocking_hook;
mod connections;
mod data;
mod mixed;
mod polling;
