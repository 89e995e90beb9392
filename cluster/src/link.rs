//! How the parts of a search talk: phases, one after the other, in all parts at once.
//!
//! One dataflow of `timely`: what is put in is exchanged by its address and taken out there. A phase is one of its
//! timestamps, and has ended when its probe says that nobody anywhere can send in it any more and all that was sent has
//! arrived. From one part to another, messages arrive in the order in which they were sent; that is checked.
//!
//! Nothing that is decided depends on when a message arrives within its phase.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::generic::operator::Operator as _;
use timely::dataflow::operators::{Input as _, Probe as _};
use timely::dataflow::{InputHandle, ProbeHandle};
use timely::worker::Worker;

/// One message.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Packet {
    from: u32,
    to: u32,
    /// The how manieth from there to here.
    number: u64,
    bytes: Vec<u8>,
}

/// Messages that arrived, by their phase.
type Arrived = Rc<RefCell<BTreeMap<u64, VecDeque<Packet>>>>;

/// One part's end of all channels.
pub(crate) struct Link<'a> {
    worker: &'a mut Worker,
    input: InputHandle<u64, CapacityContainerBuilder<Vec<Packet>>>,
    probe: ProbeHandle<u64>,
    arrived: Arrived,
    phase: u64,
    /// Messages sent to each part, and taken from each.
    sent: Vec<u64>,
    taken: Vec<u64>,
    /// Bytes sent to other parts.
    bytes: u64,
}

/// A part waits so long at most before it looks again whether anything has arrived.
const PATIENCE: Duration = Duration::from_millis(50);

impl<'a> Link<'a> {
    /// Builds the dataflow; every part has to do so at once.
    pub(crate) fn new(worker: &'a mut Worker) -> Self {
        let arrived = Arrived::default();
        let mut input = InputHandle::new();
        let probe = ProbeHandle::new();
        let into = Rc::clone(&arrived);
        worker.dataflow(|scope| {
            scope
                .input_from(&mut input)
                .unary::<CapacityContainerBuilder<Vec<()>>, _, _, _>(
                    Exchange::new(|packet: &Packet| u64::from(packet.to)),
                    "arrive",
                    move |_, _| {
                        move |input, _| {
                            input.for_each(|stamp, packets| {
                                let phase = *stamp.least().expect("a message is sent in a phase");
                                into.borrow_mut().entry(phase).or_default().extend(packets.drain(..));
                            });
                        }
                    },
                )
                .probe_with(&probe);
        });
        let parts = worker.peers();
        Link {
            worker,
            input,
            probe,
            arrived,
            phase: 0,
            sent: vec![0; parts],
            taken: vec![0; parts],
            bytes: 0,
        }
    }

    /// Which part this is.
    pub(crate) fn me(&self) -> usize {
        self.worker.index()
    }

    /// How many parts there are.
    pub(crate) fn parts(&self) -> usize {
        self.worker.peers()
    }

    /// Bytes sent to other parts so far, without what frames them.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Sends a message in this phase.
    pub(crate) fn send(&mut self, to: usize, bytes: Vec<u8>) {
        let number = self.sent[to];
        self.sent[to] += 1;
        if to != self.me() {
            self.bytes += bytes.len() as u64;
        }
        self.input.send(Packet { from: self.me() as u32, to: to as u32, number, bytes });
        self.input.flush();
    }

    /// Lets messages go out and come in, and hands out those of this phase that are there.
    pub(crate) fn deliver(&mut self, take: &mut dyn FnMut(usize, &[u8])) {
        self.worker.step();
        self.hand_out(take);
    }

    fn hand_out(&mut self, take: &mut dyn FnMut(usize, &[u8])) {
        let packets = self.arrived.borrow_mut().remove(&self.phase);
        for packet in packets.into_iter().flatten() {
            let from = packet.from as usize;
            assert!(self.taken[from] == packet.number, "messages of one sender arrive in their order");
            self.taken[from] += 1;
            take(from, &packet.bytes);
        }
    }

    /// Ends the phase: hands out all of its messages, and returns when every part has all of its own.
    pub(crate) fn end_phase(&mut self, take: &mut dyn FnMut(usize, &[u8])) {
        let next = self.phase + 1;
        self.input.advance_to(next);
        while self.probe.less_than(&next) {
            self.worker.step_or_park(Some(PATIENCE));
            self.hand_out(take);
        }
        self.hand_out(take);
        self.phase = next;
    }

    /// A phase in which every part tells all the same: what each said, in the order of the parts.
    pub(crate) fn all(&mut self, said: &[u8]) -> Vec<Vec<u8>> {
        for part in 0..self.parts() {
            self.send(part, said.to_vec());
        }
        let mut all = vec![Vec::new(); self.parts()];
        self.end_phase(&mut |from, bytes| all[from] = bytes.to_vec());
        all
    }
}
