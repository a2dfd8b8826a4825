//! A table of predictions as the server tells it.

use indexmap::IndexMap;
use shared::{data::seconds, protocol::Predicted};

/// Reads the table of `voxtune predict`: file, start, end, then for classes their probabilities,
/// what is predicted, and three more columns; for a value what is predicted, and one more; for
/// several values a column each.
pub(crate) fn read(table: &[u8]) -> Result<Vec<Predicted>, csv::Error> {
    let mut reader = csv::Reader::from_reader(table);
    let header = reader.headers()?.clone();
    // By place, since a class may be called as any column is.
    let columns: Vec<&str> = header.iter().skip(3).collect();
    let (scored, said) = match columns.as_slice() {
        ["predicted", "truth"] => (0, Some(3)),
        [.., "predicted", "truth", "uncertainty", "correct"] => {
            (columns.len() - 4, Some(columns.len() - 1))
        }
        _ => (columns.len(), None),
    };
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record?;
        let text = |column: usize| record.get(column).unwrap_or_default();
        let said = said.map(text).unwrap_or_default();
        let mut scores: IndexMap<String, Option<f64>> = columns
            .iter()
            .take(scored)
            .enumerate()
            .map(|(column, name)| ((*name).to_owned(), text(3 + column).parse().ok()))
            .collect();
        if scored == 0 {
            scores.insert("value".to_owned(), said.parse().ok());
        }
        found.push(Predicted {
            file: text(0).to_owned(),
            start: seconds(text(1)).unwrap_or(0.0),
            end: seconds(text(2)),
            predicted: said.to_owned(),
            scores,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn classes_are_told_from_columns_by_their_place() {
        let table = "file,start,end,high,truth,predicted,truth,uncertainty,correct\n\
                     a.wav,0 days 00:00:00,0 days 00:00:01.500000,0.25,0.75,truth,,0.8,\n";
        let found = read(table.as_bytes()).expect("a table");
        assert_eq!((found[0].file.as_str(), found[0].end), ("a.wav", Some(1.5)));
        assert_eq!(found[0].predicted, "truth");
        assert_eq!(found[0].scores["truth"], Some(0.75));
        assert_eq!(found[0].scores.len(), 2);
    }

    #[test]
    fn a_regression_has_one_value() {
        let table = "file,start,end,predicted,truth\na.wav,0 days 00:00:00.5,,3.25,3.0\n";
        let found = read(table.as_bytes()).expect("a table");
        assert_eq!((found[0].start, found[0].end), (0.5, None));
        assert_eq!(found[0].scores["value"], Some(3.25));
    }

    #[test]
    fn several_values_have_a_column_each() {
        let table = "file,start,end,arousal,truth\na.wav,0 days,1 days,0.5,-1.25\n";
        let found = read(table.as_bytes()).expect("a table");
        assert_eq!(found[0].predicted, "");
        assert_eq!(found[0].scores["arousal"], Some(0.5));
        assert_eq!(found[0].scores["truth"], Some(-1.25));
    }
}
