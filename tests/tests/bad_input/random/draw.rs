//! Drawing the arguments of a call.
//!
//! Each pointer is NULL now and then. A length that goes with a pointer says what there is or less, 0, or something negative where it is
//! signed; with NULL it says anything.

use super::argument::Argument::{self, *};
use super::functions::Function;
use super::memory::Memory;
use super::values;
use super::world::World;
use ws2spi_abi::*;
use ws2spi_tests::seed::Random;

/// Draws the arguments of one call after the other.
pub struct Draw<'a> {
    pub random: &'a mut Random,
    pub memory: &'a mut Memory,
    pub world: &'a World,
    /// The block of the call's OVERLAPPED says that it is pending.
    is_pending: bool,
    /// The call's notification handle is one.
    is_notice: bool,
}

/// What waits is not asked to wait for ever.
const WAITING: [&str; 2] = ["WSAGetOverlappedResult", "GetOverlappedResult"];

impl<'a> Draw<'a> {
    /// The arguments of a call, as words.
    pub fn call(
        function: &Function,
        random: &'a mut Random,
        memory: &'a mut Memory,
        world: &'a World,
    ) -> Vec<usize> {
        // Now and then nothing is aligned, as in packed structures: at odd addresses, or at those of smaller things.
        let skew = match random.below(4) {
            0 => random.below(16) as usize,
            _ => 0,
        };
        memory.clear(skew);
        let mut draw = Draw {
            random,
            memory,
            world,
            is_pending: false,
            is_notice: false,
        };
        let mut words = vec![0; function.arguments.len()];
        for (index, argument) in function.arguments.iter().enumerate() {
            draw.argument(*argument, index, &mut words);
        }
        if draw.is_pending && WAITING.contains(&function.name) {
            words[3] = 0;
        }
        if draw.is_notice && words[1] == 0 {
            words[1] = draw.overlapped();
        }
        words
    }

    fn argument(&mut self, argument: Argument, index: usize, words: &mut [usize]) {
        words[index] = match argument {
            Given => return,
            Nothing => 0,
            Socket | Handle | Window | Module | Process => self.handle(argument),
            Number | Flags | Timeout | Family | Type | Protocol | Code => self.number(argument),
            Bytes(at) | SignedBytes(at) => {
                self.room(matches!(argument, SignedBytes(_)), 1, &mut words[at])
            }
            Units(at) | SignedUnits(at) => {
                self.room(matches!(argument, SignedUnits(_)), 2, &mut words[at])
            }
            SignedBytesAt(at) => self.room_at(true, 1, 4, &mut words[at]),
            BytesAt(at) => self.room_at(false, 1, 4, &mut words[at]),
            SignedUnitsAt(at) => self.room_at(true, 2, 4, &mut words[at]),
            UnitsAt(at) => self.room_at(false, 2, 4, &mut words[at]),
            BytesAtWord(at) => self.room_at(false, 1, 8, &mut words[at]),
            Option => {
                let (level, name) = values::option(self.random);
                words[index + 1] = name;
                level
            }
            Name(at) => self.content(values::name, &mut words[at]),
            Host(at) => self.content(values::known_host, &mut words[at]),
            HostBytes(at) => self.content(values::known_host_bytes, &mut words[at]),
            Cell(_) if self.is_null() => 0,
            Cell(size) => self.memory.noise(size, self.random),
            HandleCell if self.is_null() => 0,
            HandleCell => self.handle_cell(),
            Text | Node | Path => self.text(argument),
            WideText | WideNode | WidePath => self.wide_text(argument),
            Class | WideClass => self.class(argument),
            Buffers(at) => self.buffers(&mut words[at]),
            Buffer => self.buffers(&mut 0),
            Message => self.message(),
            Set => self.set(),
            Polled(at) => self.polled(&mut words[at]),
            Time => self.time(),
            Handles(at) => self.handles(&mut words[at]),
            Overlapped if self.random.below(3) == 0 => self.overlapped(),
            Overlapped => 0,
            Routine if self.is_null() => 0,
            Routine => nothing as *const () as usize,
            Guid if self.is_null() => 0,
            Guid => self.memory.region(&values::guid(self.random)),
            InfoA | InfoW if self.random.below(2) == 0 => 0,
            InfoA => self.memory.region(&values::info(self.random)[..372]),
            InfoW => self.memory.region(&values::info(self.random)),
            Infos(at) => self.infos(&mut words[at]),
            Ids(at) => self.ids(&mut words[at]),
            Protocols if self.is_null() => 0,
            Protocols => self.memory.region(&values::protocols(self.random)),
            Hints => self.hints(),
            List => values::list(self.random),
            WideList => values::wide_list(self.random),
            Addresses if self.is_null() => 0,
            Addresses => self.addresses(),
            Entries(at) => self.entries(&mut words[at]),
            WindowClass(is_wide) => self.window_class(is_wide),
            WindowMessage => self.window_message(),
        };
    }

    fn is_null(&mut self) -> bool {
        self.random.below(8) == 0
    }

    fn number(&mut self, argument: Argument) -> usize {
        match argument {
            Flags if self.random.below(4) != 0 => 0,
            Timeout => usize::from(self.random.below(20_000) == 0),
            Family => values::mostly(self.random, &[0, 1, 2, 2, 2, 23, 23, usize::MAX]),
            Type => values::mostly(self.random, &[0, 1, 1, 2, 2, 3, 4, 5, usize::MAX]),
            Protocol => values::mostly(self.random, &[0, 0, 6, 17, 58, 255, usize::MAX]),
            Code => values::code(self.random),
            _ => values::number(self.random),
        }
    }

    fn handle(&mut self, argument: Argument) -> usize {
        let world = self.world;
        let wanted: &[usize] = match argument {
            Socket => &world.sockets,
            Window => &world.windows,
            Module => &world.modules,
            Process => &[usize::MAX],
            _ if self.random.below(2) == 0 => &world.objects,
            _ => &world.sockets,
        };
        let other: &[usize] = match self.random.below(40) {
            0 => &world.stale,
            1 => &world.objects,
            2 => &world.windows,
            3 => &world.notices,
            4 => &world.modules,
            5 => &world.sockets,
            6 => return values::number(self.random),
            7 => return values::process_or_thread(self.random),
            8 => return values::near(self.random, &world.sockets),
            _ => wanted,
        };
        match other {
            [] => values::number(self.random),
            some => *self.random.pick(some),
        }
    }

    /// The handle to look at; a notification handle is never waited for synchronously.
    fn handle_cell(&mut self) -> usize {
        let handle = match self.random.below(64) {
            0 => self.world.notices.first().copied().unwrap_or_default(),
            1..32 => 0,
            _ => self.handle(Handle),
        };
        self.is_notice = handle != 0;
        self.memory.region(&handle.to_ne_bytes())
    }

    /// Memory of `unit`-sized elements, and how many of them the call may have.
    fn room(&mut self, signed: bool, unit: usize, said: &mut usize) -> usize {
        let len = values::length(self.random);
        if self.is_null() {
            *said = values::said_of_nothing(self.random, len);
            return 0;
        }
        *said = match self.random.below(8) {
            0 if signed => values::negative(self.random),
            1 => 0,
            2 => self.random.below(len as u64 + 1) as usize,
            _ => len,
        };
        self.memory.noise(len * unit, self.random)
    }

    /// The same with the number in memory, at most of `size` bytes, which may be missing as well.
    fn room_at(&mut self, signed: bool, unit: usize, size: usize, said: &mut usize) -> usize {
        let mut count = 0;
        let place = self.room(signed, unit, &mut count);
        *said = if self.is_null() {
            0
        } else {
            self.memory.region(&count.to_ne_bytes()[..size])
        };
        place
    }

    /// Memory with this content, all of it or less.
    fn content(&mut self, content: fn(&mut Random) -> Vec<u8>, said: &mut usize) -> usize {
        let content = content(self.random);
        if self.is_null() {
            *said = values::said_of_nothing(self.random, content.len());
            return 0;
        }
        *said = match self.random.below(8) {
            0 => values::negative(self.random),
            1 => self.random.below(content.len() as u64 + 1) as usize,
            _ => content.len(),
        };
        self.memory.region(&content)
    }

    fn text(&mut self, argument: Argument) -> usize {
        if self.is_null() {
            return 0;
        }
        let mut text = values::text(self.random, argument).into_bytes();
        if argument == Text && self.random.below(8) == 0 {
            // No UTF-8.
            text.push(0xff);
        }
        text.push(0);
        self.memory.region(&text)
    }

    fn wide_text(&mut self, argument: Argument) -> usize {
        if self.is_null() {
            return 0;
        }
        let text = values::text(self.random, argument);
        let mut units: Vec<u16> = text.encode_utf16().collect();
        if argument == WideText && self.random.below(8) == 0 {
            // Half a character.
            units.push(0xd800);
        }
        units.push(0);
        let bytes: Vec<u8> = units.into_iter().flat_map(u16::to_ne_bytes).collect();
        self.memory.region(&bytes)
    }

    fn class(&mut self, argument: Argument) -> usize {
        match (self.random.below(4), argument) {
            (0, _) => self.random.below(0x1_0000) as usize,
            (_, Class) => self.text(Text),
            _ => self.wide_text(WideText),
        }
    }

    /// An array of `WSABUF`.
    fn buffers(&mut self, said: &mut usize) -> usize {
        let count = self.random.below(4) as usize;
        if self.is_null() {
            *said = values::said_of_nothing(self.random, count);
            return 0;
        }
        let mut array = Vec::new();
        for _ in 0..count {
            let mut len = 0;
            let place = self.room(true, 1, &mut len);
            array.extend((len as u64 & 0xffff_ffff).to_ne_bytes());
            array.extend(place.to_ne_bytes());
        }
        *said = count;
        // `Buffer` is one even when it is said to be none.
        array.resize(array.len().max(16), 0);
        self.memory.region(&array)
    }

    fn message(&mut self) -> usize {
        if self.is_null() {
            return 0;
        }
        let (mut name_len, mut count, mut control_len) = (0, 0, 0);
        let name = self.content(values::name, &mut name_len);
        let buffers = self.buffers(&mut count);
        let control = self.room(true, 1, &mut control_len);
        let mut flags = [0; 1];
        flags[0] = self.number(Flags);
        let words = [
            name,
            name_len,
            buffers,
            count,
            control_len,
            control,
            flags[0],
        ];
        // Halves of a word are the 32-bit fields, with padding behind.
        let bytes: Vec<u8> = words
            .iter()
            .enumerate()
            .flat_map(|(index, word)| {
                match index {
                    1 | 3 | 4 | 6 => word & 0xffff_ffff,
                    _ => *word,
                }
                .to_ne_bytes()
            })
            .collect();
        self.memory.region(&bytes)
    }

    fn set(&mut self) -> usize {
        if self.random.below(3) == 0 {
            return 0;
        }
        let count = self.random.below(6) as usize;
        let mut words = vec![count];
        words.extend((0..64).map(|_| 0));
        for word in words.iter_mut().skip(1).take(count) {
            *word = self.handle(Socket);
        }
        let bytes: Vec<u8> = words.into_iter().flat_map(usize::to_ne_bytes).collect();
        self.memory.region(&bytes)
    }

    fn polled(&mut self, said: &mut usize) -> usize {
        let count = self.random.below(5) as usize;
        if self.is_null() {
            *said = values::said_of_nothing(self.random, count);
            return 0;
        }
        *said = count;
        let mut array = Vec::new();
        for _ in 0..count {
            array.extend(self.handle(Socket).to_ne_bytes());
            let events = values::mostly(self.random, &[0, 0x100, 0x200, 0x10, 0x300, 0x310]);
            array.extend((events as u64 & 0xffff_ffff).to_ne_bytes());
        }
        self.memory.region(&array)
    }

    /// Never NULL, which is a wait without end.
    fn time(&mut self) -> usize {
        let times: [(i32, i32); 8] = [
            (0, 0),
            (0, 0),
            (0, 0),
            (0, 1),
            (-1, 0),
            (0, -1),
            (0, 1_000_000),
            (i32::MIN, i32::MAX),
        ];
        let (seconds, microseconds) = *self.random.pick(&times);
        let bytes = [seconds.to_ne_bytes(), microseconds.to_ne_bytes()].concat();
        self.memory.region(&bytes)
    }

    fn handles(&mut self, said: &mut usize) -> usize {
        let count = self.random.below(70) as usize;
        if self.is_null() {
            *said = values::said_of_nothing(self.random, count);
            return 0;
        }
        *said = count;
        let handles: Vec<usize> = (0..count).map(|_| self.handle(Handle)).collect();
        let bytes: Vec<u8> = handles.into_iter().flat_map(usize::to_ne_bytes).collect();
        self.memory.region(&bytes)
    }

    fn overlapped(&mut self) -> usize {
        let statuses = [
            0,
            0,
            0x103,
            0xc000_0120,
            0xc000_0005,
            0x8000_0005,
            usize::MAX,
        ];
        let status = *self.random.pick(&statuses);
        self.is_pending |= status == 0x103;
        let event = match self.random.below(4) {
            0 => self.handle(Handle),
            1 => self.world.objects.first().map_or(0, |event| event | 1),
            _ => 0,
        };
        let words = [status, 0, values::number(self.random), event];
        let bytes: Vec<u8> = words.into_iter().flat_map(usize::to_ne_bytes).collect();
        self.memory.region(&bytes)
    }

    fn infos(&mut self, said: &mut usize) -> usize {
        let count = self.random.below(4) as usize;
        if self.is_null() {
            *said = values::said_of_nothing(self.random, count);
            return 0;
        }
        *said = count;
        let mut array = Vec::new();
        for _ in 0..count {
            array.extend(values::info(self.random));
        }
        self.memory.region(&array)
    }

    fn ids(&mut self, said: &mut usize) -> usize {
        let count = self.random.below(12) as usize;
        if self.is_null() {
            *said = values::said_of_nothing(self.random, count);
            return 0;
        }
        *said = count;
        let mut array = Vec::new();
        for _ in 0..count {
            let id = 1000 + self.random.below(12) as u32;
            array.extend(id.to_ne_bytes());
        }
        self.memory.region(&array)
    }

    fn hints(&mut self) -> usize {
        if self.random.below(3) == 0 {
            return 0;
        }
        let flags = [
            AI_NUMERICHOST,
            AI_PASSIVE,
            AI_CANONNAME,
            AI_NUMERICHOST | AI_NUMERICSERV,
            AI_V4MAPPED,
            0,
            -1,
        ];
        let flags = *self.random.pick(&flags);
        let (family, kind) = (self.number(Family), self.number(Type));
        let protocol = self.number(Protocol);
        let mut bytes = Vec::new();
        bytes.extend(flags.to_ne_bytes());
        for number in [family, kind, protocol] {
            bytes.extend((number as u32).to_ne_bytes());
        }
        // Length, canonical name, address, next: nothing, or what must not be there.
        for _ in 0..4 {
            let word = match self.random.below(8) {
                0 => self.memory.noise(32, self.random),
                _ => 0,
            };
            bytes.extend(word.to_ne_bytes());
        }
        self.memory.region(&bytes)
    }

    fn addresses(&mut self) -> usize {
        let count = self.random.below(4) as usize;
        let said = match self.random.below(8) {
            0 => values::negative(self.random),
            _ => count,
        };
        let mut bytes = Vec::new();
        bytes.extend((said as u64 & 0xffff_ffff).to_ne_bytes());
        for _ in 0..count {
            let mut len = 0;
            let place = self.content(values::host, &mut len);
            bytes.extend(place.to_ne_bytes());
            bytes.extend((len as u64 & 0xffff_ffff).to_ne_bytes());
        }
        self.memory.region(&bytes)
    }

    fn entries(&mut self, said: &mut usize) -> usize {
        let count = self.random.below(5) as usize;
        if self.is_null() {
            *said = values::said_of_nothing(self.random, count);
            return 0;
        }
        *said = count;
        self.memory.noise(count * 32, self.random)
    }

    fn window_class(&mut self, is_wide: bool) -> usize {
        if self.is_null() {
            return 0;
        }
        let name = self.class(if is_wide { WideClass } else { Class });
        let procedure = match self.random.below(4) {
            0 => 0,
            _ => super::world::procedure as *const () as usize,
        };
        let words = [0, procedure, 0, 0, 0, 0, 0, 0, name];
        let bytes: Vec<u8> = words.into_iter().flat_map(usize::to_ne_bytes).collect();
        self.memory.region(&bytes)
    }

    fn window_message(&mut self) -> usize {
        if self.is_null() {
            return 0;
        }
        let window = self.handle(Window);
        let message = values::number(self.random) as u32 as usize;
        let (wparam, lparam) = (values::number(self.random), values::number(self.random));
        let words = [window, message, wparam, lparam, 0, 0];
        let bytes: Vec<u8> = words.into_iter().flat_map(usize::to_ne_bytes).collect();
        self.memory.region(&bytes)
    }
}

/// A routine of any kind. It returns 0: `CF_ACCEPT`, `FALSE`.
extern "system" fn nothing() -> usize {
    0
}
