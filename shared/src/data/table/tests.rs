//! Tables against what pandas and audformat read.

use super::{Source, Table, read};
use crate::data::{
    DataError, DropReason,
    drops::Drops,
    tests::{database, memory},
};

fn source<'a>(config: &'a crate::config::DatabaseConfig, target: Option<&'a str>) -> Source<'a> {
    Source::new(0, config, target)
}

fn load(text: &str) -> (Table, Vec<(DropReason, usize)>) {
    let config = database("db", "table.csv");
    let mut drops = Drops::new(vec!["db".into()]);
    let table = read(
        &memory(text, &[]),
        &source(&config, Some("emotion")),
        &mut drops,
    )
    .unwrap();
    let dropped = drops
        .into_dropped()
        .into_iter()
        .map(|entry| (entry.reason, entry.count))
        .collect();
    (table, dropped)
}

fn error(text: &[u8]) -> String {
    let config = database("db", "table.csv");
    let mut files = memory("", &[]);
    files.insert("table.csv", text.to_vec());
    read(
        &files,
        &source(&config, Some("emotion")),
        &mut Drops::new(vec!["db".into()]),
    )
    .unwrap_err()
    .to_string()
}

#[test]
fn quotes_blank_lines_and_missing_values_are_as_in_pandas() {
    let (table, dropped) =
        load("file,emotion\n\"a,b.wav\", x y \n\nb.wav,\nc.wav,NA\nd.wav,none\n");
    assert_eq!(table.count, 4);
    let rows: Vec<_> = table
        .rows
        .iter()
        .map(|row| (row.name.as_str(), row.label.as_deref()))
        .collect();
    assert_eq!(rows, [("a,b.wav", Some("x y")), ("d.wav", Some("none"))]);
    assert_eq!(dropped, [(DropReason::MissingLabel, 2)]);
}

#[test]
fn separators_and_a_byte_order_mark() {
    for text in [
        "file;emotion;speaker\na.wav;x;s\n",
        "file\temotion\tspeaker\r\na.wav\tx\ts\r\n",
        "\u{feff}file,emotion,speaker\na.wav,x,s\n",
        "file,emotion,speaker,\"odd; name; here; it; is\"\na.wav,x,s,1\n",
    ] {
        let (table, dropped) = load(text);
        assert_eq!(dropped, []);
        let row = &table.rows[0];
        assert_eq!(
            (
                row.file.as_str(),
                row.label.as_deref(),
                row.speaker.as_deref()
            ),
            ("a.wav", Some("x"), Some("s")),
            "{text}"
        );
    }
}

#[test]
fn an_unnamed_index_column_is_left_out_and_repeated_names_are_numbered() {
    let (table, _) = load(",file,emotion,emotion\n0,a.wav,x,y\n");
    let columns: Vec<_> = table.rows[0]
        .columns
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(columns, ["emotion=x", "emotion.1=y"]);
}

#[test]
fn segments_in_any_form() {
    let (table, dropped) = load(
        "file,start,end,emotion\n\
         a.wav,0.5,1.5,x\n\
         a.wav,0 days 00:00:01.500000,0 days 00:00:02,x\n\
         a.wav,2s,NaT,x\n\
         b.wav,,,x\n\
         c.wav,1,1,x\n\
         c.wav,-1,1,x\n\
         c.wav,soon,1,x\n",
    );
    let times: Vec<_> = table.rows.iter().map(|row| (row.start, row.end)).collect();
    assert_eq!(
        times,
        [(0.5, Some(1.5)), (1.5, Some(2.0)), (2.0, None), (0.0, None)]
    );
    assert_eq!(dropped, [(DropReason::BadTime, 3)]);
}

#[test]
fn four_columns_with_start_have_the_label_in_the_fourth() {
    let (table, _) = load("file,start,end,what\na.wav,0,1,x\n");
    assert_eq!(table.rows[0].label.as_deref(), Some("x"));
    assert_eq!(
        table.warnings,
        [
            "db: table.csv has no column `emotion`; its column `what` is used as the target (name it with db.label)"
        ]
    );
    for other in ["speaker", "gender", "sex", "age", "duration"] {
        let text = format!("file,start,end,{other}\na.wav,0,1,03\n");
        let message = error(text.as_bytes());
        assert!(message.contains("has no column `emotion`"), "{message}");
    }
}

#[test]
fn repeated_rows_are_dropped_and_a_contradiction_is_named() {
    let config = database("db", "table.csv");
    let text = "file,start,end,emotion\na.wav,0,1,x\n./a.wav,0,1,x\na.wav,0,1,y\na.wav,0,2,x\n";
    let mut drops = Drops::new(vec!["db".into()]);
    let table = read(
        &memory(text, &[]),
        &source(&config, Some("emotion")),
        &mut drops,
    )
    .unwrap();
    assert_eq!(table.rows.len(), 2);
    let dropped = drops.into_dropped();
    assert_eq!(
        (dropped[0].reason, dropped[0].count),
        (DropReason::Duplicate, 2)
    );
    assert_eq!(
        dropped[0].examples,
        ["line 3, ./a.wav", "line 4, a.wav: with another label"]
    );
}

#[test]
fn rows_without_a_file_are_dropped_and_short_rows_are_filled() {
    let (table, dropped) = load("file,emotion,age\n,x,3\na.wav,x\n");
    assert_eq!(dropped, [(DropReason::NoFileName, 1)]);
    assert_eq!(table.rows[0].columns.get("age"), None);
}

#[test]
fn audio_lies_where_the_configuration_says() {
    let mut config = database("db", "data/corpus/table.csv");
    let mut files = memory("", &[]);
    files.insert(
        "data/corpus/table.csv",
        b"file,emotion\nwav/a.wav,x\n/abs/b.wav,x\n".to_vec(),
    );
    let paths = |config: &_| {
        let rows = read(
            &files,
            &source(config, Some("emotion")),
            &mut Drops::default(),
        )
        .unwrap()
        .rows;
        rows.into_iter().map(|row| row.file).collect::<Vec<_>>()
    };
    assert_eq!(paths(&config), ["wav/a.wav", "/abs/b.wav"]);
    config.audio_path = "../audio".into();
    assert_eq!(paths(&config), ["../audio/wav/a.wav", "/abs/b.wav"]);
    config.absolute_path = false;
    assert_eq!(
        paths(&config),
        ["data/corpus/../audio/wav/a.wav", "/abs/b.wav"]
    );
}

#[test]
fn columns_are_renamed() {
    let mut config = database("db", "table.csv");
    config.colnames = vec![
        ("path".into(), "file".into()),
        ("who".into(), "speaker".into()),
        ("no".into(), "x".into()),
    ];
    config.label = Some("feeling".into());
    let text = "path,who,feeling,emotion,sex\na.wav,s1,joy,other,M\n";
    let table = read(
        &memory(text, &[]),
        &source(&config, Some("emotion")),
        &mut Drops::default(),
    )
    .unwrap();
    let row = &table.rows[0];
    assert_eq!(
        (row.label.as_deref(), row.speaker.as_deref()),
        (Some("joy"), Some("s1"))
    );
    assert_eq!(
        (row.gender.as_deref(), row.column("sex")),
        (Some("male"), Some("M"))
    );
    assert_eq!(table.warnings.len(), 2, "{:?}", table.warnings);
}

#[test]
fn what_is_no_table_is_refused_with_a_reason() {
    assert_eq!(
        error(b"file,emotion\na.wav,joy\nb.wav,\xe4rger\n"),
        "table.csv, line 3: the table is not UTF-8 but something else, perhaps Latin-1; save it as \"CSV UTF-8\""
    );
    assert!(error(b"\xff\xfef\0i\0l\0e\0").contains("UTF-16"));
    assert_eq!(
        error(b"file,emotion\n"),
        "table.csv has no rows below its header"
    );
    assert_eq!(
        error(b"file,emotion\na.wav,x,y\n"),
        "table.csv, line 2: 3 fields, but the header has 2; put fields with a separator in quotes"
    );
    assert_eq!(
        error(b"path,emotion\na.wav,x\n"),
        "table.csv has no column `file` (it has: path, emotion); `db.colnames = {'name in the table': 'file'}` \
         renames one, `db.label` names the column of the target"
    );
    assert!(error(b"file,mood\na.wav,x\n").contains("no column `emotion` (it has: file, mood)"));
    let config = database("db", "missing.csv");
    let missing = read(
        &memory("", &[]),
        &source(&config, None),
        &mut Drops::default(),
    );
    assert!(matches!(missing, Err(DataError::ReadTable { .. })));
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(file,)?(start,end,)?emotion\n[-a-z0-9,;\"\t\n .:é]{0,80}") {
        let config = database("db", "table.csv");
        let mut drops = Drops::new(vec!["db".into()]);
        if let Ok(table) = read(&memory(&text, &[]), &source(&config, Some("emotion")), &mut drops) {
            proptest::prop_assert_eq!(table.count, table.rows.len() + drops.count(0));
        }
    }
}

#[test]
fn quotes_that_swallow_lines() {
    let open = "file,speaker,emotion\na.wav,s1,x\nb.wav,\"s2,y\nc.wav,s3,x\n";
    let message = error(open.as_bytes());
    assert!(
        message.starts_with("table.csv, line 3: the quote that opens here is never closed"),
        "{message}"
    );
    let last = "file,speaker,emotion\r\na.wav,s1,x\r\n\"b.wav,s2,y\r\n";
    assert!(error(last.as_bytes()).starts_with("table.csv, line 3:"));
    // Closed by a later one.
    let (table, _) =
        load("file,speaker,emotion\na.wav,s1,x\n\"b.wav,s2,y\nc.wav,s3,x\nd.wav\",s4\n");
    assert_eq!(table.warnings.len(), 1, "{:?}", table.warnings);
    assert!(
        table.warnings[0].contains("the first in line 3"),
        "{}",
        table.warnings[0]
    );
    // What may be: quotes within fields, doubled ones, line breaks in a full row.
    let (table, _) = load(
        "file,text,emotion\na.wav,5\" x,x\n\"b.wav\",\"he \"\"said\"\"\nthis\",y\n\"c,.wav\",\"\",x\n",
    );
    assert_eq!((table.count, table.warnings.len()), (3, 0));
}
