//! Whether the runner answers: asked when the page opens, and again and again.

use super::{Backend, Trouble, own_runner, this_tab};
use crate::store;
use gloo::timers::callback::Interval;
use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};
use shared::protocol::{Devices, Login, ProblemKind, Session};
use std::rc::Rc;

/// How often it is asked, in milliseconds.
const PERIOD: u32 = 5000;

/// Whether it answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum State {
    /// Nothing is known yet.
    Asking,
    /// It answered the last question.
    Here(Session, Devices),
    /// It wants a token.
    Locked,
    /// It answered before, and doesn't now.
    Lost,
    /// There is none at this address.
    None,
}

/// Where training runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// On the runner that this page came from.
    Runner,
    /// In this tab.
    Tab,
}

/// What the choice is kept as.
const PLACE: &str = "place";

/// The connection to where training runs.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    /// How it is.
    pub(crate) state: RwSignal<State>,
    /// Where it is.
    pub(crate) place: RwSignal<Place>,
    runner: StoredValue<Rc<dyn Backend>, LocalStorage>,
    tab: StoredValue<Rc<dyn Backend>, LocalStorage>,
    /// Whether somebody has picked a place.
    picked: StoredValue<bool>,
}

impl Link {
    /// Makes the page's one, for [`Link::here`] everywhere below.
    pub(crate) fn provide() -> Self {
        let picked: Option<Place> = store::load(PLACE);
        let link = Self {
            state: RwSignal::new(State::Asking),
            place: RwSignal::new(picked.unwrap_or(Place::Runner)),
            runner: StoredValue::new_local(own_runner()),
            tab: StoredValue::new_local(this_tab()),
            picked: StoredValue::new(picked.is_some()),
        };
        provide_context(link);
        link.ask();
        let timer = StoredValue::new_local(Some(Interval::new(PERIOD, move || {
            // A page in the background needs no news; without a runner there are none.
            if !document().hidden() && link.state.get_untracked() != State::None {
                link.ask();
            }
        })));
        on_cleanup(move || timer.set_value(None));
        link
    }

    /// The page's one.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Where training runs.
    pub(crate) fn backend(self) -> Rc<dyn Backend> {
        match self.place.get_untracked() {
            Place::Runner => self.runner.get_value(),
            Place::Tab => self.tab.get_value(),
        }
    }

    /// This tab, wherever training runs.
    pub(crate) fn tab(self) -> Rc<dyn Backend> {
        self.tab.get_value()
    }

    /// The runner, wherever training runs.
    pub(crate) fn runner(self) -> Rc<dyn Backend> {
        self.runner.get_value()
    }

    /// Picks where training runs.
    pub(crate) fn pick(self, place: Place) {
        store::save(PLACE, &place);
        self.picked.set_value(true);
        self.move_to(place);
    }

    fn move_to(self, place: Place) {
        if self.place.get_untracked() != place {
            self.place.set(place);
            self.state.set(State::Asking);
            self.ask();
        }
    }

    /// Whether it answers and knows who asks.
    pub(crate) fn is_open(self) -> bool {
        self.state.with(|state| matches!(state, State::Here(..)))
    }

    /// Asks it now.
    pub(crate) fn ask(self) {
        spawn_local(async move {
            let place = self.place.get_untracked();
            let backend = self.backend();
            let found = match backend.session().await {
                Ok(session) => backend.devices().await.map(|devices| (session, devices)),
                Err(trouble) => Err(trouble),
            };
            if self.place.get_untracked() != place {
                // Of where one has moved from.
                return;
            }
            let before = self.state.get_untracked();
            let state = match found {
                Ok((session, devices)) => State::Here(session, devices),
                Err(trouble) if trouble.kind() == Some(ProblemKind::Unauthorized) => State::Locked,
                Err(Trouble::Stranger) => State::None,
                Err(_) => State::Lost,
            };
            if state == State::None && !self.picked.get_value() {
                // A page from a plain web server trains where it is, unless somebody wants otherwise.
                self.move_to(Place::Tab);
            } else if state != before {
                self.state.set(state);
            }
        });
    }

    /// Shows a token.
    pub(crate) async fn log_in(self, token: String) -> Result<(), Trouble> {
        self.backend().log_in(Login { token }).await?;
        self.ask();
        Ok(())
    }
}
