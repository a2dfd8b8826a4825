//! Links that are exchanged while they are followed.

use crate::{corpus, runner::Runner};
use std::{
    fs,
    os::unix::fs::symlink,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Lengths of the recordings inside and outside.
const INSIDE: usize = 3_200;
const OUTSIDE: usize = 12_345;

/// Ends the exchange however the test ends: the scope waits for its thread.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_race_of_links_is_never_won() {
    let runner = Runner::new();
    let data = runner.data().canonicalize().expect("a folder");
    let above = data.parent().expect("a folder");
    fs::create_dir(above.join("outside")).expect("a folder");
    fs::write(above.join("outside/a.wav"), corpus::wav(440.0, OUTSIDE)).expect("a recording");
    let inside = data.join("inside");
    fs::create_dir(&inside).expect("a folder");
    fs::write(inside.join("a.wav"), corpus::wav(440.0, INSIDE)).expect("a recording");
    symlink(above.join("outside"), data.join("out")).expect("a link");
    let stop = AtomicBool::new(false);
    let (mut right, mut refused) = (0, 0);
    thread::scope(|scope| {
        scope.spawn(|| {
            // The folder and the link change places, over and over.
            let (here, there, spare) = (&inside, data.join("out"), data.join("spare"));
            while !stop.load(Ordering::Relaxed) {
                for (from, to) in [(here, &spare), (&there, here), (&spare, &there)] {
                    let _ = fs::rename(from, to);
                }
            }
        });
        let _stop = Stop(&stop);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(3) {
            let answer = runner.ask("GET", "/api/preview/info?root=0&path=inside/a.wav", None);
            match answer.status {
                200 => {
                    let seconds = answer.json()["seconds"].as_f64().expect("seconds");
                    assert!(
                        (seconds - INSIDE as f64 / 16_000.0).abs() < 1e-6,
                        "{seconds} s are outside"
                    );
                    right += 1;
                }
                404 => refused += 1,
                other => panic!("{other}: {}", answer.text()),
            }
        }
    });
    assert!(
        right > 0 && refused > 0,
        "{right} right, {refused} refused: there was no race"
    );
}
