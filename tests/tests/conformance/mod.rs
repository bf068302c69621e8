//! The assertions of the references as tests, one file per noun. Mounted once per configuration.

mod stream;
