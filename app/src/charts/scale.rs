//! Axes.

/// About `count` round numbers from `low` to `high`.
pub(crate) fn ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 {
        return vec![low];
    }
    let rough = span / count.max(1) as f64;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|unit| unit * power)
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let first = (low / step).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).take(100).map(|n| n as f64 * step).collect()
}

/// A number as short as it can be read beside others of `span`.
pub(crate) fn label(value: f64, span: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if value.abs() < 1e-3 || value.abs() >= 1e6 {
        return format!("{value:.1e}");
    }
    let digits = (2.0 - span.abs().log10()).ceil().clamp(0.0, 6.0) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// The points that matter for a line of `width` pixels: the first, last, lowest and highest of what
/// falls on each, so that tens of thousands draw as fast as a few hundred, and no peak is lost.
pub(super) fn thin(points: &[(f64, f64)], low: f64, high: f64, width: f64) -> Vec<(f64, f64)> {
    let from = points
        .partition_point(|point| point.0 < low)
        .saturating_sub(1);
    let to = (points.partition_point(|point| point.0 <= high) + 1).min(points.len());
    let seen = &points[from..to];
    if seen.len() as f64 <= width * 4.0 || high <= low {
        return seen.to_vec();
    }
    let pixel = |x: f64| ((x - low) / (high - low) * width).floor() as i64;
    let mut thinned = Vec::new();
    let mut start = 0;
    while start < seen.len() {
        let here = pixel(seen[start].0);
        let end = start
            + seen[start..]
                .partition_point(|point| pixel(point.0) == here)
                .max(1);
        let group = &seen[start..end];
        let by = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let mut kept = vec![group[0], group[group.len() - 1]];
        kept.extend(group.iter().min_by(by));
        kept.extend(group.iter().max_by(by));
        shared::sorting::by(&mut kept, |a, b| a.0.total_cmp(&b.0));
        kept.dedup();
        thinned.extend(kept);
        start = end;
    }
    thinned
}
