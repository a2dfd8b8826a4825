//! Colours that stay apart for colour-blind readers, and in grey.

/// Lines and marks, apart in hue and in lightness (Okabe and Ito 2008).
pub(super) const LINES: [&str; 4] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
/// Axes.
pub(super) const AXIS: &str = "#4d4d4d";
/// Lines of the grid.
pub(super) const GRID: &str = "#e4e4e4";
/// Text that is not to be read first.
pub(super) const QUIET: &str = "#595959";
/// What is only context.
pub(super) const FAINT: &str = "#b3b3b3";
/// A class without utterances.
pub(super) const ABSENT: &str = "#f0f0f0";
/// Text.
pub(super) const DARK: &str = "#1a1a1a";
/// Text on dark colours.
pub(super) const LIGHT: &str = "#ffffff";

/// A ramp of one hue, from white to a dark blue. Its lightness falls evenly, so it reads the same
/// in grey.
const RAMP: [[u8; 3]; 5] = [
    [255, 255, 255],
    [203, 221, 236],
    [136, 178, 213],
    [65, 127, 180],
    [18, 63, 109],
];

/// The colour of a share between 0 and 1.
pub(super) fn ramp(share: f64) -> [u8; 3] {
    let share = if share.is_nan() {
        0.0
    } else {
        share.clamp(0.0, 1.0)
    };
    let place = share * (RAMP.len() - 1) as f64;
    let below = (place.floor() as usize).min(RAMP.len() - 2);
    let part = place - below as f64;
    std::array::from_fn(|channel| {
        let (a, b) = (
            f64::from(RAMP[below][channel]),
            f64::from(RAMP[below + 1][channel]),
        );
        (a + (b - a) * part).round() as u8
    })
}

/// `#rrggbb`.
pub(super) fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// All of the ramp, for a legend.
pub(super) fn ramp_colours() -> Vec<String> {
    RAMP.iter().map(|&colour| hex(colour)).collect()
}

/// Relative luminance of an sRGB colour, 0 to 1 (WCAG 2.1).
pub(super) fn luminance(colour: [u8; 3]) -> f64 {
    let [r, g, b] = colour.map(|channel| {
        let c = f64::from(channel) / 255.0;
        if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// Whichever of dark and light text has the higher contrast (WCAG 2.1) on a colour.
pub(super) fn text_on(colour: [u8; 3]) -> &'static str {
    let on = luminance(colour) + 0.05;
    let dark = luminance([0x1a; 3]) + 0.05;
    if on / dark >= 1.05 / on { DARK } else { LIGHT }
}
