//! Plots: well-formed, of the expected size, the same each time, for odd input too.

use super::{
    classified,
    files::{emotions, summary},
    odd_values,
    progress::progress,
    regressed,
};
use crate::{
    config::Measure,
    data::{Part, Parts},
    protocol::Status,
    report::{
        PredictionSet, Progress, RunLine, RunsSummary, Spread, Summary, SummaryOptions,
        compare::{Comparison, Group},
        metrics::Bootstrap,
        plot::{
            self, ConfusionPlot, CountsPlot, ProgressionPlot, ReliabilityPlot, ScatterPlot,
            TimelinePlot, TimelinePoint, UncertaintyPlot, png, tree,
        },
    },
};
use proptest::prelude::*;
use resvg::{
    tiny_skia::Rect,
    usvg::{Group as SvgGroup, Node, roxmltree},
};
use std::io::Cursor;

fn confusion(set: &PredictionSet, selected_on: Option<Part>) -> String {
    ConfusionPlot {
        summary: &summary(set, Part::Test, selected_on),
        epoch: Some(3.6),
        titles: true,
    }
    .svg()
}

fn scatter(pairs: &[(f64, f32)]) -> String {
    let set = regressed(pairs);
    // Few draws: the interval of very many utterances takes its time.
    let options = SummaryOptions {
        part: Some(Part::Test),
        note: None,
        bootstrap: Bootstrap {
            resamples: 20,
            ..Bootstrap::default()
        },
        ..SummaryOptions::default()
    };
    let summary = Summary::of(&set, &options).unwrap();
    ScatterPlot {
        predictions: &set,
        summary: &summary,
        target: Some("arousal"),
        epoch: Some(4.0),
        titles: true,
    }
    .svg()
}

fn progression(progress: &Progress, measure: Measure, classes: usize) -> String {
    ProgressionPlot {
        progress,
        measure,
        classes,
        titles: true,
    }
    .svg()
}

/// Numbers that look random: the same on each machine.
fn noise(index: usize) -> f64 {
    let mixed = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 11) as f64
        / (1_u64 << 53) as f64
}

/// A set of `classes` classes with these names, right in about seven of ten utterances.
fn corpus(names: &[String], utterances: usize) -> PredictionSet {
    let classes = names.len();
    let truth: Vec<usize> = (0..utterances)
        .map(|i| (noise(i) * noise(i + 7) * classes as f64) as usize)
        .collect();
    let said: Vec<usize> = truth
        .iter()
        .enumerate()
        .map(|(i, &t)| {
            if noise(3 * i) < 0.7 {
                t
            } else {
                (noise(5 * i) * classes as f64) as usize
            }
        })
        .collect();
    let mut set = classified(classes, &truth, &said);
    set.labels = names.to_vec();
    set
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn training(steps: usize, epochs: f64, evaluations: usize) -> Progress {
    let at = |index: usize, of: usize| epochs * (index + 1) as f64 / of as f64;
    let losses: Vec<(f64, f64)> = (0..steps)
        .map(|i| {
            (
                at(i, steps),
                1.8 * (-3.0 * i as f64 / steps as f64).exp() + 0.3 * noise(i),
            )
        })
        .collect();
    let evaluations: Vec<_> = (0..evaluations)
        .map(|i| {
            let done = (i + 1) as f64 / evaluations as f64;
            let uar = 0.2 + 0.5 * (1.0 - (-4.0 * done).exp()) + 0.06 * (noise(i) - 0.5);
            (
                at(i, evaluations),
                1.6 - 0.9 * done + 0.5 * done * done,
                Some(uar),
                i * 4 == 3 * evaluations / 4 * 4,
            )
        })
        .collect();
    let mut progress = progress(&losses, &evaluations);
    for (index, evaluation) in progress.evaluations.iter_mut().enumerate() {
        let uar = evaluation.metrics["uar"].unwrap();
        evaluation
            .metrics
            .insert("acc".to_owned(), Some(uar + 0.05 + 0.02 * noise(index)));
        evaluation
            .metrics
            .insert("f1".to_owned(), Some(uar - 0.03 * noise(index + 3)));
    }
    progress
}

fn reliability(set: &PredictionSet) -> String {
    ReliabilityPlot {
        summary: &summary(set, Part::Test, Some(Part::Test)),
        epoch: Some(3.6),
        titles: true,
    }
    .svg()
}

fn uncertainty(set: &PredictionSet) -> String {
    UncertaintyPlot {
        predictions: set,
        summary: &summary(set, Part::Test, None),
        epoch: Some(3.6),
        titles: true,
    }
    .svg()
}

/// A set whose logits are no longer all alike.
fn graded(mut set: PredictionSet) -> PredictionSet {
    for (index, prediction) in set.predictions.iter_mut().enumerate() {
        for score in &mut prediction.scores {
            *score *= noise(index + 11) as f32;
        }
    }
    set
}

fn runs(measure: Measure, count: u32) -> String {
    let line = |run: u32| RunLine {
        run,
        seed: 42 + u64::from(run),
        status: Status::Finished,
        best_epoch: Some(3.0),
        metrics: ["uar", "acc", "f1", "ccc", "pcc", "mse"]
            .into_iter()
            .enumerate()
            .map(|(at, name)| {
                (
                    name.to_owned(),
                    Some(0.5 + 0.05 * at as f64 + 0.1 * noise(run as usize * 7 + at)),
                )
            })
            .collect(),
    };
    let runs: Vec<RunLine> = (0..count).map(line).collect();
    let values = runs.iter().map(|run| run.metrics[measure.word()]);
    let summary = RunsSummary {
        part: Some(Part::Test),
        measure: Some(measure),
        spread: [(measure.word().to_owned(), Spread::of(values))]
            .into_iter()
            .collect(),
        runs,
        best_run: Some(0),
        optimistic: true,
        folds: None,
    };
    plot::runs(&summary, true).unwrap()
}

fn compared(groups: &[(&str, usize)]) -> String {
    let group = |&(name, count): &(&str, usize)| {
        let values: Vec<f64> = (0..count)
            .map(|run| 0.4 + 0.3 * noise(run * 3 + name.len()))
            .collect();
        Group {
            name: name.to_owned(),
            spread: Spread::of(values.iter().copied().map(Some)),
            median: 0.5,
            optimistic: false,
            values,
        }
    };
    plot::comparison(&Comparison {
        schema: 1,
        part: Part::Test,
        measure: "uar".to_owned(),
        larger_is_better: true,
        groups: groups.iter().map(group).collect(),
        overall: None,
        pairs: Vec::new(),
        notes: Vec::new(),
    })
}

fn counts(rows: usize, most: usize) -> String {
    let row = |index: usize| {
        let count = |part: usize| (noise(index * 3 + part) * most as f64) as usize;
        let counts = Parts {
            train: count(0),
            dev: if index.is_multiple_of(4) { count(1) } else { 0 },
            test: count(2),
        };
        (
            format!(
                "speaker {index}, with a long name {}",
                "x".repeat(index % 30)
            ),
            counts,
        )
    };
    CountsPlot {
        title: "Utterances by speaker",
        rows: (0..rows).map(row).collect(),
        titles: true,
    }
    .svg()
}

/// All that the plots are looked at with, by name.
fn gallery() -> Vec<(&'static str, String)> {
    let two = names(&["female", "male"]);
    let long = names(&[
        "anger",
        "boredom and disinterest",
        "contempt",
        "disgust",
        "fear (of something specific)",
        "happiness",
        "helplessness",
        "irritation",
        "neutral",
        "sadness",
        "surprise",
        "Überraschung ʃɔːt <&> 'quoted'",
    ]);
    let six = names(&[
        "anger",
        "disgust",
        "fear",
        "happiness",
        "neutral",
        "sadness",
    ]);
    let many: Vec<String> = (0..100)
        .map(|index| format!("speaker_{index:03}"))
        .collect();
    let thirty: Vec<String> = (0..30).map(|index| format!("word {index}")).collect();
    let digits: Vec<String> = (0..10).map(|index| index.to_string()).collect();
    let mut nan = training(200, 5.0, 10);
    nan.train_loss[120..]
        .iter_mut()
        .for_each(|step| step.1 = f64::NAN);
    nan.evaluations[6..].iter_mut().for_each(|e| {
        e.loss = None;
        e.metrics.values_mut().for_each(|value| *value = None);
    });
    let mut all_nan = nan.clone();
    all_nan
        .train_loss
        .iter_mut()
        .for_each(|step| step.1 = f64::NAN);
    all_nan.evaluations.iter_mut().for_each(|e| {
        e.loss = None;
        e.metrics.values_mut().for_each(|value| *value = None);
    });
    let mut peak = training(300, 5.0, 10);
    peak.train_loss[40].1 = 900.0;
    let points = |count: usize, slope: f64, width: f64| -> Vec<(f64, f32)> {
        (0..count)
            .map(|i| {
                let truth = (noise(i) + noise(i + 900_000)) / 2.0;
                let said =
                    0.5 + slope * (truth - 0.5) + width * (noise(2 * i + 1) + noise(i + 77) - 1.0);
                (truth, said as f32)
            })
            .collect()
    };
    let mut regression = training(120, 4.0, 8);
    for evaluation in &mut regression.evaluations {
        let value = evaluation.metrics["uar"].map(|v| v * 2.0 - 0.9);
        evaluation.metrics.clear();
        evaluation.metrics.insert("ccc".to_owned(), value);
        evaluation
            .metrics
            .insert("pcc".to_owned(), value.map(|v| v + 0.1));
        evaluation
            .metrics
            .insert("mse".to_owned(), value.map(|v| 0.1 - 0.05 * v));
    }
    let timeline = |title: &str, labels: &[String], count: usize, hop: f64| {
        let points: Vec<TimelinePoint> = (0..count)
            .map(|window| {
                let values = (0..labels.len().max(1)).map(|class| noise(window + 1000 * class));
                let values: Vec<f64> = values.collect();
                let sum: f64 = if labels.is_empty() {
                    1.0
                } else {
                    values.iter().sum()
                };
                TimelinePoint {
                    start: window as f64 * hop,
                    end: window as f64 * hop + 4.0,
                    values: values.into_iter().map(|value| value / sum).collect(),
                }
            })
            .collect();
        TimelinePlot {
            title,
            labels,
            target: labels.is_empty().then_some("arousal"),
            points: &points,
        }
        .svg()
    };
    vec![
        ("timeline_1", timeline("a.wav", &two, 1, 1.0)),
        (
            "timeline_6",
            timeline("corpus/long/a_meeting.wav", &six, 40, 1.0),
        ),
        (
            "timeline_12",
            timeline(&"deep/".repeat(40), &long, 900, 1.0),
        ),
        ("timeline_value", timeline("day.wav", &[], 2000, 30.0)),
        ("confusion_2", confusion(&corpus(&two, 60), None)),
        (
            "confusion_6",
            confusion(&corpus(&six, 318), Some(Part::Test)),
        ),
        ("confusion_absent", confusion(&emotions(), None)),
        ("confusion_10", confusion(&corpus(&digits, 4000), None)),
        ("confusion_12_long", confusion(&corpus(&long, 900), None)),
        ("confusion_30", confusion(&corpus(&thirty, 1500), None)),
        ("confusion_100", confusion(&corpus(&many, 2000), None)),
        (
            "progression",
            progression(&training(200, 5.0, 25), Measure::Uar, 6),
        ),
        (
            "progression_long",
            progression(&training(12_000, 50.0, 250), Measure::Acc, 6),
        ),
        (
            "progression_1",
            progression(&training(3, 1.0, 1), Measure::Uar, 2),
        ),
        ("progression_nan", progression(&nan, Measure::Uar, 6)),
        (
            "progression_all_nan",
            progression(&all_nan, Measure::Uar, 6),
        ),
        ("progression_peak", progression(&peak, Measure::F1, 6)),
        ("progression_ccc", progression(&regression, Measure::Ccc, 0)),
        ("progression_mse", progression(&regression, Measure::Mse, 0)),
        ("reliability", reliability(&graded(corpus(&six, 318)))),
        ("reliability_sure", reliability(&emotions())),
        ("reliability_100", reliability(&graded(corpus(&many, 5000)))),
        ("uncertainty", uncertainty(&graded(corpus(&six, 318)))),
        ("uncertainty_2", uncertainty(&corpus(&two, 60))),
        ("uncertainty_5000", uncertainty(&graded(corpus(&six, 5000)))),
        (
            "uncertainty_all_right",
            uncertainty(&classified(2, &[0, 1], &[0, 1])),
        ),
        ("runs", runs(Measure::Uar, 10)),
        ("runs_2", runs(Measure::Ccc, 2)),
        ("runs_mse", runs(Measure::Mse, 40)),
        (
            "comparison",
            compared(&[("wavlm_base", 5), ("wavlm_large", 1), ("hubert", 40)]),
        ),
        (
            "comparison_long",
            compared(&[
                (
                    "an experiment whose name is much longer than any plot is wide",
                    5,
                ),
                ("b", 300),
            ]),
        ),
        ("counts", counts(4, 60)),
        ("counts_1", counts(1, 2)),
        ("counts_30", counts(30, 5000)),
        ("counts_200", counts(200, 10)),
        ("scatter", scatter(&points(318, 0.6, 0.15))),
        ("scatter_5000", scatter(&points(5000, 0.8, 0.1))),
        ("scatter_20000", scatter(&points(20_000, 0.8, 0.1))),
        ("scatter_constant", scatter(&[(0.5, 0.5); 12])),
        (
            "scatter_constant_prediction",
            scatter(&points(40, 0.0, 0.0)),
        ),
        (
            "scatter_two",
            scatter(&[(1e6, 1.000_001e6), (1.000_002e6, 1.000_000_5e6)]),
        ),
        (
            "scatter_huge",
            scatter(&[(-4e12, 3e12), (2e12, 1e12), (8e12, 9e12)]),
        ),
    ]
}

/// Width and height of the SVG.
fn size(svg: &str) -> [f64; 2] {
    let document = roxmltree::Document::parse(svg).unwrap();
    let root = document.root_element();
    ["width", "height"].map(|name| root.attribute(name).unwrap().parse().unwrap())
}

/// With `VOXTUNE_PLOTS=folder` the gallery is written there, to be looked at.
#[test]
fn every_plot_is_well_formed_and_nothing_is_cut_or_covered() {
    let folder = std::env::var("VOXTUNE_PLOTS").ok();
    for (name, svg) in gallery() {
        if let Some(folder) = &folder {
            std::fs::write(format!("{folder}/{name}.svg"), &svg).unwrap();
            std::fs::write(format!("{folder}/{name}.png"), png(&svg).unwrap()).unwrap();
        }
        let [width, height] = size(&svg);
        let texts = texts(&svg);
        for (text, bounds, _) in &texts {
            let inside = bounds.left() >= 0.0
                && bounds.top() >= 0.0
                && f64::from(bounds.right()) <= width
                && f64::from(bounds.bottom()) <= height;
            assert!(inside, "{name}: `{text}` leaves the image: {bounds:?}");
        }
        for (index, (text, a, slanted)) in texts.iter().enumerate() {
            for (other, b, other_slanted) in &texts[index + 1..] {
                // The bounds of slanted text are much larger than the text.
                if *slanted || *other_slanted {
                    continue;
                }
                let wide = a.right().min(b.right()) - a.left().max(b.left());
                let high = a.bottom().min(b.bottom()) - a.top().max(b.top());
                assert!(wide < 0.5 || high < 0.5, "{name}: `{text}` over `{other}`");
            }
        }
    }
}

/// Each text with its bounds, and whether it is slanted.
fn texts(svg: &str) -> Vec<(String, Rect, bool)> {
    fn collect(group: &SvgGroup, texts: &mut Vec<(String, Rect, bool)>) {
        for node in group.children() {
            match node {
                Node::Group(group) => collect(group, texts),
                Node::Text(text) => {
                    let words: Vec<&str> = text.chunks().iter().map(|chunk| chunk.text()).collect();
                    let turn = text.abs_transform();
                    let slanted = turn.kx != 0.0 && turn.sx.abs() > 0.1;
                    texts.push((words.concat(), ink(text.flattened()), slanted));
                }
                Node::Path(_) | Node::Image(_) => {}
            }
        }
    }
    fn ink(group: &SvgGroup) -> Rect {
        group.abs_bounding_box()
    }
    let mut texts = Vec::new();
    collect(tree(svg).unwrap().root(), &mut texts);
    assert!(!texts.is_empty(), "there is text");
    texts
}

#[test]
fn a_png_has_300_dots_an_inch() {
    let svg = confusion(&emotions(), None);
    let bytes = png(&svg).unwrap();
    let mut reader = png::Decoder::new(Cursor::new(&bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    let expected = size(&svg).map(|side| (side * 300.0 / 96.0).ceil() as u32);
    assert_eq!([info.width, info.height], expected);
    // 300 / 0.0254 m.
    assert_eq!(reader.info().pixel_dims.unwrap().xppu, 11811);
    assert_eq!(pixels[..3], [255; 3], "white paper");
    let dark = pixels.chunks(3).filter(|pixel| pixel[0] < 90).count();
    assert!(dark * 200 > pixels.len() / 3, "text and lines are drawn");
    assert_eq!(bytes, png(&svg).unwrap(), "the same bytes each time");
}

#[test]
fn what_is_not_svg_is_no_png() {
    assert!(png("<svg").is_err());
    assert!(png("").is_err());
}

#[test]
fn numbers_of_the_matrix_are_counts_and_shares_of_the_true_class() {
    let words: Vec<String> = texts(&confusion(&emotions(), None))
        .into_iter()
        .map(|t| t.0)
        .collect();
    for text in [
        "75%",
        "33%",
        "20%",
        "UAR 0.739 [0.440, 1.000], ACC 0.750 [0.500, 1.000]",
        "boredom",
    ] {
        assert!(words.iter().any(|word| word == text), "{text} in {words:?}");
    }
}

#[test]
fn titles_can_be_left_out_but_not_the_note() {
    let plot = |titles| {
        let summary = summary(&emotions(), Part::Test, Some(Part::Test));
        let svg = ConfusionPlot {
            summary: &summary,
            epoch: None,
            titles,
        }
        .svg();
        texts(&svg)
            .into_iter()
            .map(|text| text.0)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert!(plot(true).contains("UAR 0.739") && plot(true).contains("optimistic"));
    assert!(!plot(false).contains("UAR 0.739") && plot(false).contains("optimistic"));
}

#[test]
fn the_line_of_a_scatter_plot_is_least_squares() {
    // numpy.polyfit([0, 1, 2, 3], [1, 3, 2, 5], 1) is [1.1, 1.1]: from (0, 1.1) to (3, 4.4).
    let svg = scatter(&[(0.0, 1.0), (1.0, 3.0), (2.0, 2.0), (3.0, 5.0)]);
    let document = roxmltree::Document::parse(&svg).unwrap();
    let path = document
        .descendants()
        .find(|node| node.has_tag_name("path"))
        .unwrap();
    let numbers: Vec<f64> = path
        .attribute("d")
        .unwrap()
        .split(['M', 'L', ' '])
        .filter_map(|number| number.parse().ok())
        .collect();
    let circles: Vec<[f64; 2]> = document
        .descendants()
        .filter(|node| node.has_tag_name("circle"))
        .map(|node| ["cx", "cy"].map(|name| node.attribute(name).unwrap().parse().unwrap()))
        .collect();
    // px a unit, from the first and the last point.
    let unit = (circles[3][0] - circles[0][0]) / 3.0;
    let [x, y] = circles[0];
    let end = [numbers[numbers.len() - 2], numbers[numbers.len() - 1]];
    assert!((numbers[0] - x).abs() < 0.2 && (numbers[1] - (y - 0.1 * unit)).abs() < 0.2);
    assert!((end[0] - (x + 3.0 * unit)).abs() < 0.2 && (end[1] - (y - 3.4 * unit)).abs() < 0.2);
}

#[test]
fn the_test_part_at_the_end_does_not_lengthen_the_lines() {
    let mut history = training(40, 5.0, 10);
    let marks = |history: &Progress| {
        let svg = progression(history, Measure::Uar, 6);
        assert!(
            texts(&svg)
                .iter()
                .any(|text| text.0 == "chosen on the dev part, evaluation 8 of 10")
        );
        svg.matches("<circle").count()
    };
    let before = marks(&history);
    let mut last = history.best().unwrap().clone();
    (last.part, last.best) = (Part::Test, false);
    history.evaluations.push(last);
    // Its loss is a square.
    assert_eq!(marks(&history), before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_predictions_give_a_plot(set in odd_values::set(), epoch in prop::option::of(odd_values::number())) {
        let options = SummaryOptions {
            bootstrap: Bootstrap { resamples: 20, ..Bootstrap::default() },
            ..SummaryOptions::default()
        };
        if let Ok(summary) = Summary::of(&set, &options) {
            let svg = if set.labels.is_empty() {
                let predictions = &set;
                ScatterPlot { predictions, summary: &summary, target: Some("<&>"), epoch, titles: true }.svg()
            } else {
                let reliability = ReliabilityPlot { summary: &summary, epoch, titles: true }.svg();
                let uncertainty = UncertaintyPlot { predictions: &set, summary: &summary, epoch, titles: true }.svg();
                prop_assert!(!texts(&reliability).is_empty());
                prop_assert!(!texts(&uncertainty).is_empty());
                ConfusionPlot { summary: &summary, epoch, titles: true }.svg()
            };
            prop_assert!(!texts(&svg).is_empty());
        }
    }

    #[test]
    fn any_progress_gives_a_plot(
        steps in prop::collection::vec((odd_values::number(), odd_values::number()), 0..20),
        evaluations in prop::collection::vec(
            (odd_values::number(), odd_values::number(), prop::option::of(odd_values::number()), any::<bool>()),
            0..6,
        ),
        measure in prop::sample::select(vec![Measure::Uar, Measure::Ccc, Measure::Mse]),
    ) {
        let svg = progression(&progress(&steps, &evaluations), measure, 3);
        prop_assert!(!texts(&svg).is_empty());
    }
}
