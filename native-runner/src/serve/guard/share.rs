//! Places of which nobody gets so many that none are left for others.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// So many places, and so many for each.
#[derive(Debug)]
pub(crate) struct Shares<Who> {
    all: usize,
    each: usize,
    taken: Arc<Mutex<HashMap<Who, usize>>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Share<Who: Eq + Hash> {
    who: Who,
    taken: Arc<Mutex<HashMap<Who, usize>>>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// All are taken.
    All(usize),
    /// Those of whoever asks are taken.
    Own(usize),
}

impl<Who: Eq + Hash + Clone> Shares<Who> {
    pub(crate) fn new(all: usize, each: usize) -> Self {
        Self {
            all,
            each,
            taken: Arc::default(),
        }
    }

    /// A place for `who`.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn take(&self, who: Who) -> Result<Share<Who>, Full> {
        let mut taken = lock(&self.taken);
        if taken.values().sum::<usize>() >= self.all {
            return Err(Full::All(self.all));
        }
        let own = taken.entry(who.clone()).or_default();
        if *own >= self.each {
            return Err(Full::Own(self.each));
        }
        *own += 1;
        Ok(Share {
            who,
            taken: self.taken.clone(),
        })
    }

    /// Places that are taken.
    pub(crate) fn count(&self) -> usize {
        lock(&self.taken).values().sum()
    }
}

impl<Who: Eq + Hash> Drop for Share<Who> {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        if let Some(own) = taken.get_mut(&self.who) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.who);
            }
        }
    }
}

fn lock<Who>(taken: &Mutex<HashMap<Who, usize>>) -> MutexGuard<'_, HashMap<Who, usize>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Full, Shares};

    #[test]
    fn nobody_takes_all() {
        let shares = Shares::new(3, 2);
        let first = shares.take("ada").expect("a place");
        let _second = shares.take("ada").expect("a place");
        assert_eq!(shares.take("ada").err(), Some(Full::Own(2)));
        let third = shares.take("bob").expect("a place");
        assert_eq!(shares.take("cleo").err(), Some(Full::All(3)));
        drop(first);
        let _fourth = shares.take("cleo").expect("a place");
        drop(third);
        let _fifth = shares.take("ada").expect("a place");
        assert_eq!(shares.count(), 3);
    }

    #[test]
    fn who_has_gone_is_forgotten() {
        let shares = Shares::new(3, 2);
        drop(shares.take("ada"));
        drop(shares.take("ada"));
        assert_eq!(shares.count(), 0);
        assert!(shares.taken.lock().expect("a lock").is_empty());
    }
}
