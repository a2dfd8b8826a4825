//! Whether the runner answers: asked when the page opens, and again and again.

use super::{Backend, Trouble, own_runner};
use gloo::timers::callback::Interval;
use leptos::{prelude::*, task::spawn_local};
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

/// The connection to where training runs.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    /// How it is.
    pub(crate) state: RwSignal<State>,
    backend: StoredValue<Rc<dyn Backend>, LocalStorage>,
}

impl Link {
    /// Makes the page's one, for [`Link::here`] everywhere below.
    pub(crate) fn provide() -> Self {
        let link = Self {
            state: RwSignal::new(State::Asking),
            backend: StoredValue::new_local(own_runner()),
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
        self.backend.get_value()
    }

    /// Whether it answers and knows who asks.
    pub(crate) fn is_open(self) -> bool {
        self.state.with(|state| matches!(state, State::Here(..)))
    }

    /// Asks it now.
    pub(crate) fn ask(self) {
        spawn_local(async move {
            let backend = self.backend();
            let found = match backend.session().await {
                Ok(session) => backend.devices().await.map(|devices| (session, devices)),
                Err(trouble) => Err(trouble),
            };
            let before = self.state.get_untracked();
            let state = match found {
                Ok((session, devices)) => State::Here(session, devices),
                Err(trouble) if trouble.kind() == Some(ProblemKind::Unauthorized) => State::Locked,
                Err(Trouble::Stranger) => State::None,
                Err(Trouble::Gone) if before == State::Asking => State::None,
                Err(_) => State::Lost,
            };
            if state != before {
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
