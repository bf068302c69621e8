//! Types, constants, tables and traits of the Winsock 2 Service Provider Interface.
