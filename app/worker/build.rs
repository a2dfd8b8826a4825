//! What the linker is told.

use std::env;

#[allow(
    clippy::disallowed_methods,
    reason = "what may not be done in a browser is done here before"
)]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Crates below the tensor library fill registers by constructors before `main`. Unless somebody else calls them, the
    // linker puts a call of all of them before every exported function, and the browser calls such functions whenever it
    // hands an object over: it took 10 ms a kernel. Exported, they are called once, by the script that starts the engine.
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|target| target == "wasm32") {
        println!("cargo::rustc-link-arg-bins=--export=__wasm_call_ctors");
    }
}
