//! Splits as tables, against pandas.

use super::{database, experiment, memory, row, wav};
use crate::{
    config::{SelectOn, SplitStrategy},
    data::{load, split_csv, timedelta},
};

/// `str(pandas.Timedelta(seconds=x))` (3.1.1).
#[test]
fn times_are_written_as_pandas_writes_them() {
    for (seconds, text) in [
        (0.0, "0 days 00:00:00"),
        (1.0, "0 days 00:00:01"),
        (1.5, "0 days 00:00:01.500000"),
        (0.1, "0 days 00:00:00.100000"),
        (2.123_456_789, "0 days 00:00:02.123456789"),
        (100_000.25, "1 days 03:46:40.250000"),
        (1e-9, "0 days 00:00:00.000000001"),
    ] {
        assert_eq!(timedelta(seconds), text);
    }
}

#[test]
fn a_split_is_a_table() {
    let mut first = row("a,b.wav", Some("s1"), "anger").utterance("db".into(), None);
    first.gender = Some("female".into());
    first.columns.insert("gender".into(), "F".into());
    let mut second = row("b.wav", None, "joy").utterance("db".into(), None);
    (second.start, second.end) = (0.5, Some(1.25));
    second.columns.insert("note".into(), "so \"so\"".into());
    assert_eq!(
        split_csv(&[first, second], &[2.0, 0.75]).unwrap(),
        "file,start,end,speaker,gender,emotion,note,duration\n\
         \"a,b.wav\",0 days 00:00:00,0 days 00:00:02,s1,female,anger,,2\n\
         b.wav,0 days 00:00:00.500000,0 days 00:00:01.250000,,,joy,\"so \"\"so\"\"\",0.75\n"
    );
    assert_eq!(split_csv(&[], &[]).unwrap(), "file,start,end,duration\n");
}

#[test]
fn a_stored_split_can_be_loaded_again() {
    let text = "file,start,end,speaker,gender,emotion\na.wav,0,0.05,s1,m,x\na.wav,0.05,,s1,m,y\nb.wav,,,s2,f,x\n";
    let mut files = memory(text, &["a.wav"]);
    files.insert("b.wav", wav(0.123, 16_000, 0.5));
    let mut train = database("db", "table.csv");
    train.split = SplitStrategy::Train;
    let mut test = database("again", "table.csv");
    test.split = SplitStrategy::Test;
    let mut experiment = experiment(vec![train, test]);
    experiment.tuning.select_on = SelectOn::Test;
    let first = load(&experiment, &files, &mut |_, _| {}).unwrap();
    files.insert(
        "train.csv",
        split_csv(&first.train, &first.seconds.train)
            .unwrap()
            .into_bytes(),
    );
    experiment.data.databases[0].path = "train.csv".into();
    let second = load(&experiment, &files, &mut |_, _| {}).unwrap();
    let key = |utterances: &[crate::data::Utterance]| {
        utterances
            .iter()
            .map(|u| {
                (
                    u.file.clone(),
                    u.start,
                    u.speaker.clone(),
                    u.gender.clone(),
                    u.label,
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(key(&first.train), key(&second.train));
    assert_eq!(first.seconds.train, second.seconds.train);
}
