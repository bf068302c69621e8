//! Random fortunes of a connection and of a listener against a model that knows no more than Windows'
//! own rule for each mode.
//!
//! The model is shown everything that happens. The record is shown only what it wants to hear of, as
//! the reactor does, and is told of calls only while it is concerned, as the sockets do: so what it
//! wants is tested too. The seed is printed, and taken from `WS2SPI_SEED` when that is set.

use core::ffi::c_long;
use std::env;
use std::time::SystemTime;

use super::*;

const STEPS: u32 = 200;
const RUNS: u32 = 2_000;
const EVENT: WSAEVENT = 4;

/// xorshift64*: enough to choose fortunes by.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % limit
    }
}

/// What is true of the socket.
#[derive(Clone, Copy, Debug)]
struct Fortune {
    unread: usize,
    urgent: usize,
    queued: usize,
    blocked: bool,
    closed: Option<i32>,
    is_listener: bool,
    connect_news: Option<i32>,
}

impl Fortune {
    fn levels(&self) -> EventMask {
        let mut levels = EventMask::NONE;
        for (holds, event) in [
            (self.unread > 0, EventMask::READ),
            (self.urgent > 0, EventMask::OOB),
            (self.queued > 0, EventMask::ACCEPT),
            (!self.blocked && !self.is_listener, EventMask::WRITE),
            (self.closed.is_some(), EventMask::CLOSE),
        ] {
            if holds {
                levels = levels | event;
            }
        }
        levels
    }

    /// What a look sees; that the connection was made is seen once.
    fn look(&mut self, arrived: bool) -> Conditions {
        Conditions {
            unread: Some(Unread {
                amount: self.unread,
                urgent: self.urgent,
                arrived: false,
            }),
            connection: self.queued > 0,
            connection_arrived: arrived && self.queued > 0,
            room: !self.blocked && !self.is_listener,
            named: true,
            connected: self.connect_news.take(),
            closed: self.closed,
        }
    }
}

/// What Windows would tell.
#[derive(Debug)]
struct Model {
    mode: Mode,
    mask: EventMask,
    /// Event mode: happened and not fetched.
    active: EventMask,
    /// Message mode: posted and not re-enabled.
    told: EventMask,
    rung: bool,
    posted: Vec<EventMask>,
}

impl Model {
    fn happens(&mut self, events: EventMask) {
        if self.mode == Mode::Event {
            self.active = self.active | events;
            self.rung |= !events.and(self.mask).is_empty();
        }
    }

    /// Message mode: whatever is true and enabled is posted.
    fn post(&mut self, levels: EventMask) {
        if self.mode != Mode::Message {
            return;
        }
        for event in EventMask::IN_ORDER {
            if levels.and(self.mask).has(event) && !self.told.has(event) {
                self.told = self.told | event;
                self.posted.push(event);
            }
        }
    }

    fn re_enable(&mut self, events: EventMask, levels: EventMask) {
        self.active = self.active.without(events);
        self.told = self.told.without(events);
        self.happens(levels.and(events));
        self.post(levels);
    }

    fn select(&mut self, mode: Mode, mask: EventMask, levels: EventMask) {
        self.mask = mask;
        if mask.is_empty() {
            return;
        }
        if mode == Mode::Message || self.mode == Mode::Message {
            self.active = levels;
            self.told = EventMask::NONE;
        }
        self.mode = mode;
        match mode {
            Mode::Event => self.rung |= !self.active.and(mask).is_empty(),
            Mode::Message => self.post(levels),
        }
    }

    fn fetch(&mut self) -> EventMask {
        let fetched = match self.mode {
            Mode::Event => self.active.and(self.mask),
            Mode::Message => EventMask::NONE,
        };
        self.active = self.active.without(fetched);
        fetched
    }
}

/// One socket, its record and the model of it.
struct Pair {
    fortune: Fortune,
    record: Record,
    model: Model,
}

impl Pair {
    fn new(is_listener: bool) -> Self {
        let fortune = Fortune {
            unread: 0,
            urgent: 0,
            queued: 0,
            blocked: false,
            closed: None,
            is_listener,
            connect_news: (!is_listener).then_some(0),
        };
        let active = if is_listener {
            EventMask::NONE
        } else {
            EventMask::CONNECT | EventMask::WRITE
        };
        Self {
            fortune,
            record: Record::new(),
            model: Model {
                mode: Mode::Event,
                mask: EventMask::NONE,
                active,
                told: EventMask::NONE,
                rung: false,
                posted: Vec::new(),
            },
        }
    }

    /// The reactor looks at the socket if the record wants it to.
    fn observe(&mut self, is_wanted: impl Fn(Wants) -> bool) {
        if is_wanted(self.record.wants(true, !self.fortune.is_listener)) {
            let now = self.fortune.look(true);
            self.record.look(now);
        }
    }

    fn step(&mut self, dice: &mut Dice) -> &'static str {
        let levels = |fortune: &Fortune| fortune.levels();
        match dice.below(12) {
            0 | 1 if !self.fortune.is_listener && self.fortune.closed.is_none() => {
                self.fortune.unread += 1 + dice.below(4) as usize;
                self.model.happens(EventMask::READ);
                self.model.post(levels(&self.fortune));
                self.observe(|wants| wants.arrivals);
                "data arrive"
            }
            0 | 1 if self.fortune.is_listener => {
                self.fortune.queued += 1;
                self.model.happens(EventMask::ACCEPT);
                self.model.post(levels(&self.fortune));
                self.observe(|wants| wants.arrivals);
                "a connection arrives"
            }
            2 if !self.fortune.is_listener && self.fortune.closed.is_none() => {
                self.fortune.urgent += 1;
                self.model.happens(EventMask::OOB);
                self.model.post(levels(&self.fortune));
                self.observe(|wants| wants.urgent);
                "an urgent byte arrives"
            }
            3 if !self.fortune.is_listener && self.fortune.closed.is_none() => {
                self.fortune.closed = Some([0, 10053][dice.below(2) as usize]);
                self.model.happens(EventMask::CLOSE);
                self.model.post(levels(&self.fortune));
                self.observe(|wants| wants.end);
                "the connection ends"
            }
            4 | 5 if !self.fortune.is_listener => {
                let taken = 1 + dice.below(4) as usize;
                if dice.below(3) == 0 {
                    self.fortune.urgent = self.fortune.urgent.saturating_sub(1);
                } else {
                    self.fortune.unread = self.fortune.unread.saturating_sub(taken);
                }
                let events = EventMask::READ | EventMask::OOB;
                self.model.re_enable(events, levels(&self.fortune));
                if self.record.is_concerned() {
                    let now = self.fortune.look(false);
                    self.record.received(Reached::Network, now);
                }
                "a receive"
            }
            4 | 5 => {
                self.fortune.queued = self.fortune.queued.saturating_sub(1);
                self.model
                    .re_enable(EventMask::ACCEPT, levels(&self.fortune));
                if self.record.is_concerned() {
                    let now = self.fortune.look(false);
                    self.record.accepted(Reached::Network, now);
                }
                "an accept"
            }
            6 if !self.fortune.is_listener => {
                self.fortune.blocked = true;
                self.model
                    .re_enable(EventMask::WRITE, levels(&self.fortune));
                let now = self.fortune.look(false);
                self.record.send_blocked(now);
                "a send that would block"
            }
            7 if self.fortune.blocked => {
                self.fortune.blocked = false;
                self.model.happens(EventMask::WRITE);
                self.model.post(levels(&self.fortune));
                self.observe(|wants| wants.room);
                "room again"
            }
            8 | 9 => self.select(dice),
            _ => {
                let expected = self.model.fetch();
                let fetched = self.record.fetch();
                let found = fetched
                    .iter()
                    .fold(EventMask::NONE, |all, (event, _)| all | *event);
                assert_eq!(found, expected, "fetched");
                for (event, error) in fetched {
                    let ended = self.fortune.closed.unwrap_or(0);
                    assert_eq!(error, if event == EventMask::CLOSE { ended } else { 0 });
                }
                "a fetch"
            }
        }
    }

    fn select(&mut self, dice: &mut Dice) -> &'static str {
        let mask = match dice.below(4) {
            0 => EventMask::NONE,
            _ => mask_of(dice.below(0x40)),
        };
        let mode = [Mode::Event, Mode::Event, Mode::Message][dice.below(3) as usize];
        let listener = match mode {
            Mode::Event => Listener::Event(EVENT),
            Mode::Message => Listener::Window {
                window: 8,
                message: 0x400,
                socket: 12,
            },
        };
        self.model.select(mode, mask, self.fortune.levels());
        let now = if mask.is_empty() {
            Conditions::default()
        } else {
            self.fortune.look(false)
        };
        self.record.select(listener, mask, now);
        match mode {
            Mode::Event => "an event is selected",
            Mode::Message => "messages are selected",
        }
    }

    /// What was told is the same.
    fn compare(&mut self) {
        let (mut rung, mut posted) = (false, Vec::new());
        while let Some(delivery) = self.record.next_delivery() {
            self.record.delivered();
            match delivery {
                Delivery::Set(event) => {
                    assert_eq!(event, EVENT);
                    rung = true;
                }
                Delivery::Post { socket, lparam, .. } => {
                    assert_eq!(socket, 12);
                    let event = mask_of((lparam & 0xffff) as u64);
                    let ended = self.fortune.closed.unwrap_or(0);
                    let error = if event == EventMask::CLOSE { ended } else { 0 };
                    assert_eq!(lparam >> 16, error as isize);
                    posted.push(event);
                }
            }
        }
        assert_eq!(rung, std::mem::take(&mut self.model.rung), "the event");
        assert_eq!(posted, std::mem::take(&mut self.model.posted), "messages");
    }
}

#[test]
fn random_fortunes_are_told_as_the_model_tells_them() {
    // base-provider.md 3.2, 3.4: P243, P246, P248, P253-P261, P264, P265, P269, P271, P275, P276
    let seed = env::var("WS2SPI_SEED").map_or_else(
        |_| {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            now.map_or(1, |time| time.as_nanos() as u64)
        },
        |seed| seed.parse().expect("WS2SPI_SEED is a number"),
    );
    println!("WS2SPI_SEED={seed}");
    let mut dice = Dice(seed | 1);
    for _ in 0..RUNS {
        let mut pair = Pair::new(dice.below(3) == 0);
        println!("a new one, a listener: {}", pair.fortune.is_listener);
        for _ in 0..STEPS {
            let what = pair.step(&mut dice);
            println!("{what}: {:?}", pair.record);
            pair.compare();
        }
    }
}

fn mask_of(bits: u64) -> EventMask {
    EventMask::given(bits as c_long).expect("the bits of known events")
}
