//! As many rows of every class.

use crate::data::{
    draw::{Draw, Purpose},
    row::Row,
};

/// Repeats rows of the smaller classes until each has as many as the largest (`balancing = ros`,
/// random over-sampling), and says how many there were and are. Rows are repeated in rounds, each in
/// an order of its own, so that none of a class stands there more than once oftener than another.
pub(in crate::data) fn oversample(
    train: &mut Vec<Row>,
    classes: &[String],
    draw: Draw,
    warnings: &mut Vec<String>,
) {
    let members: Vec<Vec<usize>> = classes
        .iter()
        .map(|class| {
            let rows = train.iter().enumerate();
            rows.filter(|(_, row)| row.label.as_ref() == Some(class))
                .map(|(index, _)| index)
                .collect()
        })
        .collect();
    let largest = members.iter().map(Vec::len).max().unwrap_or(0);
    let before = train.len();
    let mut drawing = draw.begin(Purpose::Oversample);
    for rows in members.iter().filter(|rows| !rows.is_empty()) {
        let mut missing = largest - rows.len();
        while missing > 0 {
            let round = drawing.sample(rows.clone(), missing);
            missing -= round.len();
            train.extend(
                round
                    .into_iter()
                    .map(|index| train[index].clone())
                    .collect::<Vec<_>>(),
            );
        }
    }
    if train.len() > before {
        warnings.push(format!(
            "balancing = ros: {} rows of the train part were repeated, so that it has {largest} of each of {} classes ({} rows)",
            train.len() - before,
            classes.len(),
            train.len(),
        ));
    }
}
