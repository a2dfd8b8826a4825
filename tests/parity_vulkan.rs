//! Parity on Vulkan. Without a GPU a software renderer does (`VK_DRIVER_FILES` names its driver).

mod support;

use shared::{config::DeviceChoice, train::open_device};

#[test]
fn every_case_on_vulkan() {
    let (device, info) =
        pollster::block_on(open_device(DeviceChoice::Vulkan(0))).expect("a Vulkan device");
    eprintln!("on {}", info.name);
    support::every_case(&device, tests::parity::Tolerance::GPU);
}
