//! Ranges, ticks and axes.

use super::{
    font,
    palette::{AXIS, GRID},
    svg::{Anchor, Stroke, Style, Svg},
};

/// Size of the numbers at ticks, px per em.
pub(super) const TICK_SIZE: f64 = 10.0;
/// Size of an axis's name.
pub(super) const NAME_SIZE: f64 = 11.0;
/// Larger numbers could not be subtracted.
const LARGEST: f64 = 1e300;

/// What an axis shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// Numbers along an axis, with their texts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ticks {
    pub(super) values: Vec<f64>,
    pub(super) labels: Vec<String>,
}

impl Range {
    /// The range of what is finite; `None` of nothing. Equal values get a range around them.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut range: Option<Self> = None;
        for value in values.into_iter().filter(|value| value.is_finite()) {
            let value = value.clamp(-LARGEST, LARGEST);
            let known = range.unwrap_or(Self {
                low: value,
                high: value,
            });
            range = Some(Self {
                low: known.low.min(value),
                high: known.high.max(value),
            });
        }
        let range = range?;
        let size = range.low.abs().max(range.high.abs());
        if range.high - range.low > size * 1e-9 {
            return Some(range);
        }
        let around = if size > 0.0 { size * 0.1 } else { 0.5 };
        Some(Self {
            low: range.low - around,
            high: range.high + around,
        })
    }

    /// Wider by `share` of its width at both ends.
    pub(super) fn padded(self, share: f64) -> Self {
        let more = (self.high - self.low) * share;
        Self {
            low: self.low - more,
            high: self.high + more,
        }
    }

    /// Inside of the bounds, where it has a part there.
    pub(super) fn within(self, low: f64, high: f64) -> Self {
        let inside = Self {
            low: self.low.max(low),
            high: self.high.min(high),
        };
        if inside.low < inside.high {
            inside
        } else {
            self
        }
    }

    /// Where a value lies between `from` (the low end) and `to`, in px.
    pub(super) fn place(self, value: f64, from: f64, to: f64) -> f64 {
        from + (value - self.low) / (self.high - self.low) * (to - from)
    }

    /// Round numbers inside the range, about `count` of them: 1, 2 or 5 times a power of ten apart.
    pub(super) fn ticks(self, count: f64) -> Ticks {
        let rough = (self.high - self.low) / count.max(1.0);
        let power = 10_f64.powf(rough.log10().floor());
        let far = |step: f64| (step / rough).ln().abs();
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|round| round * power)
            .into_iter()
            .min_by(|a, b| far(*a).total_cmp(&far(*b)))
            .unwrap_or(rough);
        let first = (self.low / step - 1e-6).ceil();
        let values: Vec<f64> = (0..40)
            .map(|index| (first + f64::from(index)) * step)
            .take_while(|value| *value <= self.high + step * 1e-6)
            .collect();
        let labels = values
            .iter()
            .map(|value| label(*value, step, self))
            .collect();
        Ticks { values, labels }
    }

    /// As [`Self::ticks`], but fewer where their texts would not stand side by side in `width` px.
    pub(super) fn ticks_side_by_side(self, count: f64, width: f64) -> Ticks {
        let mut count = count;
        loop {
            let ticks = self.ticks(count);
            let needed = (ticks.width() + 10.0) * ticks.values.len() as f64;
            if count <= 1.0 || needed <= width {
                return ticks;
            }
            count -= 1.0;
        }
    }
}

impl Ticks {
    /// Those of whole numbers, for counts.
    pub(super) fn whole(self) -> Self {
        let (values, labels) = self
            .values
            .into_iter()
            .filter(|value| (value - value.round()).abs() < 1e-6)
            .map(|value| (value, format!("{value:.0}")))
            .unzip();
        Self { values, labels }
    }

    /// Width of the widest text, px.
    pub(super) fn width(&self) -> f64 {
        let widths = self
            .labels
            .iter()
            .map(|label| font::width(label, TICK_SIZE));
        widths.fold(0.0, f64::max)
    }
}

/// A number with the decimals that its step needs, and a true minus sign; powers of ten where
/// there would be many zeros.
fn label(value: f64, step: f64, range: Range) -> String {
    let size = range.low.abs().max(range.high.abs());
    let exponent = step.log10().floor() as i32;
    let text = if size >= 1e6 && exponent >= 3 || size < 1e-3 {
        let power = size.log10().floor() as i32;
        let decimals = (power - exponent).clamp(0, 9) as usize;
        let mantissa = value / 10_f64.powi(power);
        if value.abs() < step * 0.5 {
            "0".to_owned()
        } else {
            format!("{mantissa:.decimals$}·10{}", superscript(power))
        }
    } else {
        let decimals = (-exponent).clamp(0, 9) as usize;
        // Adding 0 makes -0 a 0.
        let value = if value.abs() < step * 1e-6 {
            0.0
        } else {
            value
        };
        format!("{value:.decimals$}")
    };
    text.replace('-', "−")
}

fn superscript(number: i32) -> String {
    number
        .to_string()
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            '4'..='9' => char::from_u32('⁴' as u32 + (c as u32 - '4' as u32)).unwrap_or(c),
            _ => '⁰',
        })
        .collect()
}

/// The rectangle that data are drawn into, with its two ranges.
#[derive(Debug, Clone, Copy)]
pub(super) struct Panel {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) x: Range,
    pub(super) y: Range,
}

impl Panel {
    /// x, y, width, height.
    pub(super) fn bounds(&self) -> [f64; 4] {
        [self.left, self.top, self.width, self.height]
    }

    pub(super) fn right(&self) -> f64 {
        self.left + self.width
    }

    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// Where a point of the data lies, px.
    pub(super) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (
            self.x.place(x, self.left, self.right()),
            self.y.place(y, self.bottom(), self.top),
        )
    }

    /// Lines of the grid and both axes with their ticks. `numbers_below`: whether the horizontal
    /// axis shows its numbers.
    pub(super) fn axes(&self, svg: &mut Svg, x: &Ticks, y: &Ticks, numbers_below: bool) {
        let axis = Stroke::new(AXIS, 1.0);
        let (left, right, top, bottom) = (self.left, self.right(), self.top, self.bottom());
        for (value, label) in y.values.iter().zip(&y.labels) {
            let (_, at) = self.at(self.x.low, *value);
            svg.line([left, at, right, at], Stroke::new(GRID, 0.8));
            svg.line([left - 4.0, at, left, at], axis);
            let style = Style::new(TICK_SIZE).anchor(Anchor::End);
            svg.text((left - 7.0, at + TICK_SIZE * 0.36), label, style);
        }
        for (value, label) in x.values.iter().zip(&x.labels) {
            let (at, _) = self.at(*value, self.y.low);
            svg.line([at, bottom, at, bottom + 4.0], axis);
            if numbers_below {
                let style = Style::new(TICK_SIZE).anchor(Anchor::Middle);
                svg.text((at, bottom + 6.0 + TICK_SIZE), label, style);
            }
        }
        svg.line([left, top, left, bottom + 0.5], axis);
        svg.line([left - 0.5, bottom, right, bottom], axis);
    }

    /// The horizontal axis's name, `below` px under the axis.
    pub(super) fn name_x(&self, svg: &mut Svg, name: &str, below: f64) {
        let style = Style::new(NAME_SIZE).anchor(Anchor::Middle);
        let name = font::fitted(name, NAME_SIZE, self.width);
        svg.text(
            (self.left + self.width / 2.0, self.bottom() + below),
            &name,
            style,
        );
    }

    /// The vertical axis's name, turned, at `x` px.
    pub(super) fn name_y(&self, svg: &mut Svg, name: &str, x: f64) {
        let style = Style::new(NAME_SIZE).anchor(Anchor::Middle).turn(-90.0);
        let name = font::fitted(name, NAME_SIZE, self.height);
        svg.text((x, self.top + self.height / 2.0), &name, style);
    }
}
