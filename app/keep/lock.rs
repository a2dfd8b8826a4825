//! Locks over all documents of this site: who changes something that they share holds one meanwhile, and so does who is at
//! work on something. The browser lets it go when the document ends, however that comes.

use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use std::{cell::RefCell, collections::BTreeSet, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

/// What stands before the names of all locks of this site.
const PREFIX: &str = "voxtune.";

fn locks() -> Option<JsValue> {
    let locks = get(&window().navigator(), "locks");
    (!locks.is_undefined()).then_some(locks)
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// The names of all locks that are held.
pub async fn held() -> BTreeSet<String> {
    let Some(locks) = locks() else {
        return BTreeSet::new();
    };
    let query = get(&locks, "query").dyn_into::<Function>();
    let Ok(asked) = query.and_then(|query| query.call0(&locks)) else {
        return BTreeSet::new();
    };
    let Ok(answer) = JsFuture::from(Promise::resolve(&asked)).await else {
        return BTreeSet::new();
    };
    let held: Array = get(&answer, "held").dyn_into().unwrap_or_default();
    held.iter()
        .filter_map(|lock| get(&lock, "name").as_string())
        .filter_map(|name| name.strip_prefix(PREFIX).map(str::to_owned))
        .collect()
}

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct Lock {
    release: Rc<RefCell<Option<Function>>>,
}

impl Lock {
    /// Takes the lock of this name; `None` where somebody else has it. Browsers that have no locks give all of them.
    pub async fn take(name: &str) -> Option<Self> {
        Self::ask(name, true).await
    }

    /// Takes it as soon as nobody else has it.
    pub async fn wait(name: &str) -> Option<Self> {
        Self::ask(name, false).await
    }

    async fn ask(name: &str, only_if_free: bool) -> Option<Self> {
        let release = Rc::new(RefCell::new(None));
        let Some(locks) = locks() else {
            return Some(Self { release });
        };
        let options = Object::new();
        let _ = Reflect::set(&options, &"ifAvailable".into(), &only_if_free.into());
        let own = Rc::clone(&release);
        // It comes back once the lock is there or somebody else's, long before the lock's own promise.
        let taken = Promise::new(&mut |done: Function, _| {
            let own = Rc::clone(&own);
            let granted = Closure::once_into_js(move |lock: JsValue| -> JsValue {
                let is_mine = !lock.is_null();
                let _ = done.call1(&JsValue::NULL, &is_mine.into());
                if !is_mine {
                    return JsValue::UNDEFINED;
                }
                Promise::new(&mut |release, _| {
                    own.replace(Some(release));
                })
                .into()
            });
            if let Ok(request) = get(&locks, "request").dyn_into::<Function>() {
                let name = format!("{PREFIX}{name}");
                let _ = request.call3(&locks, &name.into(), &options, &granted);
            }
        });
        let is_mine = JsFuture::from(taken).await.ok()?.is_truthy();
        is_mine.then_some(Self { release })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            let _ = release.call0(&JsValue::NULL);
        }
    }
}
