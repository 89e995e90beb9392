//! The peers' machine packed by hand for rows g and h: one account, both fixes, so one section and one mark key; no
//! crash. Breadth first, the whole graph; what an engine that must also run other machines is measured against.
//!
//! A process has 5 bits of where it is and N-1 of the marks it still has to look at; then come a bit per profile that
//! exists, that is marked, that is in use. A process's own name is never among the marks of its own sweep.

/// Where a process is, in the order of the model's steps.
mod at {
    pub const OPEN: u64 = 0;
    pub const LIST: u64 = 1;
    pub const CHECK: u64 = 2;
    pub const IDEL: u64 = 3;
    pub const IUNMARK: u64 = 4;
    pub const CREATE: u64 = 5;
    pub const BUMP: u64 = 6;
    pub const LREAD: u64 = 7;
    pub const DCHECK: u64 = 8;
    pub const DMARK: u64 = 9;
    pub const DDEL: u64 = 10;
    pub const OMS1: u64 = 11;
    pub const OMS2: u64 = 12;
    pub const DROP: u64 = 13;
    pub const RCHK: u64 = 14;
    pub const RDEL: u64 = 15;
    pub const RUNMARK: u64 = 16;
    pub const CLOSE: u64 = 17;
    pub const DONE: u64 = 18;
    pub const VIOLATED: u64 = 19;
}

/// What was counted.
pub struct Counted {
    pub states: usize,
    pub transitions: u64,
    pub bytes: usize,
}

/// All states of N processes, of which the last is a desktop program.
pub fn explore<const N: usize>() -> Counted {
    let mut queue: Vec<u64> = vec![0];
    let mut slots: Vec<u64> = vec![0; 1 << 16];
    let mut taken = 1; // the first state is 0, which marks free slots: it is never reached again
    let mut transitions = 0;
    let mut next = 0;
    let mut batch: Vec<u64> = Vec::new();
    while next < queue.len() {
        batch.clear();
        let end = queue.len().min(next + 16);
        for state in &queue[next..end] {
            for process in 0..N {
                batch.extend(step::<N>(*state, process));
            }
        }
        next = end;
        transitions += batch.len() as u64;
        if 4 * (taken + batch.len()) > 3 * slots.len() {
            let old = std::mem::take(&mut slots);
            slots = vec![0; old.len() * 2];
            old.into_iter().filter(|key| *key != 0).for_each(|key| _ = add(&mut slots, key));
        }
        std::hint::black_box(batch.iter().fold(0, |all, key| all ^ slots[place(*key, slots.len())]));
        for key in &batch {
            if add(&mut slots, *key) {
                queue.push(*key);
                taken += 1;
            }
        }
    }
    Counted { states: queue.len(), transitions, bytes: 8 * (slots.len() + queue.capacity()) }
}

fn place(key: u64, slots: usize) -> usize {
    let wide = u128::from(key) * 0x9e37_79b9_7f4a_7c15;
    (wide as u64 ^ (wide >> 64) as u64) as usize & (slots - 1)
}

fn add(slots: &mut [u64], key: u64) -> bool {
    let mut at = place(key, slots.len());
    while slots[at] != 0 {
        if slots[at] == key {
            return false;
        }
        at = (at + 1) & (slots.len() - 1);
    }
    slots[at] = key;
    true
}

/// The state after a process's step; `None` where it has ended.
fn step<const N: usize>(state: u64, me: usize) -> Option<u64> {
    let n = N as u64;
    let width = 5 + n - 1;
    let shift = me as u64 * width;
    let (profiles, marks, used) = (n * width, n * width + n, n * width + 2 * n);
    let mine = state >> shift;
    let (at, todo) = (mine & 31, mine >> 5 & ((1 << (n - 1)) - 1));
    let own = 1u64 << me;
    let below = own - 1;
    let desktop = me == N - 1;
    // Names of others as bits of `todo`, without the own one.
    let squeeze = |set: u64| set & below | (set >> 1) & !below;
    let spread = |set: u64| set & below | (set & !below) << 1;
    let go = |state: u64, at: u64, todo: u64| {
        let field = (1 << width) - 1;
        Some(state & !(field << shift) | (at | todo << 5) << shift)
    };
    let after = |todo: u64| if todo == 0 { at::CREATE } else { at::CHECK };
    let lowest = || spread(todo & todo.wrapping_neg());
    let rest = todo & todo.wrapping_sub(1);
    let must = |next: u64| {
        let exists = state >> profiles & own != 0;
        go(state, if exists { next } else { at::VIOLATED }, 0)
    };
    match at {
        at::OPEN => go(state, at::LIST, 0),
        at::LIST => {
            let todo = squeeze(state >> marks & ((1 << n) - 1));
            go(state, after(todo), todo)
        }
        at::CHECK if state >> used & lowest() != 0 => go(state, after(rest), rest),
        at::CHECK => go(state, at::IDEL, todo),
        at::IDEL => go(state & !(lowest() << profiles), at::IUNMARK, todo),
        at::IUNMARK => go(state & !(lowest() << marks), after(rest), rest),
        at::CREATE => go(state | own << profiles, at::BUMP, 0),
        at::BUMP => go(state | own << used, at::LREAD, 0),
        at::LREAD => must(if desktop { at::OMS2 } else { at::DCHECK }),
        at::DCHECK => go(state, if state >> used & own != 0 { at::DMARK } else { at::DDEL }, 0),
        at::DMARK => go(state | own << marks, at::OMS1, 0),
        at::DDEL => go(state & !(own << profiles), at::OMS1, 0),
        at::OMS1 => must(at::OMS2),
        at::OMS2 => must(at::DROP),
        // A count is the own process's alone, so it falls to 0.
        at::DROP => go(state & !(own << used), at::RCHK, 0),
        at::RCHK => go(state, if state >> marks & own != 0 { at::RDEL } else { at::CLOSE }, 0),
        at::RDEL => go(state & !(own << profiles), at::RUNMARK, 0),
        at::RUNMARK => go(state & !(own << marks), at::CLOSE, 0),
        at::CLOSE => go(state, at::DONE, 0),
        _ => None,
    }
}
