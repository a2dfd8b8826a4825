//! Playing recordings: one at a time on the whole page.

use super::{Icon, Shape, Toaster};
use leptos::prelude::*;
use std::{cell::RefCell, collections::VecDeque, rc::Rc};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlAudioElement;

/// A recording, or a stretch of one, as the browser finds it, with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sound {
    /// Where it may be; the first place that has it counts.
    pub(crate) addresses: Vec<String>,
    pub(crate) name: String,
}

/// What plays.
#[derive(Clone, Copy)]
pub(crate) struct Player {
    /// The address of what is heard now.
    pub(crate) playing: RwSignal<Option<String>>,
    inner: StoredValue<Option<Rc<Inner>>, LocalStorage>,
    toaster: Toaster,
}

struct Inner {
    audio: HtmlAudioElement,
    next: RefCell<VecDeque<Sound>>,
    _closures: Vec<Closure<dyn Fn()>>,
}

impl Player {
    /// Makes the page's one.
    pub(crate) fn provide(toaster: Toaster) -> Self {
        let player = Self {
            playing: RwSignal::new(None),
            inner: StoredValue::new_local(None),
            toaster,
        };
        provide_context(player);
        if let Ok(audio) = HtmlAudioElement::new() {
            let ended = Closure::<dyn Fn()>::new(move || player.advance());
            audio.set_onended(Some(ended.as_ref().unchecked_ref()));
            player.inner.set_value(Some(Rc::new(Inner {
                audio,
                next: RefCell::default(),
                _closures: vec![ended],
            })));
        }
        player
    }

    /// The page's one.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Plays sounds one after the other, in place of what is heard.
    pub(crate) fn play(self, sounds: impl IntoIterator<Item = Sound>) {
        let Some(inner) = self.inner.get_value() else {
            return;
        };
        *inner.next.borrow_mut() = sounds.into_iter().collect();
        self.advance();
    }

    /// Ends what is heard.
    pub(crate) fn stop(self) {
        if let Some(inner) = self.inner.get_value() {
            inner.next.borrow_mut().clear();
            let _ = inner.audio.pause();
        }
        self.playing.set(None);
    }

    fn advance(self) {
        let Some(inner) = self.inner.get_value() else {
            return;
        };
        let next = inner.next.borrow_mut().pop_front();
        match next {
            Some(sound) => self.attempt(&inner, sound, 0),
            None => self.playing.set(None),
        }
    }

    fn attempt(self, inner: &Rc<Inner>, sound: Sound, place: usize) {
        let (Some(address), Some(key)) =
            (sound.addresses.get(place), sound.addresses.first().cloned())
        else {
            return;
        };
        inner.audio.set_src(address);
        self.playing.set(Some(key.clone()));
        let Ok(started) = inner.audio.play() else {
            return;
        };
        let inner = Rc::clone(inner);
        leptos::task::spawn_local(async move {
            let failed = JsFuture::from(started).await.is_err();
            // Another one may have been asked for in the meantime, which also ends this one.
            if !failed || self.playing.get_untracked().as_ref() != Some(&key) {
                return;
            }
            if place + 1 < sound.addresses.len() {
                self.attempt(&inner, sound, place + 1);
                return;
            }
            self.playing.set(None);
            self.toaster.fail(format!("`{}` cannot be played: it is not there any more, or the browser does not know its format.", sound.name));
        });
    }
}

/// A button that plays a sound, or stops it.
#[component]
pub(crate) fn PlayButton(sound: Sound) -> impl IntoView {
    let player = Player::here();
    let (key, name) = (sound.addresses.first().cloned(), sound.name.clone());
    let on = Memo::new(move |_| {
        player
            .playing
            .with(|playing| playing.is_some() && *playing == key)
    });
    let click = move |_| {
        if on.get_untracked() {
            player.stop();
        } else {
            player.play([sound.clone()]);
        }
    };
    view! {
        <button
            type="button"
            class="quiet small play"
            aria-label=move || format!("{} {name}", if on.get() { "Stop" } else { "Play" })
            aria-pressed=move || on.get().to_string()
            on:click=click
        >
            {move || view! { <Icon shape=if on.get() { Shape::Stop } else { Shape::Play } /> }}
        </button>
    }
}
