use super::feeds::{Feeds, Next, Told, Topic};

fn told(id: u64, job: &str) -> Told {
    Told::new(
        id,
        job,
        "me",
        "2026-01-01T00:00:00Z",
        false,
        "{\"kind\":\"x\"}",
    )
}

fn ids(next: Option<Next>) -> Vec<u64> {
    match next {
        Some(Next::Here(events)) => events.iter().map(|event| event.id).collect(),
        _ => panic!("not in memory"),
    }
}

#[test]
fn frames_are_one_line_of_json_with_id_and_time() {
    let told = told(7, "a");
    assert_eq!(
        std::str::from_utf8(&told.frame).expect("UTF-8"),
        "id: 7\ndata: {\"id\":7,\"time\":\"2026-01-01T00:00:00Z\",\"kind\":\"x\"}\n\n"
    );
}

#[test]
fn a_listener_gets_each_event_of_its_job_once() {
    let feeds = Feeds::new(3);
    let topic = Topic::Job("a".into());
    let latest = feeds.listen(&topic);
    // What is older than the first listener stands in the store.
    assert!(matches!(feeds.behind(&topic, 0, 9), Some(Next::Store(3))));
    feeds.tell(vec![told(4, "a"), told(5, "b"), told(6, "a")], &[]);
    assert_eq!(*latest.borrow(), 6);
    assert_eq!(ids(feeds.behind(&topic, 3, 9)), [4, 6]);
    assert_eq!(ids(feeds.behind(&topic, 3, 1)), [4]);
    assert_eq!(ids(feeds.behind(&topic, 4, 9)), [6]);
    assert_eq!(ids(feeds.behind(&topic, 6, 9)), [0; 0]);
}

#[test]
fn who_is_far_behind_is_sent_to_the_store() {
    let feeds = Feeds::new(0);
    let topic = Topic::Job("a".into());
    let _latest = feeds.listen(&topic);
    feeds.tell((1..=3000).map(|id| told(id, "a")).collect(), &[]);
    let Some(Next::Store(until)) = feeds.behind(&topic, 0, 9) else {
        panic!("it cannot all be in memory");
    };
    let rest = ids(feeds.behind(&topic, until, 5000));
    assert_eq!(rest, ((until + 1)..=3000).collect::<Vec<_>>());
}

#[test]
fn a_topic_that_nobody_follows_is_forgotten() {
    let feeds = Feeds::new(0);
    let topic = Topic::Job("a".into());
    drop(feeds.listen(&topic));
    feeds.tell(vec![told(1, "a")], &[]);
    assert!(feeds.behind(&topic, 0, 9).is_none());
    let mut latest = feeds.listen(&topic);
    feeds.tell(Vec::new(), &["a".to_owned()]);
    assert!(feeds.behind(&topic, 1, 9).is_none());
    assert!(latest.has_changed().is_err(), "it is closed");
    latest.mark_unchanged();
}
