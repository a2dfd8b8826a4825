use super::*;

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    (folder, store)
}

fn count(store: &Store) -> i64 {
    store
        .read_now(|read| Ok(read.query_row("SELECT count(*) FROM events", [], |row| row.get(0))?))
        .expect("a count")
}

#[test]
fn a_write_that_fails_leaves_nothing_and_tells_nothing() {
    let (_folder, store) = store();
    let failed = store.write_now(|write| {
        write.event("a", "me", "now", true, "{\"kind\":\"x\"}")?;
        Err::<(), _>(Problem::new(ProblemKind::Conflict, "no"))
    });
    assert!(failed.is_err());
    assert_eq!(count(&store), 0);
    let id = store.write_now(|write| write.event("a", "me", "now", true, "{\"kind\":\"x\"}"));
    assert_eq!(id.expect("an id"), 1);
}

#[test]
fn ids_of_events_grow_even_when_the_last_ones_are_gone() {
    let (folder, store) = store();
    let event = |store: &Store| {
        store
            .write_now(|write| write.event("a", "me", "now", false, "{\"kind\":\"x\"}"))
            .expect("an id")
    };
    let first = event(&store);
    store
        .write_now(|write| Ok(write.execute("DELETE FROM events", [])?))
        .expect("deleted");
    assert!(event(&store) > first);
    drop(store);
    let again = Store::open(folder.path()).expect("a store");
    assert!(event(&again) > first + 1);
}

#[test]
fn a_newer_store_is_refused() {
    let (folder, store) = store();
    store
        .write_now(|write| Ok(write.pragma_update(None, "user_version", 999)?))
        .expect("written");
    drop(store);
    let error = Store::open(folder.path()).expect_err("refused");
    assert!(error.to_string().contains("newer voxtune"), "{error}");
}
