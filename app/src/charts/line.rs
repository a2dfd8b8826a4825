//! A chart of lines over a common axis, to zoom into and to read off.

use super::{
    Exports, quoted,
    scale::{label, thin, ticks},
};
use crate::browser;
use leptos::{ev, html, prelude::*};
use std::{fmt::Write as _, sync::Arc};

const HEIGHT: f64 = 200.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 24.0;

/// A line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// What it shows.
    pub(crate) name: String,
    /// Which colour of the palette, from 1 to 6.
    pub(crate) colour: usize,
    /// Whether it is dashed: a second carrier of what the colour says.
    pub(crate) dashed: bool,
    /// Whether its points are marked.
    pub(crate) dots: bool,
    /// Its points, from left to right.
    pub(crate) points: Arc<Vec<(f64, f64)>>,
}

/// What is seen of the axes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Frame {
    x: (f64, f64),
    y: (f64, f64),
    width: f64,
}

impl Frame {
    fn px(&self, x: f64) -> f64 {
        LEFT + (x - self.x.0) / (self.x.1 - self.x.0) * self.inner()
    }

    fn py(&self, y: f64) -> f64 {
        TOP + (self.y.1 - y) / (self.y.1 - self.y.0) * (HEIGHT - TOP - BOTTOM)
    }

    fn inner(&self) -> f64 {
        (self.width - LEFT - RIGHT).max(10.0)
    }

    fn x_at(&self, px: f64) -> f64 {
        self.x.0 + (px - LEFT) / self.inner() * (self.x.1 - self.x.0)
    }
}

/// The chart. Dragging selects a stretch to zoom into; a double click, or the key 0, shows all.
/// Arrow keys move the reading line, plus and minus zoom around it.
#[component]
pub(crate) fn LineChart(
    /// What it shows.
    #[prop(into)]
    title: String,
    /// The unit of the horizontal axis.
    #[prop(into)]
    across: String,
    /// Its lines.
    #[prop(into)]
    series: Signal<Vec<Series>>,
    /// Name of saved files.
    #[prop(into)]
    name: Signal<String>,
) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    let width = RwSignal::new(480.0);
    watch_width(host, width);
    let zoom = RwSignal::new(None::<(f64, f64)>);
    let cursor = RwSignal::new(None::<f64>);
    let drag = RwSignal::new(None::<(f64, f64)>);
    let frame = Memo::new(move |_| series.with(|series| framed(series, zoom.get(), width.get())));

    let at = move |event: &ev::PointerEvent| {
        let host = host.get_untracked()?;
        let place = host
            .query_selector("svg.chart")
            .ok()??
            .get_bounding_client_rect();
        let px = (f64::from(event.client_x()) - place.left()).clamp(LEFT, place.width() - RIGHT);
        frame.get_untracked().map(|frame| frame.x_at(px))
    };
    let moved = move |event: ev::PointerEvent| {
        if let Some(x) = at(&event) {
            cursor.set(Some(x));
            if drag.get_untracked().is_some() {
                drag.update(|drag| *drag = drag.map(|(from, _)| (from, x)));
            }
        }
    };
    let pressed = move |event: ev::PointerEvent| {
        // A finger scrolls the page.
        if event.pointer_type() != "touch"
            && let Some(x) = at(&event)
        {
            event.prevent_default();
            drag.set(Some((x, x)));
        }
    };
    let released = move |_: ev::PointerEvent| {
        let Some((from, to)) = drag.get_untracked() else {
            return;
        };
        drag.set(None);
        let Some(frame) = frame.get_untracked() else {
            return;
        };
        if (frame.px(from) - frame.px(to)).abs() > 6.0 {
            zoom.set(Some((from.min(to), from.max(to))));
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let Some(frame) = frame.get_untracked() else {
            return;
        };
        let (low, high) = frame.x;
        let span = high - low;
        let here = cursor.get_untracked().unwrap_or(high).clamp(low, high);
        match event.key().as_str() {
            "ArrowLeft" => cursor.set(Some((here - span / 50.0).max(low))),
            "ArrowRight" => cursor.set(Some((here + span / 50.0).min(high))),
            "+" | "=" => zoom.set(Some((
                here - (here - low) / 1.5,
                here + (high - here) / 1.5,
            ))),
            "-" => zoom.set(Some((
                here - (here - low) * 1.5,
                here + (high - here) * 1.5,
            ))),
            "0" | "Escape" => zoom.set(None),
            _ => return,
        }
        event.prevent_default();
    };

    let unit = across.clone();
    let drawn = move || {
        let Some(frame) = frame.get() else {
            return view! { <text class="none" x=move || width.get() / 2.0 y=HEIGHT / 2.0 text-anchor="middle">"nothing yet"</text> }
                .into_any();
        };
        series.with(|series| {
            let lines = series
                .iter()
                .map(|series| line(series, &frame))
                .collect_view();
            view! { {axes(&frame, &unit)} {lines} }.into_any()
        })
    };
    let overlay = move || {
        let frame = frame.get()?;
        let mark = cursor
            .get()
            .filter(|x| (frame.x.0..=frame.x.1).contains(x))
            .map(|x| {
                let px = frame.px(x);
                view! { <line class="cursor" x1=px x2=px y1=TOP y2=HEIGHT - BOTTOM /> }
            });
        let area = drag.get().map(|(from, to)| {
            let (a, b) = (frame.px(from.min(to)), frame.px(from.max(to)));
            view! { <rect class="drag" x=a y=TOP width=b - a height=HEIGHT - TOP - BOTTOM /> }
        });
        Some(view! { {area} {mark} })
    };
    let legend = move || {
        let at = cursor.get();
        series.with(|series| {
            let item = |series: &Series| {
                let value = match at {
                    Some(x) => nearest(&series.points, x),
                    None => series.points.last().copied(),
                };
                let value = value.map(|(_, y)| label(y, y.abs())).unwrap_or_default();
                let (colour, name, dashed) = (series.colour, series.name.clone(), series.dashed);
                view! {
                    <li>
                        <svg class=format!("swatch s{colour}") class:dashed=dashed width="20" height="8" aria-hidden="true"><path d="M0 4h20" /></svg>
                        <span class="name">{name}</span>
                        <span class="number">{value}</span>
                    </li>
                }
            };
            series.iter().map(item).collect_view()
        })
    };
    let place = {
        let across = across.clone();
        move || {
            cursor.get().map(|x| {
                format!(
                    "{across} {}",
                    label(
                        x,
                        frame.get().map_or(1.0, |frame| frame.x.1 - frame.x.0) / 10.0
                    )
                )
            })
        }
    };
    let csv = Callback::new(move |()| series.with_untracked(|series| table(series, &across)));
    let described = {
        let title = title.clone();
        move || series.with(|series| describe(&title, series))
    };
    view! {
        <figure class="linechart">
            <figcaption>
                <strong>{title}</strong>
                <span class="soft grow">{place}</span>
                <Show when=move || zoom.get().is_some()>
                    <button type="button" class="quiet small" on:click=move |_| zoom.set(None)>"Show all"</button>
                </Show>
                <Exports host name csv />
            </figcaption>
            <div
                node_ref=host
                class="plot"
                tabindex="0"
                role="group"
                aria-label=described
                on:keydown=keys
                on:pointermove=moved
                on:pointerdown=pressed
                on:pointerup=released
                on:pointerleave=move |_| { cursor.set(None); drag.set(None); }
                on:dblclick=move |_| zoom.set(None)
            >
                <svg class="chart" width=move || width.get() height=HEIGHT aria-hidden="true">{drawn} {overlay}</svg>
            </div>
            <ul class="legend">{legend}</ul>
        </figure>
    }
}

/// Follows the width of an element.
fn watch_width(host: NodeRef<html::Div>, width: RwSignal<f64>) {
    Effect::new(move || {
        let Some(element) = host.get() else { return };
        let measured = element.clone();
        browser::on_resize(&element, move || {
            let found = f64::from(measured.client_width());
            if found > 0.0 {
                let _ = width.try_update(|width| {
                    if (*width - found).abs() > 0.5 {
                        *width = found;
                    }
                });
            }
        });
    });
}

/// The stretch of the axes that is seen: all of it, or what was zoomed into, with room above and below.
fn framed(series: &[Series], zoom: Option<(f64, f64)>, width: f64) -> Option<Frame> {
    let all = series.iter().flat_map(|series| series.points.iter());
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (x, _) in all.clone() {
        low = low.min(*x);
        high = high.max(*x);
    }
    if !low.is_finite() {
        return None;
    }
    if let Some((from, to)) = zoom {
        (low, high) = (from.max(low), to.min(high));
    }
    if high <= low {
        (low, high) = (low - 0.5, low + 0.5);
    }
    let (mut bottom, mut top) = (f64::INFINITY, f64::NEG_INFINITY);
    for (x, y) in all {
        if *x >= low && *x <= high && y.is_finite() {
            bottom = bottom.min(*y);
            top = top.max(*y);
        }
    }
    if !bottom.is_finite() {
        (bottom, top) = (0.0, 1.0);
    }
    let room = ((top - bottom) * 0.06).max(top.abs() * 1e-3).max(1e-9);
    Some(Frame {
        x: (low, high),
        y: (bottom - room, top + room),
        width,
    })
}

fn axes(frame: &Frame, unit: &str) -> impl IntoView + use<> {
    let (frame, right, floor) = (*frame, frame.width - RIGHT, HEIGHT - BOTTOM);
    let ys = ticks(frame.y.0, frame.y.1, 4).into_iter().map(|y| {
        let py = frame.py(y);
        let text = label(y, frame.y.1 - frame.y.0);
        view! {
            <line class="grid" x1=LEFT x2=right y1=py y2=py />
            <text class="tick" x=LEFT - 6.0 y=py + 4.0 text-anchor="end">{text}</text>
        }
    });
    let count = (frame.inner() / 90.0).clamp(2.0, 12.0) as usize;
    // The unit stands at the axis' end, where no number is then.
    let unit = unit.to_owned();
    let room = right - 12.0 - 7.0 * unit.chars().count() as f64;
    let xs = ticks(frame.x.0, frame.x.1, count).into_iter().map(|x| {
        let px = frame.px(x);
        let text = if px < room {
            label(x, frame.x.1 - frame.x.0)
        } else {
            String::new()
        };
        view! {
            <line class="grid" x1=px x2=px y1=TOP y2=floor />
            <text class="tick" x=px y=HEIGHT - 8.0 text-anchor="middle">{text}</text>
        }
    });
    view! { {ys.collect_view()} {xs.collect_view()} <line class="axis" x1=LEFT x2=right y1=floor y2=floor /> <text class="tick" x=right y=HEIGHT - 8.0 text-anchor="end">{unit}</text> }
}

fn line(series: &Series, frame: &Frame) -> impl IntoView + use<> {
    let points = thin(&series.points, frame.x.0, frame.x.1, frame.inner());
    let mut path = String::new();
    let mut pen = 'M';
    for (x, y) in &points {
        // What is not finite is a gap.
        if y.is_finite() {
            let _ = write!(path, "{pen}{:.1} {:.1}", frame.px(*x), frame.py(*y));
            pen = 'L';
        } else {
            pen = 'M';
        }
    }
    let dots = series.dots && points.len() < 200;
    let dots = dots.then(|| {
        let frame = *frame;
        let dot = |(x, y): (f64, f64)| view! { <circle cx=frame.px(x) cy=frame.py(y) r="2.5" /> };
        points
            .into_iter()
            .filter(|(x, y)| y.is_finite() && (frame.x.0..=frame.x.1).contains(x))
            .map(dot)
            .collect_view()
    });
    // What lies beside the frame is cut off by a clip of the group; a path of its own would need an id.
    view! { <g class=format!("series s{}", series.colour) class:dashed=series.dashed><path d=path />{dots}</g> }
}

fn nearest(points: &[(f64, f64)], x: f64) -> Option<(f64, f64)> {
    let after = points.partition_point(|point| point.0 < x);
    let candidates = [
        after.checked_sub(1).and_then(|at| points.get(at)),
        points.get(after),
    ];
    candidates
        .into_iter()
        .flatten()
        .min_by(|a, b| (a.0 - x).abs().total_cmp(&(b.0 - x).abs()))
        .copied()
}

/// What somebody hears who does not see it.
fn describe(title: &str, series: &[Series]) -> String {
    let one = |series: &Series| {
        let last = series.points.last()?;
        Some(format!(
            "{}: {} now",
            series.name,
            label(last.1, last.1.abs())
        ))
    };
    let all: Vec<String> = series.iter().filter_map(one).collect();
    if all.is_empty() {
        format!("{title}: nothing yet")
    } else {
        format!("{title}. {}", all.join("; "))
    }
}

/// Its numbers: a row a point.
fn table(series: &[Series], across: &str) -> String {
    let mut out = format!("series,{across},value\n");
    for series in series {
        for (x, y) in series.points.iter() {
            let _ = writeln!(out, "{},{x},{y}", quoted(&series.name));
        }
    }
    out
}
