//! The engine with threads: the processor's work is shared with helpers, which are workers with the same memory.
//! They are started by `static/threads-start.js`; here they become a pool.

#![allow(
    unreachable_pub,
    reason = "only what is public is seen from JavaScript"
)]

use crate::message::post;
use rayon::{ThreadBuilder, ThreadPoolBuilder};
use shared::protocol::tab::FromEngine;
use std::sync::{Condvar, Mutex, PoisonError};
use wasm_bindgen::prelude::wasm_bindgen;

/// Places in the pool that no helper has taken yet.
static PLACES: Mutex<Vec<ThreadBuilder>> = Mutex::new(Vec::new());
static OFFERED: Condvar = Condvar::new();

/// Makes a pool of so many threads, of which this is one, and comes back when all the others have come.
///
/// # Errors
/// There is a pool already.
#[wasm_bindgen(js_name = openPool)]
pub fn open_pool(threads: usize) -> Result<(), String> {
    let offer = |place| {
        let mut places = PLACES.lock().unwrap_or_else(PoisonError::into_inner);
        places.push(place);
        OFFERED.notify_one();
        Ok(())
    };
    let pool = ThreadPoolBuilder::new().num_threads(threads);
    let opened = pool
        .use_current_thread()
        .spawn_handler(offer)
        .build_global();
    opened.map_err(|error| format!("the engine's threads do not start: {error}"))?;
    post(&FromEngine::Ready);
    Ok(())
}

/// Takes a place in the pool, and works there for as long as the engine lives.
#[wasm_bindgen(js_name = helpToCompute)]
pub fn help_to_compute() {
    let mut places = PLACES.lock().unwrap_or_else(PoisonError::into_inner);
    let place = loop {
        match places.pop() {
            Some(place) => break place,
            None => {
                let woken = OFFERED.wait(places);
                places = woken.unwrap_or_else(PoisonError::into_inner);
            }
        }
    };
    drop(places);
    place.run();
}

/// Takes `{pool: "count" | "fault"}`, which only tests ask: says how many threads were at work at the same time, as
/// `{kind: "counted", threads, together}`, or has a helper break down. Says whether it was such a message.
#[cfg(feature = "parity")]
pub(crate) fn hear(message: &wasm_bindgen::JsValue) -> bool {
    use std::{collections::BTreeSet, sync::Barrier};

    let pool = js_sys::Reflect::get(message, &"pool".into()).unwrap_or_default();
    match pool.as_string().as_deref() {
        Some("count") => {
            let threads = rayon::current_num_threads();
            // Nobody comes through before all are there.
            let all = Barrier::new(threads);
            let places = rayon::broadcast(|thread| {
                all.wait();
                let own = 0_u8;
                // Where its stack is.
                (thread.index(), std::ptr::from_ref(&own).addr() >> 16)
            });
            let stacks: BTreeSet<usize> = places.iter().map(|(_, stack)| *stack).collect();
            post(
                &serde_json::json!({"kind": "counted", "threads": threads, "together": stacks.len()}),
            );
            true
        }
        Some("fault") => {
            rayon::broadcast(|thread| assert_ne!(thread.index(), 1, "a helper has a fault"));
            true
        }
        _ => false,
    }
}
