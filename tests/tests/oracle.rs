//! Recorded answers against the machine's: first look.
#[path = "oracle/op.rs"]
mod op;
#[path = "oracle/world.rs"]
mod world;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/oracle/corpus.jsonl");

#[test]
fn look() {
    let text = std::fs::read_to_string(CORPUS).unwrap();
    let mut n = 0;
    for s in op::read(&text, "corpus") {
        let mut w = world::World::new(mapisim_model::os::Windows::W10);
        for (i, op) in s.seq.iter().enumerate() {
            let got = w.run(op);
            if got != s.answers[i] {
                n += 1;
                println!(
                    "{} {i} {:?} recorded {} machine {} doubt {:?}",
                    s.id,
                    op,
                    serde_json::to_string(&s.answers[i]).unwrap(),
                    serde_json::to_string(&got).unwrap(),
                    s.doubt_of(i)
                );
            }
        }
    }
    println!("{n}");
}
