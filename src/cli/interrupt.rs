//! What an interrupt (Ctrl-C, or a request to end) means while something runs that must end well.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use super::exit;

#[derive(Debug, Default)]
struct State {
    asked: AtomicBool,
    held: AtomicUsize,
}

static STATE: OnceLock<State> = OnceLock::new();

/// From the first call on an interrupt is only noted; a second one ends the program at once.
fn state() -> &'static State {
    STATE.get_or_init(|| {
        let handler = || {
            let state = state();
            if state.held.load(Ordering::Relaxed) == 0 && state.asked.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(exit::INTERRUPTED));
            }
        };
        // Without a handler the system's own answer holds: the process ends, the next run tidies up.
        let _ = ctrlc::set_handler(handler);
        State::default()
    })
}

/// Notes interrupts from now on; call [`asked`] now and then.
pub(crate) fn watch() {
    let _ = state();
}

/// Whether the user asked to end.
pub(crate) fn asked() -> bool {
    state().asked.load(Ordering::Relaxed)
}

/// Ignores interrupts until it is dropped.
pub(crate) struct Held(());

pub(crate) fn hold() -> Held {
    state().held.fetch_add(1, Ordering::Relaxed);
    Held(())
}

impl Drop for Held {
    fn drop(&mut self) {
        state().held.fetch_sub(1, Ordering::Relaxed);
    }
}
