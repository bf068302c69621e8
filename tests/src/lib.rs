//! Harness, conformance tests, C providers and benches.
