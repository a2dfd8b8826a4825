//! The same work for many files: on a few threads, or one after the other where there are none.

#[cfg(not(target_arch = "wasm32"))]
mod threads;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use threads::each;

/// Does `work` for each of `items`; `progress` is called with the number of items that are done, and
/// all.
#[cfg(target_arch = "wasm32")]
pub(crate) fn each<T, R>(
    items: &[T],
    work: impl Fn(&T) -> R,
    progress: &mut dyn FnMut(usize, usize),
) -> Vec<R> {
    let mut results = Vec::with_capacity(items.len());
    for item in items {
        progress(results.len(), items.len());
        results.push(work(item));
    }
    progress(items.len(), items.len());
    results
}
