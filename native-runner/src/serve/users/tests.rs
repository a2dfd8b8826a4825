use super::*;

#[test]
fn tokens_are_kept_as_hashes_and_new_ones_replace_old_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).expect("a store");
    let (first, second) = (Secret::new().expect("one"), Secret::new().expect("another"));
    add(&store, "ada", false, &first).expect("added");
    add(&store, "ada", true, &second).expect("renewed");
    let kept: Vec<u8> = store
        .read_now(|read| Ok(read.query_row("SELECT token FROM users", [], |row| row.get(0))?))
        .expect("one row");
    assert!(second.hash().is(&kept) && !first.hash().is(&kept));
    assert!(
        !second
            .reveal()
            .as_bytes()
            .windows(32)
            .any(|part| part == kept)
    );
    let users = store.read_now(all).expect("users");
    assert_eq!(users.len(), 1);
    assert!(users[0].admin);
    assert!(remove(&store, "ada").expect("removed"));
    assert!(!remove(&store, "ada").expect("nobody left"));
}

#[test]
fn names_of_users_are_plain() {
    for name in ["ada", "a.b@lab-1", "X_9"] {
        assert_eq!(check_name(name), Ok(()), "{name}");
    }
    for name in ["", "a b", "a/b", "ä", "a\n", &"x".repeat(65)] {
        assert!(check_name(name).is_err(), "{name:?}");
    }
}

#[test]
fn only_a_bearer_token_is_one() {
    let of = |text: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, text.parse().expect("a header"));
        bearer(&headers).map(|token| token.map(str::to_owned)).ok()
    };
    assert_eq!(of("Bearer abc"), Some(Some("abc".to_owned())));
    assert_eq!(of("bearer abc"), Some(Some("abc".to_owned())));
    assert_eq!(of("Basic abc"), None);
    assert_eq!(of("abc"), None);
    assert_eq!(bearer(&HeaderMap::new()).expect("none"), None);
}
