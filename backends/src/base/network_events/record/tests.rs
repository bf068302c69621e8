//! The transitions of section 3.2, one by one.

use super::*;

const EVENT: Listener = Listener::Event(4);
const WINDOW: Listener = Listener::Window {
    window: 8,
    message: 0x400,
    socket: 12,
};

/// What a connection with room shows.
const CONNECTION: Conditions = Conditions {
    unread: Some(Unread {
        amount: 0,
        urgent: 0,
        arrived: false,
    }),
    connection: false,
    connection_arrived: false,
    room: true,
    named: true,
    connected: None,
    closed: None,
};

fn unread(amount: usize) -> Conditions {
    Conditions {
        unread: Some(Unread {
            amount,
            ..Unread::default()
        }),
        ..CONNECTION
    }
}

fn listening(connection: bool, connection_arrived: bool) -> Conditions {
    Conditions {
        connection,
        connection_arrived,
        room: false,
        ..CONNECTION
    }
}

fn selected(listener: Listener, mask: EventMask, now: Conditions) -> Record {
    let mut record = Record::new();
    record.select(listener, mask, now);
    record
}

/// Fetched events, as bits.
fn fetched(record: &mut Record) -> i32 {
    record
        .fetch()
        .iter()
        .fold(0, |bits, (event, _)| bits | event.bits())
}

/// What is handed over: 0 for setting the event, otherwise a message's lparam.
fn handed_over(record: &mut Record) -> Vec<isize> {
    let mut all = Vec::new();
    while let Some(delivery) = record.next_delivery() {
        record.delivered();
        all.push(match delivery {
            Delivery::Set(_) => 0,
            Delivery::Post { lparam, .. } => lparam,
        });
    }
    all
}

const READ: i32 = EventMask::READ.bits();
const WRITE: i32 = EventMask::WRITE.bits();
const CONNECT: i32 = EventMask::CONNECT.bits();
const ACCEPT: i32 = EventMask::ACCEPT.bits();
const CLOSE: i32 = EventMask::CLOSE.bits();

#[test]
fn a_connection_that_was_made_is_two_events_in_event_mode() {
    // P244, P259
    let mask = EventMask::CONNECT | EventMask::WRITE;
    let mut record = selected(EVENT, mask, Conditions::default());
    assert_eq!(handed_over(&mut record), []);
    record.look(Conditions {
        connected: Some(0),
        ..CONNECTION
    });
    assert_eq!(handed_over(&mut record), [0]);
    assert_eq!(fetched(&mut record), CONNECT | WRITE);
    record.select(EVENT, mask, CONNECTION);
    assert_eq!(handed_over(&mut record), []);
    assert_eq!(fetched(&mut record), 0);
}

#[test]
fn a_window_hears_of_the_connection_before_its_room() {
    // P245
    let mask = EventMask::CONNECT | EventMask::WRITE;
    let mut record = selected(WINDOW, mask, Conditions::default());
    record.look(Conditions {
        connected: Some(0),
        ..CONNECTION
    });
    assert_eq!(handed_over(&mut record), [CONNECT as isize, WRITE as isize]);
}

#[test]
fn a_failed_attempt_is_one_event_with_its_error() {
    // P249
    let mask = EventMask::CONNECT | EventMask::WRITE | EventMask::CLOSE;
    let failed = Conditions {
        connected: Some(10061),
        ..Conditions::default()
    };
    let mut record = selected(EVENT, mask, Conditions::default());
    record.look(failed);
    assert_eq!(record.fetch(), [(EventMask::CONNECT, 10061)]);
    let mut record = selected(WINDOW, mask, Conditions::default());
    record.look(failed);
    assert_eq!(handed_over(&mut record), [10061 << 16 | CONNECT as isize]);
}

#[test]
fn a_datagram_socket_without_a_name_is_writable_for_windows_only() {
    // P251
    let unnamed = Conditions {
        named: false,
        ..CONNECTION
    };
    let mut record = selected(EVENT, EventMask::WRITE, unnamed);
    assert_eq!(handed_over(&mut record), []);
    record.look(CONNECTION);
    assert_eq!(fetched(&mut record), WRITE);
    let mut record = selected(WINDOW, EventMask::WRITE, unnamed);
    assert_eq!(handed_over(&mut record), [WRITE as isize]);
}

#[test]
fn a_datagram_socket_that_gets_a_peer_is_writable_again() {
    // P252
    let mask = EventMask::CONNECT | EventMask::WRITE;
    let mut record = selected(EVENT, mask, CONNECTION);
    assert_eq!(fetched(&mut record), WRITE);
    record.peer_chosen(CONNECTION);
    assert_eq!(fetched(&mut record), CONNECT | WRITE);
    let mut record = selected(WINDOW, mask, CONNECTION);
    handed_over(&mut record);
    record.peer_chosen(CONNECTION);
    assert_eq!(handed_over(&mut record), [WRITE as isize]);
}

#[test]
fn a_second_arrival_is_told_to_events_and_not_to_windows() {
    // P253, P254, P256, P257
    for (mask, first, second) in [
        (EventMask::READ, unread(5), unread(10)),
        (
            EventMask::ACCEPT,
            listening(true, true),
            listening(true, true),
        ),
    ] {
        let mut record = selected(EVENT, mask, Conditions::default());
        record.look(first);
        assert_eq!(fetched(&mut record), mask.bits());
        handed_over(&mut record);
        record.look(second);
        assert_eq!(handed_over(&mut record), [0]);
        assert_eq!(fetched(&mut record), mask.bits());
        let mut record = selected(WINDOW, mask, Conditions::default());
        record.look(first);
        assert_eq!(handed_over(&mut record).len(), 1);
        record.look(second);
        assert_eq!(handed_over(&mut record), []);
    }
}

#[test]
fn the_same_data_seen_again_are_no_arrival() {
    // P259: a network tells a condition together with others.
    let mut record = selected(EVENT, EventMask::READ, Conditions::default());
    record.look(unread(5));
    fetched(&mut record);
    record.look(unread(5));
    assert_eq!(fetched(&mut record), 0);
}

#[test]
fn a_call_that_leaves_something_tells_of_it_again() {
    // P255, P258
    for (listener, told) in [(EVENT, 0), (WINDOW, READ as isize)] {
        let mut record = selected(listener, EventMask::READ, unread(5));
        record.fetch();
        handed_over(&mut record);
        record.received(Reached::Network, unread(3));
        assert_eq!(handed_over(&mut record), [told]);
        record.received(Reached::Network, unread(0));
        assert_eq!(handed_over(&mut record), []);
        assert_eq!(fetched(&mut record), 0);
    }
    for (listener, told) in [(EVENT, 0), (WINDOW, ACCEPT as isize)] {
        let mut record = selected(listener, EventMask::ACCEPT, listening(true, false));
        record.fetch();
        handed_over(&mut record);
        record.accepted(Reached::Network, listening(true, false));
        assert_eq!(handed_over(&mut record), [told]);
        record.accepted(Reached::Network, listening(false, false));
        assert_eq!(handed_over(&mut record), []);
    }
}

#[test]
fn a_receive_with_bad_parameters_re_enables_messages_only() {
    // base-provider.md 3.2, test_read_events
    let mut record = selected(EVENT, EventMask::READ, unread(5));
    record.fetch();
    handed_over(&mut record);
    record.received(Reached::Nothing, unread(5));
    assert_eq!(handed_over(&mut record), []);
    let mut record = selected(WINDOW, EventMask::READ, unread(5));
    handed_over(&mut record);
    record.received(Reached::Nothing, unread(5));
    assert_eq!(handed_over(&mut record), [READ as isize]);
}

#[test]
fn data_that_were_received_before_the_fetch_are_not_fetched() {
    // P261: the event stays set, and there is nothing to it.
    let mut record = selected(EVENT, EventMask::READ, unread(5));
    record.received(Reached::Network, unread(0));
    assert_eq!(handed_over(&mut record), [0]);
    assert_eq!(fetched(&mut record), 0);
}

#[test]
fn a_window_that_selects_again_hears_everything_again() {
    // P246, P260
    let mask =
        EventMask::CONNECT | EventMask::READ | EventMask::WRITE | EventMask::OOB | EventMask::CLOSE;
    let now = Conditions {
        unread: Some(Unread {
            amount: 5,
            urgent: 1,
            arrived: false,
        }),
        connected: Some(0),
        closed: Some(10053),
        ..CONNECTION
    };
    let mut record = selected(WINDOW, mask, now);
    let all = [
        4,
        READ as isize,
        WRITE as isize,
        10053 << 16 | CLOSE as isize,
    ];
    assert_eq!(handed_over(&mut record), all);
    record.select(WINDOW, mask, now);
    assert_eq!(handed_over(&mut record), all);
}

#[test]
fn room_is_told_once_and_again_after_a_send_that_would_block() {
    // P264, P265
    for listener in [EVENT, WINDOW] {
        let mut record = selected(listener, EventMask::WRITE, CONNECTION);
        assert_eq!(handed_over(&mut record).len(), 1);
        record.fetch();
        assert!(!record.wants(true, true).room);
        let full = Conditions {
            room: false,
            ..CONNECTION
        };
        record.send_blocked(full);
        assert!(record.wants(true, true).room);
        assert_eq!(handed_over(&mut record), []);
        record.look(CONNECTION);
        assert_eq!(handed_over(&mut record).len(), 1);
        record.look(CONNECTION);
        assert_eq!(handed_over(&mut record), []);
    }
}

#[test]
fn the_end_is_told_once() {
    // P270, P271
    let end = Conditions {
        closed: Some(10053),
        ..CONNECTION
    };
    let mut record = selected(EVENT, EventMask::CLOSE, CONNECTION);
    assert!(record.wants(true, true).end);
    record.look(end);
    assert_eq!(record.fetch(), [(EventMask::CLOSE, 10053)]);
    record.look(end);
    assert_eq!(fetched(&mut record), 0);
    assert!(!record.wants(true, true).end);
}

#[test]
fn what_was_not_fetched_survives_a_narrower_mask() {
    // P243, P275
    let wide = EventMask::READ | EventMask::CLOSE;
    let mut record = selected(EVENT, wide, unread(5));
    record.select(EVENT, EventMask::CLOSE, unread(5));
    assert_eq!(handed_over(&mut record), []);
    assert_eq!(fetched(&mut record), 0);
    record.select(EVENT, wide, unread(5));
    assert_eq!(handed_over(&mut record), [0]);
    assert_eq!(fetched(&mut record), READ);
}

#[test]
fn one_kind_of_registration_replaces_the_other() {
    // P276: what was not handed over yet is dropped with the window.
    let mut record = selected(WINDOW, EventMask::READ, unread(5));
    record.select(EVENT, EventMask::READ, unread(5));
    assert_eq!(handed_over(&mut record), [0]);
    assert_eq!(fetched(&mut record), READ);
    record.select(WINDOW, EventMask::READ, unread(5));
    assert_eq!(handed_over(&mut record), [READ as isize]);
    assert_eq!(fetched(&mut record), 0);
    record.select(EVENT, EventMask::NONE, Conditions::default());
    assert!(!record.is_registered());
}

#[test]
fn an_accepted_socket_begins_with_nothing_told() {
    // P101, P247
    let mask = EventMask::ACCEPT | EventMask::WRITE;
    let listener = selected(WINDOW, mask, listening(true, false));
    let mut child = listener.inherited(16).expect("the listener is registered");
    child.look(CONNECTION);
    let expected = Delivery::Post {
        window: 8,
        message: 0x400,
        socket: 16,
        lparam: WRITE as isize,
    };
    assert_eq!(child.next_delivery(), Some(expected));
    assert!(Record::new().inherited(16).is_none());
}

#[test]
fn a_change_is_told_to_those_who_asked_once() {
    // P279
    let change = EventMask::ADDRESS_CHANGE;
    let mut record = selected(EVENT, change, Conditions::default());
    record.changed(change);
    assert_eq!(fetched(&mut record), 0);
    record.arm(change);
    record.changed(EventMask::ROUTING_CHANGE);
    assert_eq!(fetched(&mut record), 0);
    record.changed(change);
    record.changed(change);
    assert_eq!(fetched(&mut record), change.bits());
    assert_eq!(fetched(&mut record), 0);
}

#[test]
fn nothing_is_told_of_a_closed_socket() {
    // P274
    let mut record = selected(WINDOW, EventMask::READ, unread(5));
    record.close();
    record.look(unread(7));
    assert_eq!(handed_over(&mut record), []);
    assert_eq!(record.wants(true, true), Wants::default());
}

#[test]
fn deliveries_are_handed_over_by_one_at_a_time() {
    // P245: the order holds although no lock is held meanwhile.
    let mask = EventMask::READ | EventMask::WRITE;
    let mut record = selected(WINDOW, mask, unread(5));
    assert!(record.next_delivery().is_some());
    assert_eq!(record.next_delivery(), None);
    record.delivered();
    assert!(record.next_delivery().is_some());
}

#[test]
fn a_window_that_was_told_is_not_disturbed_by_more() {
    // design.md 5: nothing is watched for nobody.
    let mask = EventMask::READ | EventMask::OOB;
    let mut record = selected(WINDOW, mask, unread(0));
    assert!(record.wants(true, true).arrivals);
    record.look(unread(5));
    assert!(!record.wants(true, true).arrivals);
    assert!(record.wants(true, true).urgent);
    record.received(Reached::Network, unread(0));
    assert!(record.wants(true, true).arrivals);
}

#[test]
fn where_the_network_tells_levels_only_an_event_waits_for_a_receive() {
    // P256: another arrival cannot be told there from what is unread.
    let mut record = selected(EVENT, EventMask::READ, unread(5));
    assert!(!record.wants(false, true).arrivals);
    record.received(Reached::Network, unread(0));
    assert!(record.wants(false, true).arrivals);
}

#[test]
fn a_new_attempt_to_connect_forgets_the_connection_before_it() {
    // P196: DisconnectEx with reuse, then connect.
    let mask = EventMask::CONNECT | EventMask::CLOSE;
    let over = Conditions {
        connected: Some(0),
        closed: Some(0),
        ..CONNECTION
    };
    let mut record = selected(EVENT, mask, over);
    assert_eq!(fetched(&mut record), CONNECT | CLOSE);
    record.connection_over();
    record.look(over);
    assert_eq!(fetched(&mut record), CONNECT | CLOSE);
}

#[test]
fn outside_the_mask_only_what_has_no_amount_is_watched() {
    // P243: more of a stream shows when it is asked for again; design.md 5: nothing for nobody.
    let mut record = selected(EVENT, EventMask::READ, unread(5));
    fetched(&mut record);
    record.select(EVENT, EventMask::NONE, Conditions::default());
    assert!(!record.wants(true, true).arrivals);
    assert!(record.wants(true, false).arrivals);
}
