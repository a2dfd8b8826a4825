//! Parity on the CPU.

mod support;

#[test]
fn every_case_on_flex() {
    support::every_case(&burn::tensor::Device::flex(), tests::parity::Tolerance::CPU);
}
