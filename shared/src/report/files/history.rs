//! `log.txt`: how a run went, as the history that Hugging Face's Trainer logs.

use crate::{
    data::Part,
    report::{Evaluated, Progress},
};

/// A list of dictionaries in Python's notation, one an optimiser step (`loss`, `grad_norm`,
/// `learning_rate`, `epoch`, `step`) and one an evaluation, in order. Keys of evaluations begin with
/// `eval_` for the part that is `chosen_on`, and with the part's name for others. What is not
/// finite or not defined is `None`, so that `ast.literal_eval` reads it.
#[must_use]
pub(super) fn history_text(progress: &Progress, chosen_on: Option<Part>) -> String {
    let mut entries = Vec::new();
    let is_eval = |one: &&Evaluated| Some(one.part) == chosen_on;
    let mut evaluations = progress.evaluations.iter().filter(is_eval).peekable();
    for (&(epoch, loss), record) in progress.train_loss.iter().zip(&progress.steps) {
        while let Some(one) = evaluations.next_if(|one| one.step < record.step) {
            entries.push(evaluated(one, "eval"));
        }
        entries.push(format!(
            "{{'loss': {}, 'grad_norm': {}, 'learning_rate': {}, 'epoch': {}, 'step': {}}}",
            number(Some(loss)),
            number(record.grad_norm),
            number(Some(record.learning_rate)),
            number(Some(epoch)),
            record.step
        ));
    }
    entries.extend(evaluations.map(|one| evaluated(one, "eval")));
    let others = progress.evaluations.iter().filter(|one| !is_eval(one));
    entries.extend(others.map(|one| evaluated(one, one.part.word())));
    format!("[{}]\n", entries.join(",\n "))
}

fn evaluated(one: &Evaluated, prefix: &str) -> String {
    let mut text = format!("{{'{prefix}_loss': {}", number(one.loss));
    for (name, value) in &one.metrics {
        let name = name.to_uppercase();
        text += &format!(", '{prefix}_{name}': {}", number(*value));
    }
    text + &format!(
        ", 'epoch': {}, 'step': {}}}",
        number(Some(one.epoch)),
        one.step
    )
}

/// A float as Python can read it back to the bit.
fn number(value: Option<f64>) -> String {
    match value.filter(|value| value.is_finite()) {
        Some(value) => format!("{value:?}"),
        None => "None".to_owned(),
    }
}
