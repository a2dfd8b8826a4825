//! What holds of every set of predictions.

use super::{classified, regressed};
use crate::report::{
    Summary, SummaryOptions,
    metrics::{Agreement, Bootstrap, Confusion},
};
use proptest::prelude::*;

fn classes() -> impl Strategy<Value = (usize, Vec<(usize, usize)>)> {
    (2_usize..8).prop_flat_map(|classes| {
        (
            Just(classes),
            prop::collection::vec((0..classes, 0..classes), 1..60),
        )
    })
}

fn values() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((-5.0..5.0, -5.0..5.0), 1..60)
}

fn split<A: Copy, B: Copy>(pairs: &[(A, B)]) -> (Vec<A>, Vec<B>) {
    pairs.iter().copied().unzip()
}

fn few() -> SummaryOptions {
    SummaryOptions {
        bootstrap: Bootstrap {
            resamples: 50,
            ..Bootstrap::default()
        },
        ..SummaryOptions::default()
    }
}

proptest! {
    #[test]
    fn figures_of_classes_lie_between_0_and_1((classes, pairs) in classes()) {
        let (truth, said) = split(&pairs);
        let summary = Summary::of(&classified(classes, &truth, &said), &few()).unwrap();
        for (name, measured) in &summary.metrics {
            let Some(value) = measured.value else {
                // One of two classes may be missing.
                prop_assert!(["sensitivity", "specificity", "eer"].contains(&name.as_str()), "{name}");
                continue;
            };
            let most = if name == "brier" { 2.0 } else { 1.0 };
            prop_assert!((0.0..=most).contains(&value), "{name} {value}");
            for interval in [measured.interval(), measured.by_speaker].into_iter().flatten() {
                prop_assert!(interval.low <= interval.high);
                prop_assert!(interval.low >= 0.0 && interval.high <= most);
            }
        }
        let support: u64 = summary.classes.iter().map(|class| class.scores.support).sum();
        prop_assert_eq!(support, pairs.len() as u64);
    }

    #[test]
    fn agreement_lies_in_its_ranges(pairs in values()) {
        let agreement = Agreement::of_pairs(&pairs);
        for value in [agreement.ccc, agreement.pcc].into_iter().flatten() {
            prop_assert!((-1.0..=1.0).contains(&value));
        }
        if let (Some(ccc), Some(pcc)) = (agreement.ccc, agreement.pcc) {
            prop_assert!(ccc.abs() <= pcc.abs() + 1e-12, "CCC {ccc}, PCC {pcc}");
        }
        let (mse, mae) = (agreement.mse.unwrap(), agreement.mae.unwrap());
        prop_assert!(mae * mae <= mse * (1.0 + 1e-12), "Jensen: MAE {mae}, MSE {mse}");
        prop_assert!(agreement.r2.is_none_or(|r2| r2 <= 1.0));
    }

    #[test]
    fn order_of_the_utterances_does_not_matter((classes, pairs) in classes(), by in 0_usize..60) {
        let mut turned = pairs.clone();
        turned.rotate_left(by % pairs.len());
        let confusion = |pairs: &[(usize, usize)]| {
            let (truth, said) = split(pairs);
            Confusion::of(&classified(classes, &truth, &said)).unwrap()
        };
        prop_assert_eq!(confusion(&pairs), confusion(&turned));
    }

    #[test]
    fn order_of_the_values_does_not_matter(pairs in values(), by in 0_usize..60) {
        let mut turned = pairs.clone();
        turned.rotate_left(by % pairs.len());
        let (a, b) = (Agreement::of_pairs(&pairs), Agreement::of_pairs(&turned));
        for (a, b) in [(a.ccc, b.ccc), (a.pcc, b.pcc), (a.mse, b.mse), (a.mae, b.mae)] {
            prop_assert_eq!(a.is_some(), b.is_some());
            prop_assert!((a.unwrap_or(0.0) - b.unwrap_or(0.0)).abs() < 1e-9);
        }
    }

    #[test]
    fn names_of_the_classes_do_not_matter((classes, pairs) in classes()) {
        let renamed: Vec<(usize, usize)> =
            pairs.iter().map(|&(t, p)| (classes - 1 - t, classes - 1 - p)).collect();
        let figures = |pairs: &[(usize, usize)]| {
            let (truth, said) = split(pairs);
            let confusion = Confusion::of(&classified(classes, &truth, &said)).unwrap();
            [confusion.uar(), confusion.accuracy(), confusion.macro_f1()].map(Option::unwrap)
        };
        for (a, b) in figures(&pairs).into_iter().zip(figures(&renamed)) {
            prop_assert!((a - b).abs() < 1e-12);
        }
    }

    #[test]
    fn perfect_predictions_are_1((classes, pairs) in classes(), values in values()) {
        let (truth, _) = split(&pairs);
        let summary = Summary::of(&classified(classes, &truth, &truth), &few()).unwrap();
        for (name, measured) in &summary.metrics {
            match name.as_str() {
                "eer" => prop_assert!(measured.value.is_none_or(|value| value == 0.0)),
                // Logits of 4 and 0 leave something to the other classes.
                "brier" | "ece" => prop_assert!(measured.value.is_some_and(|value| value < 0.2)),
                "sensitivity" | "specificity" => {
                    prop_assert!(measured.value.is_none_or(|value| value == 1.0));
                }
                _ => {
                    prop_assert_eq!(measured.value, Some(1.0));
                    prop_assert!(measured.low.is_none_or(|low| low == 1.0));
                }
            }
        }
        // Truths that a 32-bit prediction can hold.
        let exact: Vec<(f64, f32)> = values.iter().map(|&(t, _)| (f64::from(t as f32), t as f32)).collect();
        let summary = Summary::of(&regressed(&exact), &few()).unwrap();
        for (name, best) in [("ccc", 1.0), ("pcc", 1.0), ("r2", 1.0), ("mse", 0.0), ("mae", 0.0)] {
            if let Some(value) = summary.value(name) {
                prop_assert!((value - best).abs() < 1e-9, "{name} {value}");
            }
        }
    }
}
