//! Tests on a graphics card. Its driver has threads of its own, which may be at work until the process is gone: what
//! the driver would tear down on a usual exit is left to the system, or a test that has passed could end as a crash.

use libtest_mimic::{Arguments, Failed, Trial};

/// Runs `tests` as the command line says, and ends the process.
pub(crate) fn run<const N: usize>(tests: [(&'static str, fn()); N]) -> ! {
    let trials = tests
        .into_iter()
        .map(|(name, test)| {
            Trial::test(name, move || {
                test();
                Ok::<(), Failed>(())
            })
        })
        .collect();
    let failed = libtest_mimic::run(&Arguments::from_args(), trials).has_failed();
    signal_hook::low_level::exit(i32::from(failed))
}
