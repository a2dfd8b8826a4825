//! SVG to PNG, with the embedded font alone.

use super::font::FONT;
use crate::report::ReportError;
use png::{BitDepth, ColorType, Encoder, PixelDimensions, Unit};
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, fontdb::Database},
};
use std::sync::{Arc, LazyLock};

/// Resolution that journals ask for.
const DOTS_AN_INCH: f32 = 300.0;
/// An SVG px is 1/96 inch.
const PX_AN_INCH: f32 = 96.0;
/// Larger images get a lower resolution: 8000 x 8000 are 256 MB.
const LONGEST_SIDE: f32 = 8000.0;

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(FONT.to_vec());
    Arc::new(fonts)
});

/// An SVG with its text laid out in the embedded font.
///
/// # Errors
/// The SVG cannot be read.
pub(in crate::report) fn tree(svg: &str) -> Result<Tree, ReportError> {
    let options = Options {
        font_family: "Noto Sans".to_owned(),
        fontdb: Arc::clone(&FONTS),
        ..Options::default()
    };
    Tree::from_str(svg, &options).map_err(|error| failed(&error))
}

fn failed(reason: &dyn std::fmt::Display) -> ReportError {
    ReportError::Png {
        reason: reason.to_string(),
    }
}

/// Draws an SVG at 300 dots an inch, on white.
///
/// # Errors
/// The SVG cannot be read, or the image does not fit into memory.
pub fn png(svg: &str) -> Result<Vec<u8>, ReportError> {
    let tree = tree(svg)?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let scale = (DOTS_AN_INCH / PX_AN_INCH).min(LONGEST_SIDE / width.max(height));
    let mut image = Pixmap::new(
        (width * scale).ceil() as u32,
        (height * scale).ceil() as u32,
    )
    .ok_or_else(|| failed(&format!("{width} x {height} px do not fit into memory")))?;
    image.fill(resvg::tiny_skia::Color::WHITE);
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut image.as_mut(),
    );

    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, image.width(), image.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let per_metre = (PX_AN_INCH * scale / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: Unit::Meter,
    }));
    let mut writer = encoder.write_header().map_err(|error| failed(&error))?;
    // All is opaque on white, so that nothing is lost with the fourth channel.
    let colours: Vec<u8> = image
        .pixels()
        .iter()
        .flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
        .collect();
    writer
        .write_image_data(&colours)
        .map_err(|error| failed(&error))?;
    writer.finish().map_err(|error| failed(&error))?;
    Ok(bytes)
}
