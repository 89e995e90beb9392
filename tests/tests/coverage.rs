//! What of the algorithm do the shipped scenarios take?

use mapisim::coverage::{Coverage, REACHABLE};
use mapisim_model::check::{Bounds, check};
use mapisim_model::draw::{Random, draw_watched};
use mapisim_model::mapi::rules::Build;
use mapisim_sim::random::Strategy;
use mapisim_tests::{root, scenario};

/// Where the list is.
const FILE: &str = "reports/src/coverage/reachable.txt";

/// What drawn runs of every shipped scenario take, and the run that its schedule asks for, with every version of the algorithm.
fn taken() -> Coverage {
    let mut coverage = Coverage::default();
    let shipped = mapisim::shipped::scenarios();
    for (name, bytes) in shipped {
        let text = std::str::from_utf8(bytes).expect("a scenario is text");
        let scenario = scenario(&name, text);
        if !scenario.imports().is_empty() {
            continue;
        }
        for build in Build::all() {
            if scenario.schedule.is_some() {
                let scheduled = check(&scenario, build, &Bounds::default()).expect("it can happen");
                let run = scheduled.run.expect("a schedule is told");
                for step in &run.steps {
                    if let (Some(call), Some(asked), Some(answer)) = (&step.call, &step.syscall, &step.answer)
                    {
                        coverage.see(&call.name, asked, answer);
                    }
                }
            }
            for strategy in [Strategy::Uniform, Strategy::Pct { depth: 3 }, Strategy::Swarm] {
                let random = Random { strategy, seed: 0, first: 0, runs: 4 };
                let mut see = |call: &str, asked: &_, answer: &_| coverage.see(call, asked, answer);
                draw_watched(&scenario, build, &random, Some(&mut see));
            }
        }
    }
    coverage
}

#[test]
fn the_list_of_what_can_be_taken_is_what_the_shipped_scenarios_take() {
    let rows = taken().rows();
    if rows != REACHABLE {
        std::fs::write(root().join(FILE), &rows).expect("the list can be written");
        panic!("{FILE} was out of date and has been written anew: look at what changed and commit it");
    }
}

#[test]
fn nothing_taken_is_said_to_be_never_taken_and_the_rest_is() {
    let row = |text: &str| text.split('\t').map(str::to_owned).collect::<Vec<String>>();
    assert!(REACHABLE.lines().all(|line| row(line).len() == 3), "a call, a step, an answer");
    let none = Coverage::default().render(100);
    assert_eq!(none.matches("never: ").count(), REACHABLE.lines().count());
    let all = taken().render(100);
    assert!(!all.contains("never: "), "{all}");
}
