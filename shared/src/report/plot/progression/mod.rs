//! Loss and measures over the epochs.

mod losses;
mod measures;

use super::{
    axis::{Panel, Range, TICK_SIZE, Ticks},
    font,
    heading::{Heading, MARGIN},
    legend::{self, Entry, Mark},
    palette::{LIGHT, QUIET},
    svg::{Anchor, Stroke, Style, Svg},
};
use crate::{
    config::Measure,
    data::Part,
    report::{Evaluated, Progress, files::epoch_text, summary::number},
};

const WIDTH: f64 = 430.0;
const HEIGHT: f64 = 160.0;
/// Lines of more points have no marks.
const MOST_MARKS: usize = 60;

/// Loss and measures over the epochs: measures above, losses below, the best evaluation marked.
#[derive(Debug, Clone, Copy)]
pub struct ProgressionPlot<'a> {
    /// What happened.
    pub progress: &'a Progress,
    /// What the best checkpoint was chosen by.
    pub measure: Measure,
    /// Number of classes, for the level of chance; 0 for a regression.
    pub classes: usize,
    /// Whether there is a title.
    pub titles: bool,
}

/// One line of a panel, in the data's units.
#[derive(Debug)]
struct Series {
    entry: Entry,
    points: Vec<(f64, f64)>,
}

/// What a panel shows.
#[derive(Debug)]
struct Content {
    name: String,
    series: Vec<Series>,
    /// `None`: there is nothing finite to show.
    range: Option<Range>,
    /// A level of reference.
    level: Option<(f64, &'static str)>,
    note: String,
}

impl ProgressionPlot<'_> {
    /// The plot as SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        let contents = [measures::content(self), losses::content(self.progress)];
        let epochs = self.epochs();
        let x_ticks = epochs.ticks_side_by_side(epochs.high.clamp(4.0, 8.0), WIDTH);
        let y_ticks = contents.each_ref().map(|content| {
            let range = content.range.unwrap_or(Range {
                low: 0.0,
                high: 1.0,
            });
            range.ticks(5.0)
        });
        let numbers = y_ticks[0].width().max(y_ticks[1].width());
        let left = MARGIN + 16.0 + numbers + 7.0;
        let heading = self.heading(left - MARGIN + WIDTH);
        let mut panels = Vec::new();
        let mut top = MARGIN + heading.height();
        for content in &contents {
            let entries: Vec<Entry> = content.series.iter().map(|s| s.entry.clone()).collect();
            top += legend::rows(&entries, WIDTH) as f64 * legend::ROW + 6.0;
            let panel = Panel {
                left,
                top,
                width: WIDTH,
                height: HEIGHT,
                x: epochs,
                y: content.range.unwrap_or(Range {
                    low: 0.0,
                    high: 1.0,
                }),
            };
            panels.push((panel, entries));
            top += HEIGHT + 14.0;
        }
        let height = top + 26.0 + MARGIN;
        let title = format!("Loss and measures over the epochs. {}", self.best_text());
        let mut svg = Svg::new(left + WIDTH + 2.0 * MARGIN, height, &title, "");
        heading.draw(&mut svg);
        for (index, (content, (panel, entries))) in contents.iter().zip(&panels).enumerate() {
            legend::draw(&mut svg, entries, left, panel.top - 6.0, WIDTH);
            let last = index + 1 == contents.len();
            if content.range.is_some() {
                panel.axes(&mut svg, &x_ticks, &y_ticks[index], last);
                self.draw_best_line(&mut svg, panel);
                content.draw(&mut svg, panel, index);
                if index == 0 {
                    self.draw_best_ring(&mut svg, panel);
                }
            } else {
                let none = Ticks {
                    values: Vec::new(),
                    labels: Vec::new(),
                };
                panel.axes(&mut svg, &x_ticks, &none, last);
                let middle = (panel.left + WIDTH / 2.0, panel.top + HEIGHT / 2.0);
                let style = Style::new(TICK_SIZE).fill(QUIET).anchor(Anchor::Middle);
                svg.text(middle, "no finite values", style);
            }
            panel.name_y(&mut svg, &content.name, MARGIN + 10.0);
            if last {
                panel.name_x(&mut svg, "Epoch", 34.0);
            }
        }
        svg.finish()
    }

    /// From 0 to the last step or evaluation.
    fn epochs(&self) -> Range {
        let steps = self.progress.train_loss.iter().map(|(epoch, _)| *epoch);
        let evaluations = self.progress.evaluations.iter().map(|e| e.epoch);
        let range = Range::of(steps.chain(evaluations).chain([0.0]));
        match range {
            Some(range) if range.high > 0.0 => Range { low: 0.0, ..range },
            _ => Range {
                low: 0.0,
                high: 1.0,
            },
        }
    }

    fn best(&self) -> Option<&Evaluated> {
        self.progress.best().filter(|best| best.epoch.is_finite())
    }

    /// The evaluations of the part that the best one is of. Other parts may follow at the end,
    /// when the best state is put to them.
    fn chosen_on(&self) -> impl Iterator<Item = &Evaluated> {
        let all = &self.progress.evaluations;
        let part = self.best().or(all.first()).map(|one| one.part);
        all.iter().filter(move |one| Some(one.part) == part)
    }

    /// The number of an evaluation among those of its part, from 1.
    fn place_of(&self, evaluation: &Evaluated) -> usize {
        let before = self.chosen_on();
        before.take_while(|other| *other != evaluation).count() + 1
    }

    fn value(&self, evaluation: &Evaluated) -> Option<f64> {
        let value = evaluation
            .metrics
            .get(self.measure.word())
            .copied()
            .flatten();
        value.filter(|value| value.is_finite())
    }

    /// `Best UAR 0.739 at epoch 3.6`.
    fn best_text(&self) -> String {
        let Some(best) = self.best() else {
            return "No evaluation".to_owned();
        };
        let measure = self.measure.word().to_uppercase();
        let epoch = epoch_text(Some(best.epoch));
        match self.value(best) {
            Some(value) => {
                format!("Best {measure} {} at epoch {epoch}", number(Some(value))).replace('-', "−")
            }
            None => format!("{measure} not defined, epoch {epoch} kept"),
        }
    }

    fn heading(&self, width: f64) -> Heading {
        // A figure that goes round without its text must say so, too.
        let note = match self.best() {
            Some(best) if best.part == Part::Test => {
                "Note: the checkpoint was chosen on this test part: its figures are optimistic."
            }
            _ => "",
        };
        if !self.titles {
            return Heading::new(width, "", "", note);
        }
        let below = match self.best() {
            Some(best) => format!(
                "chosen on the {} part, evaluation {} of {}",
                best.part.word(),
                self.place_of(best),
                self.chosen_on().count()
            ),
            None => String::new(),
        };
        Heading::new(width, &self.best_text(), &below, note)
    }

    fn draw_best_line(&self, svg: &mut Svg, panel: &Panel) {
        if let Some(best) = self.best() {
            let (x, _) = panel.at(best.epoch, panel.y.low);
            let stroke = Stroke::new(QUIET, 1.0).dashed("3 3");
            svg.line([x, panel.top, x, panel.bottom()], stroke);
        }
    }

    /// A ring around the best value.
    fn draw_best_ring(&self, svg: &mut Svg, panel: &Panel) {
        if let Some((best, value)) = self.best().and_then(|best| Some((best, self.value(best)?))) {
            let stroke = Stroke::new(QUIET, 1.3);
            svg.ring(panel.at(best.epoch, value), 6.5, stroke);
        }
    }
}

impl Content {
    fn draw(&self, svg: &mut Svg, panel: &Panel, index: usize) {
        if let Some((level, name)) = self.level {
            let (_, y) = panel.at(0.0, level);
            let stroke = Stroke::new(QUIET, 1.0).dashed("1 3");
            svg.line([panel.left, y, panel.right(), y], stroke);
            let style = Style::new(9.0).fill(QUIET).anchor(Anchor::End);
            svg.text((panel.right(), y - 3.0), name, style);
        }
        let [x, y, w, h] = panel.bounds();
        // Marks and lines at the edges keep their width.
        svg.clip(
            [x - 5.0, y - 5.0, w + 10.0, h + 10.0],
            &format!("panel{index}"),
        );
        for series in &self.series {
            let points = series.points.iter().map(|&(x, y)| panel.at(x, y));
            svg.polyline(points, series.entry.stroke);
        }
        for series in self.series.iter().rev() {
            let Entry { stroke, mark, .. } = &series.entry;
            for &(x, y) in &series.points {
                mark.draw(svg, panel.at(x, y), 3.0, stroke.colour);
            }
        }
        svg.unclip();
        if !self.note.is_empty() {
            let style = Style::new(9.0).fill(QUIET).anchor(Anchor::End);
            let width = font::width(&self.note, style.size);
            let right = panel.right();
            svg.rect([right - width - 3.0, panel.top, width + 3.0, 12.0], LIGHT);
            svg.text((right, panel.top + 9.0), &self.note, style);
        }
    }
}

/// A line; with marks where these do not run into each other.
fn series(name: String, stroke: Stroke, mark: Mark, points: Vec<(f64, f64)>) -> Series {
    let mark = if points.len() > MOST_MARKS {
        Mark::None
    } else {
        mark
    };
    Series {
        entry: Entry { name, stroke, mark },
        points,
    }
}
