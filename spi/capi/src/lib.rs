//! The exported C symbols: the client DLL and the kernel functions under their Windows names.
