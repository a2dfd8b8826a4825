//! What differs between two texts, line by line.

/// A line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// It stands in both.
    Same(String),
    /// It stands in the first only.
    Gone(String),
    /// It stands in the second only.
    New(String),
}

/// Texts with more lines than this are compared as a whole.
const MOST: usize = 3000;

/// The shortest way from `old` to `new` in lines, by their longest common subsequence.
pub(super) fn lines(old: &str, new: &str) -> Vec<Change> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let end = old[start..]
        .iter()
        .rev()
        .zip(new[start..].iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let same = |lines: &[&str]| {
        lines
            .iter()
            .map(|line| Change::Same((*line).to_owned()))
            .collect::<Vec<_>>()
    };
    let mut changes = same(&old[..start]);
    changes.extend(middle(
        &old[start..old.len() - end],
        &new[start..new.len() - end],
    ));
    changes.extend(same(&old[old.len() - end..]));
    changes
}

fn middle(old: &[&str], new: &[&str]) -> Vec<Change> {
    let gone = |line: &&str| Change::Gone((*line).to_owned());
    let added = |line: &&str| Change::New((*line).to_owned());
    if old.len() > MOST || new.len() > MOST {
        return old.iter().map(gone).chain(new.iter().map(added)).collect();
    }
    // Length of the longest common subsequence of what follows on a pair of lines.
    let width = new.len() + 1;
    let mut longest = vec![0u16; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * width + j] = if old[i] == new[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut changes = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            changes.push(Change::Same(old[i].to_owned()));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len()
            || (i < old.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1])
        {
            changes.push(gone(&old[i]));
            i += 1;
        } else {
            changes.push(added(&new[j]));
            j += 1;
        }
    }
    changes
}
