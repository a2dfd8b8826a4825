//! Ticks, colours, text: what plots are made of.

use super::{
    axis::Range,
    font::{fitted, width, wrapped},
    palette::{LINES, luminance, ramp, text_on},
    svg::escaped,
};
use proptest::prelude::*;

fn labels(low: f64, high: f64) -> Vec<String> {
    Range { low, high }.ticks(5.0).labels
}

#[test]
fn ticks_are_round_numbers() {
    assert_eq!(labels(0.0, 1.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    assert_eq!(
        labels(0.13, 0.19),
        ["0.13", "0.14", "0.15", "0.16", "0.17", "0.18", "0.19"]
    );
    assert_eq!(labels(-1.0, 1.0), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
    assert_eq!(labels(0.0, 30.0), ["0", "5", "10", "15", "20", "25", "30"]);
    assert_eq!(labels(-4e12, 6e12)[..3], ["−4·10¹²", "−2·10¹²", "0"]);
    assert_eq!(labels(0.0, 4e-5)[1..3], ["1·10⁻⁵", "2·10⁻⁵"]);
    assert_eq!(labels(1e6, 1_000_002.0)[..2], ["1000000.0", "1000000.5"]);
}

#[test]
fn equal_values_get_a_range() {
    assert_eq!(Range::of([]), None);
    assert_eq!(Range::of([f64::NAN, f64::INFINITY]), None);
    assert_eq!(
        Range::of([0.0, 0.0]),
        Some(Range {
            low: -0.5,
            high: 0.5
        })
    );
    assert_eq!(
        Range::of([10.0, f64::NAN]),
        Some(Range {
            low: 9.0,
            high: 11.0
        })
    );
}

#[test]
fn the_ramp_darkens_evenly_and_its_text_can_be_read() {
    let light: Vec<f64> = (0..=100)
        .map(|p| luminance(ramp(f64::from(p) / 100.0)))
        .collect();
    assert!(light.windows(2).all(|pair| pair[0] > pair[1]));
    // Lightness (CIE 1976) of the middle is about that of the middle of both ends.
    let lightness = |y: f64| 116.0 * y.cbrt() - 16.0;
    let middle = (lightness(light[0]) + lightness(light[100])) / 2.0;
    assert!((lightness(light[50]) - middle).abs() < 8.0);
    for percent in 0..=100 {
        let colour = ramp(f64::from(percent) / 100.0);
        let text = if text_on(colour) == "#ffffff" {
            1.0
        } else {
            luminance([0x1a; 3])
        };
        let (a, b) = (luminance(colour) + 0.05, text + 0.05);
        assert!(a.max(b) / a.min(b) > 4.0, "{percent} %");
    }
    assert_eq!(ramp(f64::NAN), [255, 255, 255]);
}

#[test]
fn colours_of_lines_are_apart_in_grey() {
    let mut grey: Vec<f64> = LINES
        .iter()
        .map(|colour| {
            let channel = |at| u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
            luminance([channel(1), channel(3), channel(5)])
        })
        .collect();
    grey.sort_by(f64::total_cmp);
    assert!(
        grey.windows(2).all(|pair| pair[1] - pair[0] > 0.015),
        "{grey:?}"
    );
}

#[test]
fn text_is_measured_in_the_embedded_font() {
    // Advance widths of Noto Sans, units of 1/1000 em: n 618, i 258, ʃ 359.
    assert!((width("nn", 10.0) - 12.36).abs() < 1e-3);
    assert!((width("i", 1000.0) - 258.0).abs() < 0.5);
    assert!(
        width("ʃɔː", 10.0) > 8.0 && width("ʃɔː", 10.0) < 20.0,
        "IPA is there"
    );
    assert_eq!(width("語", 10.0), 10.0);
}

#[test]
fn what_xml_forbids_is_replaced() {
    assert_eq!(
        escaped("<a&\"b\">\n\u{0}\u{1b}\u{ffff}ä"),
        "&lt;a&amp;&quot;b&quot;&gt; \u{fffd}\u{fffd}\u{fffd}ä"
    );
}

proptest! {
    #[test]
    fn ticks_lie_inside_and_are_told_apart(a in -1e9_f64..1e9, size in 1e-6_f64..1e9) {
        prop_assume!(size > a.abs() * 1e-6);
        let range = Range { low: a, high: a + size };
        let ticks = range.ticks(5.0);
        prop_assert!((2..=12).contains(&ticks.values.len()), "{ticks:?}");
        for pair in ticks.values.windows(2) {
            prop_assert!(pair[0] < pair[1]);
        }
        for pair in ticks.labels.windows(2) {
            prop_assert_ne!(&pair[0], &pair[1]);
        }
        for value in &ticks.values {
            let share = (value - range.low) / size;
            prop_assert!((-1e-3..=1.001).contains(&share), "{ticks:?}");
        }
    }

    #[test]
    fn any_range_has_finite_places(values in prop::collection::vec(any::<f64>(), 0..6)) {
        if let Some(range) = Range::of(values.iter().copied()) {
            prop_assert!(range.low < range.high && range.low.is_finite() && range.high.is_finite());
            let ticks = range.padded(0.04).ticks_side_by_side(6.0, 300.0);
            prop_assert!(ticks.values.len() < 40);
            for value in ticks.values {
                prop_assert!(range.place(value, 0.0, 1.0).is_finite());
            }
        }
    }

    #[test]
    fn texts_fit(text in ".{0,60}", limit in 20.0_f64..200.0) {
        prop_assert!(width(&fitted(&text, 10.0, limit), 10.0) <= limit);
        for line in wrapped(&text, 10.0, limit) {
            prop_assert!(width(&line, 10.0) <= limit);
        }
    }
}
