//! A small writer of SVG.

use super::font::FAMILY;
use std::fmt::{Display, Write};

/// An image under construction. Lengths are CSS px: 96 an inch.
#[derive(Debug)]
pub(super) struct Svg {
    width: f64,
    height: f64,
    body: String,
}

/// How a text stands at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// px per em.
    pub(super) size: f64,
    pub(super) fill: &'static str,
    pub(super) anchor: Anchor,
    /// Degrees, clockwise around the point.
    pub(super) turn: f64,
}

/// A line's look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stroke {
    pub(super) colour: &'static str,
    pub(super) width: f64,
    /// Lengths of strokes and gaps; empty is solid.
    pub(super) dashes: &'static str,
}

impl Style {
    /// Black, upright, beginning at its point.
    pub(super) fn new(size: f64) -> Self {
        Self {
            size,
            fill: "#1a1a1a",
            anchor: Anchor::Start,
            turn: 0.0,
        }
    }

    pub(super) fn fill(self, fill: &'static str) -> Self {
        Self { fill, ..self }
    }

    pub(super) fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(super) fn turn(self, turn: f64) -> Self {
        Self { turn, ..self }
    }
}

impl Stroke {
    /// A solid line.
    pub(super) fn new(colour: &'static str, width: f64) -> Self {
        Self {
            colour,
            width,
            dashes: "",
        }
    }

    pub(super) fn dashed(self, dashes: &'static str) -> Self {
        Self { dashes, ..self }
    }
}

impl Svg {
    /// A white image of the given size in px. `title` and `description` are for screen readers.
    pub(super) fn new(width: f64, height: f64, title: &str, description: &str) -> Self {
        let (width, height) = (width.ceil(), height.ceil());
        let mut svg = Self {
            width,
            height,
            body: String::new(),
        };
        let _ = writeln!(svg.body, "<title>{}</title>", escaped(title));
        let _ = writeln!(svg.body, "<desc>{}</desc>", escaped(description));
        svg.rect([0.0, 0.0, width, height], "#ffffff");
        svg
    }

    /// The whole image.
    pub(super) fn finish(self) -> String {
        let (w, h) = (Number(self.width), Number(self.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\" role=\"img\" font-family=\"{FAMILY}\">\n{}</svg>\n",
            self.body
        )
    }

    /// A filled rectangle without a border: x, y, width, height.
    pub(super) fn rect(&mut self, [x, y, w, h]: [f64; 4], fill: &str) {
        let [x, y, w, h] = [x, y, w, h].map(Number);
        let _ = writeln!(
            self.body,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{fill}\"/>"
        );
    }

    /// A rectangle's border.
    pub(super) fn frame(&mut self, [x, y, w, h]: [f64; 4], stroke: Stroke) {
        let [x, y, w, h] = [x, y, w, h].map(Number);
        let _ = writeln!(
            self.body,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"none\"{stroke}/>"
        );
    }

    /// A straight line: from x, y to x, y.
    pub(super) fn line(&mut self, [x1, y1, x2, y2]: [f64; 4], stroke: Stroke) {
        let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(Number);
        let _ = writeln!(
            self.body,
            "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"{stroke}/>"
        );
    }

    /// A line through points, with gaps where one is not finite. A point between two gaps is
    /// drawn as a dot by its round ends.
    pub(super) fn polyline(
        &mut self,
        points: impl IntoIterator<Item = (f64, f64)>,
        stroke: Stroke,
    ) {
        let mut path = String::new();
        let mut begun = false;
        for (x, y) in points {
            if !(x.is_finite() && y.is_finite()) {
                begun = false;
                continue;
            }
            let (x, y) = (Number(x), Number(y));
            let _ = if begun {
                write!(path, "L{x} {y}")
            } else {
                write!(path, "M{x} {y}L{x} {y}")
            };
            begun = true;
        }
        if !path.is_empty() {
            let _ = writeln!(
                self.body,
                "<path d=\"{path}\" fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\"{stroke}/>"
            );
        }
    }

    /// A closed filled shape with a border of its colour.
    pub(super) fn polygon(&mut self, points: &[(f64, f64)], fill: &str) {
        let points: Vec<String> = points
            .iter()
            .map(|&(x, y)| format!("{},{}", Number(x), Number(y)))
            .collect();
        let _ = writeln!(
            self.body,
            "<polygon points=\"{}\" fill=\"{fill}\"/>",
            points.join(" ")
        );
    }

    /// A filled circle, transparent to the degree of `opacity` (1 is opaque).
    pub(super) fn circle(&mut self, (x, y): (f64, f64), radius: f64, fill: &str, opacity: f64) {
        let (x, y, r) = (Number(x), Number(y), Number(radius));
        let _ = write!(
            self.body,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" fill=\"{fill}\""
        );
        if opacity < 1.0 {
            let _ = write!(self.body, " fill-opacity=\"{}\"", Number(opacity));
        }
        self.body.push_str("/>\n");
    }

    /// A circle's border.
    pub(super) fn ring(&mut self, (x, y): (f64, f64), radius: f64, stroke: Stroke) {
        let (x, y, r) = (Number(x), Number(y), Number(radius));
        let _ = writeln!(
            self.body,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" fill=\"none\"{stroke}/>"
        );
    }

    /// A rectangle filled from bottom to top through `colours`, evenly spaced.
    pub(super) fn ramp(&mut self, bounds: [f64; 4], id: &str, colours: &[String]) {
        let _ = write!(
            self.body,
            "<defs><linearGradient id=\"{id}\" x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\">"
        );
        let last = colours.len().saturating_sub(1).max(1) as f64;
        for (index, colour) in colours.iter().enumerate() {
            let offset = Number(index as f64 / last);
            let _ = write!(
                self.body,
                "<stop offset=\"{offset}\" stop-color=\"{colour}\"/>"
            );
        }
        self.body.push_str("</linearGradient></defs>\n");
        self.rect(bounds, &format!("url(#{id})"));
    }

    /// Begins to leave out what lies outside of the rectangle; [`Self::unclip`] ends it.
    pub(super) fn clip(&mut self, [x, y, w, h]: [f64; 4], id: &str) {
        let [x, y, w, h] = [x, y, w, h].map(Number);
        let _ = writeln!(
            self.body,
            "<clipPath id=\"{id}\"><rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/></clipPath>\n\
             <g clip-path=\"url(#{id})\">"
        );
    }

    /// Ends what [`Self::clip`] began.
    pub(super) fn unclip(&mut self) {
        self.body.push_str("</g>\n");
    }

    /// A text; its baseline goes through the point.
    pub(super) fn text(&mut self, (x, y): (f64, f64), text: &str, style: Style) {
        let (x, y, size) = (Number(x), Number(y), Number(style.size));
        let _ = write!(
            self.body,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{}\"",
            style.fill
        );
        self.body.push_str(match style.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        });
        if style.turn != 0.0 {
            let turn = Number(style.turn);
            let _ = write!(self.body, " transform=\"rotate({turn} {x} {y})\"");
        }
        let _ = writeln!(self.body, ">{}</text>", escaped(text));
    }
}

impl Display for Stroke {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            " stroke=\"{}\" stroke-width=\"{}\"",
            self.colour,
            Number(self.width)
        )?;
        if self.dashes.is_empty() {
            return Ok(());
        }
        write!(f, " stroke-dasharray=\"{}\"", self.dashes)
    }
}

/// A length with at most two decimals; 0 where it is not finite.
struct Number(f64);

impl Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = if self.0.is_finite() {
            self.0.clamp(-1e6, 1e6)
        } else {
            0.0
        };
        // Adding 0 makes -0 a 0.
        write!(f, "{}", (value * 100.0).round() / 100.0 + 0.0)
    }
}

/// Text as XML 1.0 allows it: white space is a blank, and what no document may hold becomes U+FFFD.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            c if c.is_control() => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}
