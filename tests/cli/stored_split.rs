//! The split that is kept in `store/`, and used again as long as it fits.

use crate::{corpus, program::voxtune};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

fn write(here: &Path) -> PathBuf {
    corpus::write(here);
    let ini = corpus::ini().replace("epochs = 2", "epochs = 1");
    fs::write(here.join("tones.ini"), ini).expect("the experiment");
    here.join("results/tones/store/split.cache")
}

#[test]
fn a_split_is_used_again_as_long_as_it_fits() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let cache = write(here);
    voxtune(here, ["run", "tones.ini", "--dry-run"]).with_status(0);
    assert!(!cache.exists(), "nothing is written yet");
    voxtune(here, ["run", "tones.ini"]).with_status(0);
    let kept = fs::read(&cache).expect("the split");

    // Other bytes of the same size and time: they are not looked into again.
    let clip = here.join("audio/anna-low-0.wav");
    let (sound, meta) = (
        fs::read(&clip).expect("a clip"),
        fs::metadata(&clip).expect("a clip"),
    );
    fs::write(&clip, vec![1; sound.len()]).expect("noise");
    let file = File::options().write(true).open(&clip).expect("the clip");
    file.set_modified(meta.modified().expect("a time"))
        .expect("the time of before");
    voxtune(here, ["run", "tones.ini"]).with_status(0);
    assert!(fs::read(&cache).expect("the split") == kept);
    let anew = ["run", "tones.ini", "--set", "DATA.no_reuse=True"];
    let anew = voxtune(here, anew).with_status(1);
    assert!(
        anew.stderr
            .contains("6 test clips -> 12 train, 6 dev, 5 test clips"),
        "{}",
        anew.stderr
    );
    fs::write(&clip, &sound).expect("the clip as it was");

    // The clip was written anew, so the split is made anew, and is the same.
    voxtune(here, ["run", "tones.ini"]).with_status(0);
    for damage in [&b"file,start,end\n"[..], &kept[..kept.len() - 9]] {
        fs::write(&cache, damage).expect("damage");
        let damaged = voxtune(here, ["run", "tones.ini"]).with_status(0);
        assert!(
            damaged.stderr.contains("split.cache is damaged"),
            "{}",
            damaged.stderr
        );
        assert!(fs::read(&cache).expect("the split").len() > 1000);
    }

    // Another order of the rows is another split; nothing stale is met.
    let seed = ["run", "tones.ini", "--set", "FINETUNE.seed=2", "--force"];
    let forced = voxtune(here, seed).with_status(0);
    assert!(forced.stderr.contains("old-1"), "{}", forced.stderr);
    assert!(cache.exists() && !here.join("results/tones/old-1/store/split.cache").exists());
    assert!(here.join("results/tones/old-1/store/testdf.csv").exists());
}

#[test]
fn a_split_that_cannot_be_kept_stops_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let cache = write(here);
    fs::create_dir_all(cache.join("in_the_way")).expect("a folder");
    let outcome = voxtune(here, ["run", "tones.ini"]).with_status(0);
    assert!(
        outcome
            .stderr
            .contains("the next call makes the split anew"),
        "{}",
        outcome.stderr
    );
}
