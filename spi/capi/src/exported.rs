//! The list of all exported names: what `GetProcAddress` finds in `ws2_32.dll`.

use crate::table::Export;
use crate::{win32, winsock};

static LISTS: &[&[Export]] = &[
    winsock::address_text::EXPORTS,
    winsock::blocking::EXPORTS,
    winsock::byte_order::EXPORTS,
    winsock::configuration::EXPORTS,
    winsock::connection::EXPORTS,
    winsock::event::EXPORTS,
    winsock::native::EXPORTS,
    winsock::option::EXPORTS,
    winsock::resolver::EXPORTS,
    winsock::socket::EXPORTS,
    winsock::startup::EXPORTS,
    winsock::transfer::EXPORTS,
    winsock::upcall::EXPORTS,
    win32::address_wait::EXPORTS,
    win32::code_page::EXPORTS,
    win32::com::EXPORTS,
    win32::condition_variable::EXPORTS,
    win32::console::EXPORTS,
    win32::console::control::EXPORTS,
    win32::created_thread::ENDING,
    win32::created_thread::EXPORTS,
    win32::critical_section::EXPORTS,
    win32::debug::EXPORTS,
    win32::device::EXPORTS,
    win32::disk::EXPORTS,
    win32::environment::EXPORTS,
    win32::event::EXPORTS,
    win32::file::EXPORTS,
    win32::handle::EXPORTS,
    win32::heap::EXPORTS,
    win32::identifier::EXPORTS,
    win32::last_error::EXPORTS,
    win32::library::EXPORTS,
    win32::local_storage::EXPORTS,
    win32::mapping::EXPORTS,
    win32::message::EXPORTS,
    win32::mutex::EXPORTS,
    win32::one_time::EXPORTS,
    win32::path::EXPORTS,
    win32::port::EXPORTS,
    win32::position::EXPORTS,
    win32::semaphore::EXPORTS,
    win32::slim_lock::EXPORTS,
    win32::string::EXPORTS,
    win32::system_information::EXPORTS,
    win32::thread::EXPORTS,
    win32::view::EXPORTS,
    win32::wait::EXPORTS,
    win32::window::EXPORTS,
];

/// Every exported function, by name and address. A program that mentions this keeps all of them.
pub fn exports() -> impl Iterator<Item = &'static Export> {
    LISTS.iter().flat_map(|list| list.iter())
}
