//! What an application gets when a provider misbehaves: every switch of tests/c/hostile.c, one test or more each. In every case a
//! diagnostic names the provider and the function, nothing crashes or hangs, and nothing is left over.

mod answers;
mod handles;
mod startup;
