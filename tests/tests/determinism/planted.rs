//! Planted: a hash map that is iterated in the model. Does the checking mode catch it, and say where?
//!
//! The world is a shipped one, on the full machine and with the model's own calls. One call is preceded by what somebody
//! might write who "only looks up": names in a `HashMap`, of which the first is opened. (A map in a machine's state, in a
//! memory or in a frame's result does not compile. Machines and judgements that go by such an order are the engine's own
//! tests.)

#![expect(clippy::disallowed_types, reason = "the order of a HashMap is what is to be caught")]

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mapisim_model::mapi::memory::Memory;
use mapisim_model::mapi::rules::Build;
use mapisim_model::os::Os;
use mapisim_model::os::syscall::Syscall;
use mapisim_model::property::Property;
use mapisim_model::world::World as Model;
use mapisim_sim::world::{Call, World};
use mapisim_sim::{Actor, Cast, Limits, Space, Standing, Steps, explore};
use mapisim_tests::{file, scenario};

const BUG_2: &str = "scenarios/article/bug-2-every-order.json";

/// Where the map is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plant {
    Nowhere,
    /// Before MAPIInitialize.
    Call,
}

struct Planted {
    model: Model,
    plant: Plant,
}

impl Planted {
    fn new(plant: Plant) -> Self {
        let scenario = scenario(BUG_2, &file(BUG_2));
        Planted { model: Model::new(&scenario, Build::from_id("patched").expect("an algorithm")), plant }
    }
}

/// What is looked up by name.
fn names() -> HashMap<String, u32> {
    (0..10_000).map(|number| (format!("name {number}"), number)).collect()
}

impl World for Planted {
    type Machine = Os;
    type Memory = Memory;
    type Property = Property;

    fn machine(&self) -> Os {
        self.model.machine()
    }

    fn cast(&self) -> &Cast {
        self.model.cast()
    }

    fn memory(&self, actor: Actor) -> Memory {
        self.model.memory(actor)
    }

    fn script(&self, actor: Actor) -> &[String] {
        self.model.script(actor)
    }

    fn call(&self, actor: Actor, index: usize, memory: Memory, steps: Steps<Os>) -> Call<'_, Memory> {
        let planted = self.plant == Plant::Call && self.script(actor)[index] == "MAPIInitialize";
        Box::pin(async move {
            if planted {
                let name = names().into_keys().next();
                let _opened = steps.step(Syscall::CreateMutex { name, everyone: true }).await;
            }
            self.model.call(actor, index, memory, steps).await
        })
    }

    fn broken(&self, _: &Os, _: Actor, _: &Standing<'_, Self>) -> Option<Property> {
        None
    }
}

/// What the checking mode says of a world; `None`: nothing.
fn caught(plant: Plant) -> Option<String> {
    let world = Planted::new(plant);
    let look = || explore::explore(&mut Space::checking(&world), &Limits::default()).states;
    let panicked = catch_unwind(AssertUnwindSafe(look)).err()?;
    Some(panicked.downcast_ref::<String>().expect("an assertion has a text").clone())
}

#[test]
fn a_hash_map_that_a_call_iterates_is_caught_with_both_orders_and_who_it_was() {
    let told = caught(Plant::Call).expect("two maps of ten thousand names have two orders");
    for part in
        ["done twice, it gave two results", "no hash order", " in call 0 wants Some(CreateMutex", ".exe"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    let names: Vec<&str> =
        told.match_indices("name ").map(|(at, _)| &told[at..told.len().min(at + 8)]).collect();
    assert!(names.len() >= 2, "both are told: {told}");
}

#[test]
fn without_the_plant_the_same_world_passes() {
    assert_eq!(caught(Plant::Nowhere), None);
}
