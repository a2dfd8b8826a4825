//! Tests whether groups of figures differ, as scipy computes them. Each is `None` where it is not
//! defined: for too few values, or where all are equal.

use super::distributions::{chi_squared_upper, f_upper, normal_two_sided, t_two_sided};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A test by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TestKind {
    /// Mann and Whitney 1947, from all orders: exact.
    MannWhitneyExact,
    /// Mann and Whitney 1947 by the normal distribution, with corrections for ties and continuity.
    MannWhitney,
    /// Student's t of equal variances.
    StudentT,
    /// Welch 1947, for variances that differ.
    WelchT,
    /// Kruskal and Wallis 1952, corrected for ties.
    KruskalWallis,
    /// Levene 1960 around the medians (Brown and Forsythe 1974).
    Levene,
}

/// The outcome of a test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// Which test.
    pub test: TestKind,
    /// Its statistic: U of the first group, t, H or W.
    pub statistic: f64,
    /// Probability of such a statistic, or one that is further off, where groups don't differ; two-sided.
    pub p: f64,
}

impl TestKind {
    /// The name for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::MannWhitneyExact => "Mann-Whitney U (exact)",
            Self::MannWhitney => "Mann-Whitney U",
            Self::StudentT => "t test",
            Self::WelchT => "Welch's t test",
            Self::KruskalWallis => "Kruskal-Wallis",
            Self::Levene => "Levene",
        }
    }
}

/// Of samples without ties, the smaller of which has at most so many values, all orders are counted,
/// as in scipy's `mannwhitneyu`.
const EXACT: usize = 8;

/// The ranks of `values` from 1, the mean rank for equal ones, and the sum of t³ - t over groups of
/// t equal ones.
fn ranks(values: &[f64]) -> (Vec<f64>, f64) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut ties = 0.0;
    let mut from = 0;
    while from < order.len() {
        let value = values[order[from]];
        let equal = order[from..]
            .iter()
            .take_while(|&&at| values[at] == value)
            .count();
        let rank = from as f64 + (equal as f64 + 1.0) / 2.0;
        for &at in &order[from..from + equal] {
            ranks[at] = rank;
        }
        ties += (equal as f64).powi(3) - equal as f64;
        from += equal;
    }
    (ranks, ties)
}

/// Whether values of one group tend to be larger.
#[must_use]
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Option<Outcome> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let all: Vec<f64> = a.iter().chain(b).copied().collect();
    let (ranks, ties) = ranks(&all);
    let (n1, n2, n) = (a.len() as f64, b.len() as f64, all.len() as f64);
    let u1 = ranks[..a.len()].iter().sum::<f64>() - n1 * (n1 + 1.0) / 2.0;
    let larger = u1.max(n1 * n2 - u1);
    if ties == 0.0 && a.len().min(b.len()) <= EXACT {
        let p = 2.0 * exact_upper(a.len(), b.len(), larger as usize);
        return Some(Outcome {
            test: TestKind::MannWhitneyExact,
            statistic: u1,
            p: p.min(1.0),
        });
    }
    let spread = (n1 * n2 / 12.0 * (n + 1.0 - ties / (n * (n - 1.0)))).sqrt();
    // Where all are equal nothing spreads. Twice the upper tail is 1 at most, also below the middle.
    let z = (larger - n1 * n2 / 2.0 - 0.5).max(0.0) / spread;
    Some(Outcome {
        test: TestKind::MannWhitney,
        statistic: u1,
        p: if spread > 0.0 {
            normal_two_sided(z)
        } else {
            1.0
        },
    })
}

/// P(U >= u) where each order of the values is as likely. The number of orders with a given U is a
/// coefficient of the Gaussian binomial of n + m over n: the product of (1 - q^(m+i)) / (1 - q^i).
fn exact_upper(n: usize, m: usize, u: usize) -> f64 {
    let (few, many) = (n.min(m), n.max(m));
    let top = few * many;
    let mut orders = vec![0.0_f64; top + 1];
    orders[0] = 1.0;
    for i in 1..=few {
        for at in (many + i..=top).rev() {
            orders[at] -= orders[at - many - i];
        }
        for at in i..=top {
            orders[at] += orders[at - i];
        }
    }
    let all: f64 = orders.iter().sum();
    orders[u.min(top)..].iter().sum::<f64>() / all
}

/// Mean and sum of squares around it.
fn moments(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (
        mean,
        values.iter().map(|value| (value - mean).powi(2)).sum(),
    )
}

/// Whether means differ: Student's test where `equal` variances can be assumed, else Welch's.
#[must_use]
pub fn t_test(a: &[f64], b: &[f64], equal: bool) -> Option<Outcome> {
    if a.len() < 2 || b.len() < 2 {
        return None;
    }
    let (n1, n2) = (a.len() as f64, b.len() as f64);
    let ((mean1, squares1), (mean2, squares2)) = (moments(a), moments(b));
    let (variance, df) = if equal {
        let df = n1 + n2 - 2.0;
        ((squares1 + squares2) / df * (1.0 / n1 + 1.0 / n2), df)
    } else {
        let (v1, v2) = (squares1 / (n1 - 1.0) / n1, squares2 / (n2 - 1.0) / n2);
        let df = (v1 + v2).powi(2) / (v1 * v1 / (n1 - 1.0) + v2 * v2 / (n2 - 1.0));
        (v1 + v2, df)
    };
    let statistic = (mean1 - mean2) / variance.sqrt();
    if !statistic.is_finite() || df.is_nan() {
        return None;
    }
    Some(Outcome {
        test: if equal {
            TestKind::StudentT
        } else {
            TestKind::WelchT
        },
        statistic,
        p: t_two_sided(statistic, df),
    })
}

/// Whether the variances of the groups differ.
#[must_use]
pub fn levene(groups: &[&[f64]]) -> Option<Outcome> {
    let k = groups.len() as f64;
    let n: f64 = groups.iter().map(|group| group.len() as f64).sum();
    if groups.len() < 2 || groups.iter().any(|group| group.is_empty()) || n <= k {
        return None;
    }
    let distances: Vec<Vec<f64>> = groups
        .iter()
        .map(|group| {
            let middle = super::median(group);
            group.iter().map(|value| (value - middle).abs()).collect()
        })
        .collect();
    let mean = distances.iter().flatten().sum::<f64>() / n;
    let (mut between, mut within) = (0.0, 0.0);
    for group in &distances {
        let (own, squares) = moments(group);
        between += group.len() as f64 * (own - mean).powi(2);
        within += squares;
    }
    let statistic = (n - k) / (k - 1.0) * between / within;
    (!statistic.is_nan()).then(|| Outcome {
        test: TestKind::Levene,
        statistic,
        p: f_upper(statistic, k - 1.0, n - k),
    })
}

/// Whether any of the groups tends to larger values.
#[must_use]
pub fn kruskal_wallis(groups: &[&[f64]]) -> Option<Outcome> {
    if groups.len() < 2 || groups.iter().any(|group| group.is_empty()) {
        return None;
    }
    let all: Vec<f64> = groups.iter().copied().flatten().copied().collect();
    let (ranks, ties) = ranks(&all);
    let n = all.len() as f64;
    let correction = 1.0 - ties / (n * n * n - n);
    let mut from = 0;
    let mut sum = 0.0;
    for group in groups {
        let own: f64 = ranks[from..from + group.len()].iter().sum();
        sum += own * own / group.len() as f64;
        from += group.len();
    }
    let statistic = (12.0 / (n * (n + 1.0)) * sum - 3.0 * (n + 1.0)) / correction;
    (correction > 0.0 && statistic.is_finite()).then(|| Outcome {
        test: TestKind::KruskalWallis,
        statistic,
        p: chi_squared_upper(statistic, groups.len() as f64 - 1.0),
    })
}
