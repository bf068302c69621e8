//! The table of the exported functions: what their arguments are drawn from, and what their calls leave behind.

use super::argument::Argument::{self, *};
use super::argument::Makes;

/// How a function is called.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    pub name: &'static str,
    pub arguments: &'static [Argument],
    pub makes: Makes,
}

const fn row(name: &'static str, arguments: &'static [Argument]) -> Function {
    making(name, arguments, Makes::Nothing)
}

const fn making(name: &'static str, arguments: &'static [Argument], makes: Makes) -> Function {
    Function {
        name,
        arguments,
        makes,
    }
}

/// Making, naming and closing sockets, connections, and network events.
pub const SOCKETS: &[Function] = &[
    making("ws2_socket", &[Family, Type, Protocol], Makes::Socket),
    making(
        "WSASocketA",
        &[Family, Type, Protocol, InfoA, Number, Flags],
        Makes::Socket,
    ),
    making(
        "WSASocketW",
        &[Family, Type, Protocol, InfoW, Number, Flags],
        Makes::Socket,
    ),
    row("closesocket", &[Socket]),
    row("WSADuplicateSocketA", &[Socket, Process, Cell(372)]),
    row("WSADuplicateSocketW", &[Socket, Process, Cell(628)]),
    row("ws2_bind", &[Socket, Name(2), Given]),
    row("ws2_listen", &[Socket, Number]),
    making(
        "ws2_accept",
        &[Socket, SignedBytesAt(2), Given],
        Makes::Socket,
    ),
    making(
        "WSAAccept",
        &[Socket, SignedBytesAt(2), Given, Routine, Number],
        Makes::Socket,
    ),
    row("ws2_connect", &[Socket, Name(2), Given]),
    row(
        "WSAConnect",
        &[Socket, Name(2), Given, Buffer, Buffer, Cell(128), Cell(128)],
    ),
    making(
        "WSAJoinLeaf",
        &[
            Socket,
            Name(2),
            Given,
            Buffer,
            Buffer,
            Cell(128),
            Cell(128),
            Flags,
        ],
        Makes::Socket,
    ),
    row("ws2_getpeername", &[Socket, SignedBytesAt(2), Given]),
    row("ws2_getsockname", &[Socket, SignedBytesAt(2), Given]),
    row("ws2_shutdown", &[Socket, Number]),
    row("WSASendDisconnect", &[Socket, Buffer]),
    row("WSARecvDisconnect", &[Socket, Buffer]),
    row("WSAGetQOSByName", &[Socket, Buffer, Cell(128)]),
    row("WSAEventSelect", &[Socket, Handle, Number]),
    row("WSAEnumNetworkEvents", &[Socket, Handle, Cell(44)]),
    row("WSAAsyncSelect", &[Socket, Window, Number, Number]),
    row("ws2_select", &[Number, Set, Set, Set, Time]),
    row("__WSAFDIsSet", &[Socket, Set]),
    row("WSAPoll", &[Polled(1), Given, Timeout]),
    row("ws2spi_socket_fd", &[Socket]),
];

/// Moving data, options and ioctls.
pub const TRANSFERS: &[Function] = &[
    row("ws2_send", &[Socket, SignedBytes(2), Given, Flags]),
    row(
        "WSASend",
        &[
            Socket,
            Buffers(2),
            Given,
            Cell(4),
            Flags,
            Overlapped,
            Routine,
        ],
    ),
    row(
        "ws2_sendto",
        &[Socket, SignedBytes(2), Given, Flags, Name(5), Given],
    ),
    row(
        "WSASendTo",
        &[
            Socket,
            Buffers(2),
            Given,
            Cell(4),
            Flags,
            Name(6),
            Given,
            Overlapped,
            Routine,
        ],
    ),
    row("ws2_recv", &[Socket, SignedBytes(2), Given, Flags]),
    row(
        "WSARecv",
        &[
            Socket,
            Buffers(2),
            Given,
            Cell(4),
            Cell(4),
            Overlapped,
            Routine,
        ],
    ),
    row("WSARecvEx", &[Socket, SignedBytes(2), Given, Cell(4)]),
    row(
        "ws2_recvfrom",
        &[
            Socket,
            SignedBytes(2),
            Given,
            Flags,
            SignedBytesAt(5),
            Given,
        ],
    ),
    row(
        "WSARecvFrom",
        &[
            Socket,
            Buffers(2),
            Given,
            Cell(4),
            Cell(4),
            SignedBytesAt(6),
            Given,
            Overlapped,
            Routine,
        ],
    ),
    row(
        "WSAGetOverlappedResult",
        &[Socket, Overlapped, Cell(4), Number, Cell(4)],
    ),
    row(
        "WSASendMsg",
        &[Socket, Message, Flags, Cell(4), Overlapped, Routine],
    ),
    row(
        "ws2_getsockopt",
        &[Socket, Option, Given, SignedBytesAt(4), Given],
    ),
    row(
        "ws2_setsockopt",
        &[Socket, Option, Given, SignedBytes(4), Given],
    ),
    row("ioctlsocket", &[Socket, Code, Cell(4)]),
    row(
        "WSAIoctl",
        &[
            Socket,
            Code,
            Bytes(3),
            Given,
            Bytes(5),
            Given,
            Cell(4),
            Overlapped,
            Routine,
        ],
    ),
    row(
        "WPUCompleteOverlappedRequest",
        &[Socket, Overlapped, Number, Number, Cell(4)],
    ),
    row("ReadFile", &[Handle, Bytes(2), Given, Cell(4), Overlapped]),
    row("WriteFile", &[Handle, Bytes(2), Given, Cell(4), Overlapped]),
    row(
        "GetOverlappedResult",
        &[Handle, Overlapped, Cell(4), Number],
    ),
    row("CancelIo", &[Handle]),
    row("CancelIoEx", &[Handle, Overlapped]),
];

/// What needs no socket: starting, byte order, text, events, hooks.
pub const PLAIN: &[Function] = &[
    row("WSAStartup", &[Number, Cell(408)]),
    row("WSACleanup", &[]),
    row("WSAGetLastError", &[]),
    row("WSASetLastError", &[Number]),
    row("WSAEnumProtocolsA", &[Protocols, BytesAt(2), Given]),
    row("WSAEnumProtocolsW", &[Protocols, BytesAt(2), Given]),
    making(
        "WSAProviderConfigChange",
        &[HandleCell, Overlapped, Routine],
        Makes::NoticeAt(0),
    ),
    row(
        "WSAAddressToStringA",
        &[Name(1), Given, InfoA, BytesAt(4), Given],
    ),
    row(
        "WSAAddressToStringW",
        &[Name(1), Given, InfoW, UnitsAt(4), Given],
    ),
    row(
        "WSAStringToAddressA",
        &[Text, Family, InfoA, SignedBytesAt(4), Given],
    ),
    row(
        "WSAStringToAddressW",
        &[WideText, Family, InfoW, SignedBytesAt(4), Given],
    ),
    row("ws2_inet_addr", &[Text]),
    row("ws2_inet_ntoa", &[Number]),
    row("ws2_inet_pton", &[Family, Text, Cell(16)]),
    row("InetPtonW", &[Family, WideText, Cell(16)]),
    row("ws2_inet_ntop", &[Family, Cell(16), Bytes(3), Given]),
    row("InetNtopW", &[Family, Cell(16), Units(3), Given]),
    row("WSASetBlockingHook", &[Routine]),
    row("WSAUnhookBlockingHook", &[]),
    row("WSAIsBlocking", &[]),
    row("WSACancelBlockingCall", &[]),
    row("ws2_htonl", &[Number]),
    row("ws2_htons", &[Number]),
    row("ws2_ntohl", &[Number]),
    row("ws2_ntohs", &[Number]),
    row("WSAHtonl", &[Socket, Number, Cell(4)]),
    row("WSAHtons", &[Socket, Number, Cell(2)]),
    row("WSANtohl", &[Socket, Number, Cell(4)]),
    row("WSANtohs", &[Socket, Number, Cell(2)]),
    making("WSACreateEvent", &[], Makes::Handle),
    row("WSACloseEvent", &[Handle]),
    row("WSASetEvent", &[Handle]),
    row("WSAResetEvent", &[Handle]),
    row(
        "WSAWaitForMultipleEvents",
        &[Given, Handles(0), Number, Timeout, Number],
    ),
    row("WSApSetPostRoutine", &[Routine]),
];

/// The catalog's functions.
pub const CONFIGURATION: &[Function] = &[
    row(
        "WSCGetApplicationCategory",
        &[Units(1), Given, Units(3), Given, Cell(4), Cell(4)],
    ),
    row(
        "WSCSetApplicationCategory",
        &[Units(1), Given, Units(3), Given, Number, Cell(4), Cell(4)],
    ),
    row("WSCEnumProtocols", &[Protocols, BytesAt(2), Given, Cell(4)]),
    row(
        "WSCEnumProtocols32",
        &[Protocols, BytesAt(2), Given, Cell(4)],
    ),
    row(
        "WSCGetProviderInfo",
        &[Guid, Number, BytesAtWord(3), Given, Flags, Cell(4)],
    ),
    row(
        "WSCGetProviderInfo32",
        &[Guid, Number, BytesAtWord(3), Given, Flags, Cell(4)],
    ),
    row(
        "WSCSetProviderInfo",
        &[Guid, Number, Bytes(3), Given, Flags, Cell(4)],
    ),
    row(
        "WSCSetProviderInfo32",
        &[Guid, Number, Bytes(3), Given, Flags, Cell(4)],
    ),
    row(
        "WSCInstallProvider",
        &[Guid, WidePath, Infos(3), Given, Cell(4)],
    ),
    row(
        "WSCInstallProvider64_32",
        &[Guid, WidePath, Infos(3), Given, Cell(4)],
    ),
    row(
        "WSCUpdateProvider",
        &[Guid, WidePath, Infos(3), Given, Cell(4)],
    ),
    row(
        "WSCUpdateProvider32",
        &[Guid, WidePath, Infos(3), Given, Cell(4)],
    ),
    row("WSCDeinstallProvider", &[Guid, Cell(4)]),
    row("WSCDeinstallProvider32", &[Guid, Cell(4)]),
    row(
        "WSCInstallProviderAndChains",
        &[
            Guid,
            WidePath,
            WideText,
            Number,
            Infos(5),
            Given,
            Cell(4),
            Cell(4),
        ],
    ),
    row(
        "WSCInstallProviderAndChains64_32",
        &[
            Guid,
            WidePath,
            WidePath,
            WideText,
            Number,
            Infos(6),
            Given,
            Cell(4),
            Cell(4),
        ],
    ),
    row("WSCWriteProviderOrder", &[Ids(1), Given]),
    row("WSCWriteProviderOrder32", &[Ids(1), Given]),
    row(
        "WSCGetProviderPath",
        &[Guid, SignedUnitsAt(2), Given, Cell(4)],
    ),
    row(
        "WSCGetProviderPath32",
        &[Guid, SignedUnitsAt(2), Given, Cell(4)],
    ),
];

/// Functions that may ask the system for names, files, connections or threads at every call.
pub const NAMES: &[Function] = &[
    making(
        "ws2_getaddrinfo",
        &[Node, Text, Hints, Cell(8)],
        Makes::ListAt(3),
    ),
    making(
        "GetAddrInfoW",
        &[WideNode, WideText, Hints, Cell(8)],
        Makes::WideListAt(3),
    ),
    row("ws2_freeaddrinfo", &[List]),
    row("FreeAddrInfoW", &[WideList]),
    row(
        "ws2_getnameinfo",
        &[Host(1), Given, Bytes(3), Given, Bytes(5), Given, Flags],
    ),
    row(
        "GetNameInfoW",
        &[Host(1), Given, Units(3), Given, Units(5), Given, Flags],
    ),
    row("ws2_gethostname", &[SignedBytes(1), Given]),
    row("GetHostNameW", &[SignedUnits(1), Given]),
    row("ws2_gethostbyname", &[Node]),
    row("ws2_gethostbyaddr", &[HostBytes(1), Given, Family]),
    row("ws2_getservbyname", &[Text, Text]),
    row("ws2_getservbyport", &[Number, Text]),
    row("ws2_getprotobyname", &[Text]),
    row("ws2_getprotobynumber", &[Number]),
    row(
        "WSAConnectByNameA",
        &[
            Socket,
            Node,
            Text,
            Given,
            BytesAt(3),
            Given,
            BytesAt(5),
            Time,
            Overlapped,
        ],
    ),
    row(
        "WSAConnectByNameW",
        &[
            Socket,
            WideNode,
            WideText,
            Given,
            BytesAt(3),
            Given,
            BytesAt(5),
            Time,
            Overlapped,
        ],
    ),
    row(
        "WSAConnectByList",
        &[
            Socket,
            Addresses,
            Given,
            BytesAt(2),
            Given,
            BytesAt(4),
            Time,
            Overlapped,
        ],
    ),
    making("LoadLibraryW", &[WidePath], Makes::Module),
    making("LoadLibraryA", &[Path], Makes::Module),
    making(
        "CreateThread",
        &[Cell(24), Number, Routine, Number, Nothing, Cell(4)],
        Makes::Handle,
    ),
];

/// The rest of the Win32 subset.
pub const KERNEL: &[Function] = &[
    row("ExpandEnvironmentStringsW", &[WideText, Units(2), Given]),
    row("ExpandEnvironmentStringsA", &[Text, Bytes(2), Given]),
    making(
        "CreateEventW",
        &[Cell(24), Number, Number, WideText],
        Makes::Handle,
    ),
    making(
        "CreateEventA",
        &[Cell(24), Number, Number, Text],
        Makes::Handle,
    ),
    row("SetEvent", &[Handle]),
    row("ResetEvent", &[Handle]),
    row("CloseHandle", &[Handle]),
    making(
        "DuplicateHandle",
        &[Process, Handle, Process, Cell(8), Number, Number, Number],
        Makes::HandleAt(3),
    ),
    row("GetLastError", &[]),
    row("SetLastError", &[Number]),
    row("GetProcAddress", &[Module, Class]),
    row("FreeLibrary", &[Module]),
    row("PostMessageA", &[Window, Number, Number, Number]),
    row("PostMessageW", &[Window, Number, Number, Number]),
    row("PostThreadMessageA", &[Process, Number, Number, Number]),
    row("PostThreadMessageW", &[Process, Number, Number, Number]),
    row("PostQuitMessage", &[Number]),
    row("PeekMessageA", &[Cell(48), Window, Number, Number, Number]),
    row("PeekMessageW", &[Cell(48), Window, Number, Number, Number]),
    row("GetMessageA", &[Cell(48), Window, Number, Number]),
    row("GetMessageW", &[Cell(48), Window, Number, Number]),
    row("TranslateMessage", &[WindowMessage]),
    row("DispatchMessageA", &[WindowMessage]),
    row("DispatchMessageW", &[WindowMessage]),
    making("CreateMutexW", &[Cell(24), Number, WideText], Makes::Handle),
    making("CreateMutexA", &[Cell(24), Number, Text], Makes::Handle),
    row("ReleaseMutex", &[Handle]),
    making(
        "CreateIoCompletionPort",
        &[Handle, Handle, Number, Number],
        Makes::Handle,
    ),
    row(
        "GetQueuedCompletionStatus",
        &[Handle, Cell(4), Cell(8), Cell(8), Timeout],
    ),
    row(
        "GetQueuedCompletionStatusEx",
        &[Handle, Entries(2), Given, Cell(4), Timeout, Number],
    ),
    row(
        "PostQueuedCompletionStatus",
        &[Handle, Number, Number, Overlapped],
    ),
    row("SetFileCompletionNotificationModes", &[Handle, Number]),
    making(
        "CreateFileW",
        &[WideText, Number, Number, Cell(24), Number, Number, Handle],
        Makes::Handle,
    ),
    making(
        "CreateFileA",
        &[Text, Number, Number, Cell(24), Number, Number, Handle],
        Makes::Handle,
    ),
    making(
        "CreateSemaphoreW",
        &[Cell(24), Number, Number, WideText],
        Makes::Handle,
    ),
    making(
        "CreateSemaphoreA",
        &[Cell(24), Number, Number, Text],
        Makes::Handle,
    ),
    row("ReleaseSemaphore", &[Handle, Number, Cell(4)]),
    row("GetExitCodeThread", &[Handle, Cell(4)]),
    row("GetCurrentThread", &[]),
    row("GetCurrentThreadId", &[]),
    row("GetCurrentProcess", &[]),
    row("GetCurrentProcessId", &[]),
    row("QueueUserAPC", &[Routine, Handle, Number]),
    row("WaitForSingleObject", &[Handle, Timeout]),
    row("WaitForSingleObjectEx", &[Handle, Timeout, Number]),
    row(
        "WaitForMultipleObjects",
        &[Given, Handles(0), Number, Timeout],
    ),
    row(
        "WaitForMultipleObjectsEx",
        &[Given, Handles(0), Number, Timeout, Number],
    ),
    row("Sleep", &[Timeout]),
    row("SleepEx", &[Timeout, Number]),
    making("RegisterClassA", &[WindowClass(false)], Makes::Class),
    making("RegisterClassW", &[WindowClass(true)], Makes::Class),
    row("UnregisterClassA", &[Class, Handle]),
    row("UnregisterClassW", &[WideClass, Handle]),
    making(
        "CreateWindowExA",
        &[
            Number, Class, Text, Number, Number, Number, Number, Number, Window, Handle, Handle,
            Number,
        ],
        Makes::Window,
    ),
    making(
        "CreateWindowExW",
        &[
            Number, WideClass, WideText, Number, Number, Number, Number, Number, Window, Handle,
            Handle, Number,
        ],
        Makes::Window,
    ),
    row("DestroyWindow", &[Window]),
    row("IsWindow", &[Window]),
    row("DefWindowProcA", &[Window, Number, Number, Number]),
    row("DefWindowProcW", &[Window, Number, Number, Number]),
];

/// Memory, locks, storage, text and the system. What is a lock's own memory is NULL or made by the call, since a lock of noise is locked by
/// nobody; what would be copied to without a size is NULL.
pub const MEMORY: &[Function] = &[
    row("HeapCreate", &[Number, Number, Number]),
    row("HeapDestroy", &[Handle]),
    row("GetProcessHeap", &[]),
    row("HeapAlloc", &[Handle, Number, Number]),
    row("HeapReAlloc", &[Handle, Number, Number, Number]),
    row("HeapFree", &[Handle, Number, Number]),
    row("HeapSize", &[Handle, Number, Number]),
    row("HeapValidate", &[Handle, Number, Number]),
    row("GlobalAlloc", &[Number, Nothing]),
    row("GlobalFree", &[Number]),
    row("GlobalSize", &[Number]),
    row("GlobalLock", &[Number]),
    row("GlobalUnlock", &[Number]),
    row("LocalAlloc", &[Number, Nothing]),
    row("LocalFree", &[Number]),
    row("LocalSize", &[Number]),
    row("LocalLock", &[Number]),
    row("LocalUnlock", &[Number]),
    row("InitializeCriticalSection", &[Cell(40)]),
    row("InitializeCriticalSectionAndSpinCount", &[Cell(40), Number]),
    row("InitializeCriticalSectionEx", &[Cell(40), Number, Number]),
    row("EnterCriticalSection", &[Nothing]),
    row("TryEnterCriticalSection", &[Cell(40)]),
    row("LeaveCriticalSection", &[Nothing]),
    row("DeleteCriticalSection", &[Cell(40)]),
    row("SetCriticalSectionSpinCount", &[Cell(40), Number]),
    row("InitializeSRWLock", &[Cell(8)]),
    row("AcquireSRWLockExclusive", &[Nothing]),
    row("AcquireSRWLockShared", &[Nothing]),
    row("TryAcquireSRWLockExclusive", &[Nothing]),
    row("TryAcquireSRWLockShared", &[Nothing]),
    row("ReleaseSRWLockExclusive", &[Nothing]),
    row("ReleaseSRWLockShared", &[Nothing]),
    row("InitializeConditionVariable", &[Cell(8)]),
    row("SleepConditionVariableCS", &[Cell(8), Nothing, Timeout]),
    row(
        "SleepConditionVariableSRW",
        &[Cell(8), Nothing, Timeout, Number],
    ),
    row("WakeConditionVariable", &[Number]),
    row("WakeAllConditionVariable", &[Number]),
    row("InitOnceInitialize", &[Cell(8)]),
    row("InitOnceExecuteOnce", &[Nothing, Routine, Number, Cell(8)]),
    row(
        "InitOnceBeginInitialize",
        &[Nothing, Number, Cell(4), Cell(8)],
    ),
    row("InitOnceComplete", &[Cell(8), Number, Number]),
    row("WaitOnAddress", &[Cell(8), Cell(8), Number, Timeout]),
    row("WakeByAddressSingle", &[Number]),
    row("WakeByAddressAll", &[Number]),
    row("TlsAlloc", &[]),
    row("TlsFree", &[Number]),
    row("TlsGetValue", &[Number]),
    row("TlsSetValue", &[Number, Number]),
    row("FlsAlloc", &[Routine]),
    row("FlsFree", &[Number]),
    row("FlsGetValue", &[Number]),
    row("FlsSetValue", &[Number, Number]),
    row(
        "MultiByteToWideChar",
        &[Number, Flags, Bytes(3), Given, Units(5), Given],
    ),
    row(
        "WideCharToMultiByte",
        &[
            Number,
            Flags,
            Units(3),
            Given,
            Bytes(5),
            Given,
            Text,
            Cell(4),
        ],
    ),
    row("GetACP", &[]),
    row("GetOEMCP", &[]),
    row("lstrlenA", &[Text]),
    row("lstrlenW", &[WideText]),
    row("lstrcpyA", &[Nothing, Text]),
    row("lstrcpyW", &[Nothing, WideText]),
    row("lstrcpynA", &[SignedBytes(2), Text, Given]),
    row("lstrcpynW", &[SignedUnits(2), WideText, Given]),
    row("lstrcatA", &[Nothing, Text]),
    row("lstrcatW", &[Nothing, WideText]),
    row("lstrcmpA", &[Text, Text]),
    row("lstrcmpW", &[WideText, WideText]),
    row("lstrcmpiA", &[Text, Text]),
    row("lstrcmpiW", &[WideText, WideText]),
    row("OutputDebugStringA", &[Nothing]),
    row("OutputDebugStringW", &[Nothing]),
    row("IsDebuggerPresent", &[]),
    row("GetSystemInfo", &[Cell(48)]),
    row("GetNativeSystemInfo", &[Cell(48)]),
    row("GetVersionExA", &[Cell(156)]),
    row("GetVersionExW", &[Cell(284)]),
    row("GetSystemDirectoryA", &[Bytes(1), Given]),
    row("GetSystemDirectoryW", &[Units(1), Given]),
    row("GetWindowsDirectoryA", &[Bytes(1), Given]),
    row("GetWindowsDirectoryW", &[Units(1), Given]),
    row("GetTickCount", &[]),
    row("GetTickCount64", &[]),
    row("QueryPerformanceCounter", &[Cell(8)]),
    row("QueryPerformanceFrequency", &[Cell(8)]),
    row("GetSystemTimeAsFileTime", &[Cell(8)]),
    row("UuidCreate", &[Cell(16)]),
    row("UuidToStringA", &[Cell(16), Cell(8)]),
    row("UuidToStringW", &[Cell(16), Cell(8)]),
    row("UuidFromStringA", &[Text, Cell(16)]),
    row("UuidFromStringW", &[WideText, Cell(16)]),
    row("RpcStringFreeA", &[Cell(8)]),
    row("RpcStringFreeW", &[Cell(8)]),
    row("CoCreateGuid", &[Cell(16)]),
    row("StringFromGUID2", &[Cell(16), SignedUnits(2), Given]),
    row("CLSIDFromString", &[WideText, Cell(16)]),
    row("IIDFromString", &[WideText, Cell(16)]),
    row("GetModuleHandleA", &[Path]),
    row("GetModuleHandleW", &[WidePath]),
    row("GetModuleFileNameA", &[Module, Bytes(2), Given]),
    row("GetModuleFileNameW", &[Module, Units(2), Given]),
    row("DisableThreadLibraryCalls", &[Module]),
    making("LoadLibraryExA", &[Path, Number, Number], Makes::Module),
    making("LoadLibraryExW", &[WidePath, Number, Number], Makes::Module),
    making("OpenThread", &[Number, Number, Number], Makes::Handle),
    row("GetThreadId", &[Handle]),
    row("ResumeThread", &[Handle]),
    row("SwitchToThread", &[]),
];

/// All of them.
pub const ALL: [&[Function]; 7] = [
    SOCKETS,
    TRANSFERS,
    PLAIN,
    CONFIGURATION,
    NAMES,
    KERNEL,
    MEMORY,
];

impl Function {
    /// Whether a failure of the function is told by the thread's last error.
    pub fn says_why(&self) -> bool {
        let same = |row: &Function| row.name == self.name;
        SOCKETS.iter().chain(TRANSFERS).any(same)
    }
}

/// The functions whose first argument is a socket.
pub fn of_a_socket() -> impl Iterator<Item = &'static str> {
    let rows = ALL.into_iter().flatten();
    rows.filter(|row| row.arguments.first() == Some(&Socket))
        .map(|row| row.name)
}
