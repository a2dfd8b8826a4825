//! The bundled corpus is what its page says, and the recipe describes a model that can be built.

use shared::{
    audio::{Limits, RATE, Stretch, Window, read_clip},
    checkpoint::Description,
    config::{Mode, check, diagnostics::Severity},
    files::{Disk, Files},
};
use std::collections::BTreeMap;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../static/demo");

#[test]
fn every_clip_is_there_and_short_and_clean() {
    let mut table = csv::Reader::from_path(format!("{DEMO}/demo.csv")).expect("readable");
    let columns = ["file", "speaker", "gender", "emotion", "arousal"];
    assert_eq!(
        table.headers().expect("there").iter().collect::<Vec<_>>(),
        columns
    );
    let (mut cells, mut bytes) = (BTreeMap::<(String, String), usize>::new(), 0);
    for row in table.records() {
        let row = row.expect("well-formed");
        let file = format!("{DEMO}/{}", &row[0]);
        bytes += Disk.size(&file).expect("there");
        let stretch = Stretch {
            file: &file,
            start: 0.0,
            end: None,
        };
        let clip = read_clip(&Disk, stretch, None, Window::Head, &Limits::default());
        let clip = clip.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((clip.rate, clip.channels), (RATE, 1), "{file}");
        let seconds = clip.samples.len() as f64 / f64::from(RATE);
        assert!((0.9..2.5).contains(&seconds), "{file}: {seconds} s");
        assert_eq!(clip.levels.clipped_share(), 0.0, "{file} is clipped");
        assert!(row[2] == *"female" || row[2] == *"male");
        let arousal: f64 = row[4].parse().expect("a number");
        assert!((0.0..=1.0).contains(&arousal), "{file}: {arousal}");
        *cells
            .entry((row[1].to_owned(), row[3].to_owned()))
            .or_default() += 1;
    }
    assert_eq!(cells.len(), 8 * 4, "speakers and emotions");
    assert!(cells.values().all(|&count| count == 5));
    assert!(bytes < 4_000_000, "{bytes} bytes");
}

#[test]
fn the_recipe_describes_a_small_model() {
    let recipe = Description::read(&Disk, &format!("{DEMO}/recipe")).expect("valid");
    let tensors = recipe.config.tensors();
    let values: usize = tensors
        .iter()
        .map(|spec| spec.shape.iter().product::<usize>())
        .sum();
    assert!(values < 1_000_000, "{values} parameters");
    assert_eq!(recipe.config.receptive_field(), 400);
    assert_eq!(recipe.config.frames(32_000), 99);
    assert!(recipe.preprocessor.is_some());
}

/// The project's folder as the current one, whatever it is while the test runs. What is made later
/// (the model, the recipe's corpus) counts as there.
struct Project;

impl Project {
    fn path(path: &str) -> String {
        format!("{DEMO}/../../{}", path.trim_start_matches("./"))
    }

    fn is_made(path: &str) -> bool {
        ["demo/model", "recipe/corpus", "results/demo_sentences"]
            .iter()
            .any(|made| path.contains(made))
    }
}

impl Files for Project {
    fn open(&self, path: &str) -> std::io::Result<Box<dyn shared::files::ReadSeek>> {
        Disk.open(&Self::path(path))
    }

    fn size(&self, path: &str) -> std::io::Result<u64> {
        if Self::is_made(path) {
            Ok(1)
        } else {
            Disk.size(&Self::path(path))
        }
    }

    fn is_folder(&self, path: &str) -> bool {
        Disk.is_folder(&Self::path(path)) || (Self::is_made(path) && !path.contains('.'))
    }

    fn list(&self, path: &str) -> std::io::Result<Vec<String>> {
        Disk.list(&Self::path(path))
    }
}

#[test]
fn the_experiments_are_valid() {
    for name in [
        "demo.ini",
        "arousal.ini",
        "recipe/1-sentences.ini",
        "recipe/2-prosody.ini",
    ] {
        let text = std::fs::read_to_string(format!("{DEMO}/{name}")).expect("there");
        let checked = check(&text, &Project, Mode::Run);
        let findings = checked.diagnostics.iter();
        let serious: Vec<_> = findings
            .filter(|finding| finding.severity != Severity::Info)
            .map(|finding| &finding.message)
            .collect();
        assert!(serious.is_empty(), "{name}: {serious:?}");
        assert!(checked.experiment.is_some(), "{name}");
    }
}
