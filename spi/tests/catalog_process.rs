//! The catalog of this process: which one it is. Own program, because it is one per process.

use std::sync::Arc;

use ws2spi::catalog::Bits;
use ws2spi::catalog::Catalog;
use ws2spi::catalog::process_catalog;
use ws2spi::catalog::process_snapshot;
use ws2spi::catalog::set_base;
use ws2spi::catalog::set_process_catalog;
use ws2spi_abi::WSAPROTOCOL_INFOW;

#[test]
fn the_process_has_one_catalog_that_can_be_replaced() {
    // design.md "Catalog": in memory by default, with the base entries of whoever embeds us.
    let mut info = WSAPROTOCOL_INFOW::EMPTY;
    info.ProtocolChain.ChainLen = 1;
    set_base("linked:base", &[info, info]);
    let first = process_catalog().unwrap();
    assert_eq!(
        first.state().unwrap().list(Bits::SixtyFour).entries().len(),
        2
    );
    assert!(Arc::ptr_eq(&first, &process_catalog().unwrap()));

    let own = Arc::new(Catalog::new("linked:base", &[info]).unwrap());
    let former = set_process_catalog(Some(Arc::clone(&own))).unwrap();
    assert!(Arc::ptr_eq(&former, &first));
    assert_eq!(process_snapshot().unwrap().entries().len(), 1);
}
