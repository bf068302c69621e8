//! Tests of the layout of Windows: bytes as Windows has them, values that cannot be.

use ws2spi_abi::LSP_INSPECTOR;
use ws2spi_abi::MAX_PATH;

use super::super::LayerInstallation;
use super::super::Refusal;
use super::super::State;
use super::super::Targets;
use super::super::layout::CodePage;
use super::super::layout::ITEM;
use super::super::layout::Image;
use super::super::layout::Row;
use super::*;

/// Latin-1, as far as these tests need a code page.
const LATIN: CodePage = CodePage {
    encode: |text| text.chars().map(|unit| u8::try_from(unit).ok()).collect(),
    decode: |bytes| bytes.iter().map(|byte| char::from(*byte)).collect(),
};

/// The packed item of "Virtio Vsock STREAM" as lxc/distrobuilder registers it in images of Windows:
/// the path, the structure up to its name, the name; all else is zero.
fn vsock() -> Vec<u8> {
    let mut item = b"%SystemRoot%\\System32\\viosocklib.dll".to_vec();
    item.resize(MAX_PATH, 0);
    let head = [
        [0x26, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [
            8, 0, 0, 0, 0x8c, 0x49, 0x80, 0x99, 0x32, 0xe7, 0x2b, 0x48, 0x9f, 0x67, 0x92, 0x42,
        ],
        [
            0x73, 0xa5, 0x66, 0x66, 0xf7, 3, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
        ],
        [0; 16],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x28, 0, 0, 0],
        [16, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ];
    item.extend(head.as_flattened());
    item.extend([0; 4]);
    item.extend(
        "Virtio Vsock STREAM"
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    item.resize(888, 0);
    item
}

fn restored(image: Image) -> State {
    let fresh = State::fresh(BASE, &base_entries()).unwrap();
    image.restore(LATIN, &fresh).unwrap()
}

fn one(item: Vec<u8>) -> Image {
    let row = Row {
        item,
        name: String::new(),
        categories: None,
    };
    Image {
        native: Some(vec![row]),
        ..Image::default()
    }
}

#[test]
fn an_item_that_windows_packed_is_read_and_packed_the_same() {
    // client-dll.md 4.1, "Registry form": PackedCatalogItem.
    let state = restored(one(vsock()));
    let list = state.list(Bits::SixtyFour);
    let entry = &list.entries()[0];
    assert_eq!(entry.path(), "%SystemRoot%\\System32\\viosocklib.dll");
    assert_eq!(entry.name(), "Virtio Vsock STREAM");
    assert_eq!((entry.id(), list.next_id()), (id(1015), id(1016)));
    let info = entry.info();
    assert_eq!((info.dwServiceFlags1, info.dwProviderFlags), (0x20026, 8));
    assert_eq!(
        info.ProviderId.to_string(),
        "9980498c-e732-482b-9f67-924273a56666"
    );
    assert_eq!((info.ProtocolChain.ChainLen, info.iAddressFamily), (1, 40));
    assert_eq!((info.iMaxSockAddr, info.iMinSockAddr), (16, 12));
    assert_eq!((info.iSocketType, info.iNetworkByteOrder), (1, 1));

    let image = Image::of(&state, LATIN).unwrap();
    assert_eq!(image.native.unwrap()[0].item, vsock());
}

#[test]
fn a_catalog_comes_back_from_its_values() {
    // Issue 6: in the layout that Windows uses; one number counts the ids of both lists.
    let catalog = fresh();
    let name: Vec<u16> = "layer".encode_utf16().collect();
    let layer = LayerInstallation {
        provider: guid(2),
        path: "C:\\caf\u{e9}\\layer.dll",
        name: &name,
        service_flags: 0,
        targets: Targets::EveryBase,
    };
    let layers = [(Bits::SixtyFour, layer)];
    catalog.install_layer(&layers, &|_, _| true).unwrap();
    catalog
        .categorize(Bits::SixtyFour, guid(2), LSP_INSPECTOR)
        .unwrap();
    catalog
        .permit(application("C:\\a.exe"), LSP_INSPECTOR)
        .unwrap();
    let state = catalog.state().unwrap();

    let image = Image::of(&state, LATIN).unwrap();
    let counts = [Bits::SixtyFour, Bits::ThirtyTwo].map(|bits| image.rows(bits).unwrap().len());
    assert_eq!(counts, [13, 6]);
    assert_eq!((image.next_id, image.serial), (Some(1014), 3));
    assert!(
        image
            .native
            .iter()
            .flatten()
            .all(|row| row.item.len() == ITEM)
    );

    let back = restored(image);
    assert_eq!(back.list(Bits::SixtyFour), state.list(Bits::SixtyFour));
    let compatible = back.list(Bits::ThirtyTwo);
    assert_eq!(compatible.entries(), state.list(Bits::ThirtyTwo).entries());
    assert_eq!(compatible.next_id(), id(1014));
    assert_eq!(back.applications(), state.applications());
    assert_eq!(back.serial(), 3);
}

#[test]
fn where_a_list_is_missing_the_fresh_one_stands() {
    // A prefix of Wine's has the key and nothing in it.
    let fresh = State::fresh(BASE, &base_entries()).unwrap();
    assert_eq!(restored(Image::default()), fresh);
    let state = restored(one(vsock()));
    assert_eq!(state.list(Bits::SixtyFour).entries().len(), 1);
    assert_eq!(state.list(Bits::ThirtyTwo), fresh.list(Bits::ThirtyTwo));
}

#[test]
fn impossible_values_name_their_key() {
    // Issue 2, "Bad input": an error that names the place.
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut item = vsock();
        change(&mut item);
        one(item)
    };
    let mut twice = one(vsock());
    twice.native.as_mut().unwrap().push(Row {
        item: vsock(),
        name: String::new(),
        categories: None,
    });
    let rows = [
        (
            changed(&|item| item.truncate(887)),
            1,
            "has 887 bytes, not 888",
        ),
        (
            changed(&|item| item[..MAX_PATH].fill(b'x')),
            1,
            "has a path without an end",
        ),
        (
            changed(&|item| item[0] = 0),
            1,
            "the provider's path is empty or contains a NUL",
        ),
        (
            changed(&|item| item[MAX_PATH + 40] = 8),
            1,
            "chain length 8 is not 0 to 7",
        ),
        (
            changed(&|item| item[MAX_PATH + 36..][..4].fill(255)),
            1,
            "the id 4294967295 is the last",
        ),
        (twice, 2, "the id 1015 occurs twice"),
    ];
    let fresh = State::fresh(BASE, &[]).unwrap();
    for (image, number, what) in rows {
        let problem = image.restore(LATIN, &fresh).unwrap_err();
        let place = format!("Catalog_Entries64\\{number:012}\\PackedCatalogItem");
        assert_eq!((problem.field, problem.what), (place, what.to_owned()));
    }
}

#[test]
fn a_path_that_cannot_be_packed_is_refused() {
    // The packed path has 259 bytes of the code page, WSCInstallProvider's 259 characters of UTF-16.
    let two_bytes = CodePage {
        encode: |text| Some(text.repeat(2).into_bytes()),
        ..LATIN
    };
    let rows = [
        (
            "C:\\\u{4f60}.dll".to_owned(),
            LATIN,
            Refusal::PathNotRepresentable,
        ),
        ("x".repeat(130), two_bytes, Refusal::PathTooLong),
    ];
    for (path, page, refusal) in rows {
        let state = State::fresh(&path, &base_entries()).unwrap();
        assert_eq!(Image::of(&state, page), Err(refusal));
    }
}

#[test]
fn base_entries_keep_the_ids_they_bring() {
    // Wine's own catalog has 1001, 1002, 1004 and 1005.
    let mut base = base_entries();
    base.truncate(3);
    base[0].dwCatalogEntryId = 1001;
    base[1].dwCatalogEntryId = 1004;
    let list = List::fresh(&Arc::from(BASE), &base).unwrap();
    assert_eq!(order(&list), [1001, 1004, 1005]);
}
