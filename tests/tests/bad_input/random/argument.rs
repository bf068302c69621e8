//! The kinds of arguments: what the table of functions says about each of them.

/// What an argument is drawn from. A number in parentheses is the index of the argument that says how long this one is, which is drawn
/// with it and called [`Given`](Argument::Given) in its own place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Argument {
    /// Drawn with another argument.
    Given,
    /// A socket, mostly.
    Socket,
    /// Any handle.
    Handle,
    /// A window, mostly.
    Window,
    /// A module, mostly.
    Module,
    /// The pseudo handle of this process, mostly.
    Process,
    /// Any number: a constant of the headers, small, huge, negative.
    Number,
    /// Mostly nothing.
    Flags,
    /// Always 0 or NULL: anything else would not be a call's to survive.
    Nothing,
    /// Milliseconds: none, and seldom one.
    Timeout,
    /// An address family, mostly.
    Family,
    /// A socket type, mostly.
    Type,
    /// A protocol, mostly.
    Protocol,
    /// An ioctl code, mostly.
    Code,
    /// An option's level; the name follows as `Given`.
    Option,
    /// Memory and its length in bytes.
    Bytes(usize),
    /// The same, its length maybe negative.
    SignedBytes(usize),
    /// Memory and its length in UTF-16 units.
    Units(usize),
    /// The same, its length maybe negative.
    SignedUnits(usize),
    /// Memory, and where its length in bytes stands, maybe negative.
    SignedBytesAt(usize),
    /// The same, unsigned.
    BytesAt(usize),
    /// The same, as a word.
    BytesAtWord(usize),
    /// Memory, and where its length in UTF-16 units stands, maybe negative.
    SignedUnitsAt(usize),
    /// The same, unsigned.
    UnitsAt(usize),
    /// The address of a socket and its length.
    Name(usize),
    /// The same of a host whose name is known here.
    Host(usize),
    /// The address of a host alone, without a family.
    HostBytes(usize),
    /// Where so many bytes stand or are stored.
    Cell(usize),
    /// Where a handle stands.
    HandleCell,
    /// A NUL-terminated string.
    Text,
    /// The same in UTF-16.
    WideText,
    /// A string that no name server is asked for.
    Node,
    /// The same in UTF-16.
    WideNode,
    /// A string that is the name of nothing, or of something of ours.
    Path,
    /// The same in UTF-16.
    WidePath,
    /// A name, or a number in the place of its address.
    Class,
    /// The same in UTF-16.
    WideClass,
    /// An array of `WSABUF` and its count.
    Buffers(usize),
    /// One `WSABUF`.
    Buffer,
    /// A `WSAMSG`.
    Message,
    /// An `fd_set`.
    Set,
    /// An array of `WSAPOLLFD` and its count.
    Polled(usize),
    /// A `TIMEVAL`: no time, or one that is none.
    Time,
    /// An array of handles and its count.
    Handles(usize),
    /// An `OVERLAPPED`.
    Overlapped,
    /// A function that does nothing and takes no arguments or ignores them.
    Routine,
    /// A provider's GUID.
    Guid,
    /// A `WSAPROTOCOL_INFOA`.
    InfoA,
    /// A `WSAPROTOCOL_INFOW`.
    InfoW,
    /// An array of `WSAPROTOCOL_INFOW` and its count.
    Infos(usize),
    /// Catalog ids and their count.
    Ids(usize),
    /// Protocols, ended by 0.
    Protocols,
    /// Hints of `getaddrinfo`.
    Hints,
    /// A list of `getaddrinfo`, which is freed.
    List,
    /// A list of `GetAddrInfoW`, which is freed.
    WideList,
    /// A `SOCKET_ADDRESS_LIST`.
    Addresses,
    /// Room for `OVERLAPPED_ENTRY` and its count.
    Entries(usize),
    /// A `WNDCLASSA` or, with true, a `WNDCLASSW`.
    WindowClass(bool),
    /// A `MSG`.
    WindowMessage,
}

/// What a call leaves behind for its caller to close.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Makes {
    /// Nothing.
    Nothing,
    /// A socket, returned.
    Socket,
    /// A handle, returned.
    Handle,
    /// A window, returned.
    Window,
    /// The atom of a window class, returned.
    Class,
    /// A use of a module, returned.
    Module,
    /// A view of a file mapping, returned.
    View,
    /// A handle, stored by a call that returns nonzero.
    HandleAt(usize),
    /// A handle, stored by a call that returns 0, where 0 stood.
    NoticeAt(usize),
    /// A list of `getaddrinfo`, stored by a call that returns 0.
    ListAt(usize),
    /// A list of `GetAddrInfoW`.
    WideListAt(usize),
}
