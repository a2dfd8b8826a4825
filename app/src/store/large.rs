//! What is too large for small texts: a database of the browser's own for this site.

use between::problem;
use js_sys::{Function, Promise};
use std::io;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbFactory, IdbTransactionMode};

const NAME: &str = "voxtune";
const STORE: &str = "things";

/// What is to be kept under a name; without a value it is taken away.
pub(crate) type Change = (String, Option<JsValue>);

/// What is kept under each of the names, in their order; nothing where nothing is.
///
/// # Errors
/// The browser keeps nothing, for instance in a private window.
pub(crate) async fn load(names: &[String]) -> io::Result<Vec<Option<JsValue>>> {
    let read = async || -> Result<Vec<Option<JsValue>>, JsValue> {
        let database = open().await?;
        let store = database.transaction_with_str(STORE)?.object_store(STORE)?;
        let requests: Result<Vec<_>, _> =
            names.iter().map(|name| store.get(&name.into())).collect();
        let mut found = Vec::new();
        for request in requests? {
            // Requests of a transaction are answered in their order, and a handler that is set
            // before the next turn of the loop misses nothing.
            heard(request.as_ref(), "onsuccess", "onerror").await?;
            let value = request.result()?;
            found.push((!value.is_undefined()).then_some(value));
        }
        database.close();
        Ok(found)
    };
    read().await.map_err(|error| problem(&error))
}

/// All names under which something is kept.
///
/// # Errors
/// As [`load`].
pub(crate) async fn names() -> io::Result<Vec<String>> {
    let read = async || -> Result<Vec<String>, JsValue> {
        let database = open().await?;
        let store = database.transaction_with_str(STORE)?.object_store(STORE)?;
        let request = store.get_all_keys()?;
        heard(request.as_ref(), "onsuccess", "onerror").await?;
        database.close();
        let names: js_sys::Array = request.result()?.unchecked_into();
        Ok(names.iter().filter_map(|name| name.as_string()).collect())
    };
    read().await.map_err(|error| problem(&error))
}

/// Makes all the changes, or none.
///
/// # Errors
/// There is no room, or the browser keeps nothing.
pub(crate) async fn save(changes: Vec<Change>) -> io::Result<()> {
    let write = async || -> Result<(), JsValue> {
        let database = open().await?;
        let transaction =
            database.transaction_with_str_and_mode(STORE, IdbTransactionMode::Readwrite)?;
        let store = transaction.object_store(STORE)?;
        for (name, value) in &changes {
            match value {
                Some(value) => store.put_with_key(value, &name.into())?,
                None => store.delete(&name.into())?,
            };
        }
        let outcome = heard(transaction.as_ref(), "oncomplete", "onabort").await;
        database.close();
        outcome.map_err(|error| transaction.error().map_or(error, JsValue::from))?;
        Ok(())
    };
    write().await.map_err(|error| problem(&error))
}

async fn open() -> Result<IdbDatabase, JsValue> {
    let factory: Option<IdbFactory> = leptos::prelude::window().indexed_db()?;
    let factory = factory.ok_or("this browser has no database for pages")?;
    let request = factory.open_with_u32(NAME, 1)?;
    let own = request.clone();
    let upgrade = Closure::once_into_js(move || -> Result<(), JsValue> {
        let database: IdbDatabase = own.result()?.unchecked_into();
        database.create_object_store(STORE)?;
        Ok(())
    });
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    heard(request.as_ref(), "onsuccess", "onerror").await?;
    Ok(request.result()?.unchecked_into())
}

/// Waits until the one or the other of two handlers of `source` is called.
async fn heard(source: &JsValue, good: &str, bad: &str) -> Result<(), JsValue> {
    let promise = Promise::new(&mut |done: Function, failed: Function| {
        let yes = Closure::once_into_js(move || done.call0(&JsValue::NULL));
        let own = source.clone();
        let no = Closure::once_into_js(move || {
            let error = js_sys::Reflect::get(&own, &"error".into()).unwrap_or_default();
            failed.call1(&JsValue::NULL, &error)
        });
        let _ = js_sys::Reflect::set(source, &good.into(), &yes);
        let _ = js_sys::Reflect::set(source, &bad.into(), &no);
    });
    JsFuture::from(promise).await.map(|_| ())
}
