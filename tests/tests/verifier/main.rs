//! The rules for providers: each is found in the provider that breaks it, alone, and none in a correct one.

mod clean;
mod faulty;
mod stack;
mod workout;
