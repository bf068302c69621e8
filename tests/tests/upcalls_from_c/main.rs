//! The upcalls as a provider in C makes them: through the table that it was given, with tests/c/base_upcalls.c.

mod checks;
mod duplicates;
mod layers;
mod probing;
mod profiles;
mod registrations;
mod starts;
mod worlds;
