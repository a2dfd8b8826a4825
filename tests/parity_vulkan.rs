//! Parity on Vulkan. Without a GPU a software renderer does (`VK_DRIVER_FILES` names its driver).

mod graphics;
mod support;

use shared::{config::DeviceChoice, train::open_device};

fn main() {
    graphics::run([
        ("every_case_on_vulkan", every_case_on_vulkan),
        ("every_operation_on_vulkan", every_operation_on_vulkan),
    ])
}

fn every_case_on_vulkan() {
    let (device, info) =
        pollster::block_on(open_device(DeviceChoice::Vulkan(0))).expect("a Vulkan device");
    eprintln!("on {}", info.name);
    support::every_case(&device, tests::parity::Tolerance::GPU);
}

fn every_operation_on_vulkan() {
    let (device, _) =
        pollster::block_on(open_device(DeviceChoice::Vulkan(0))).expect("a Vulkan device");
    let checks = pollster::block_on(tests::kernels::check_kernels(&device, 1e-5));
    eprintln!("worst: {:?}", checks.worst());
    assert_eq!(checks.failures(), "");
    assert!(checks.0.len() > 30);
}
