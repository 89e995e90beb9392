#![allow(warnings)]
use mapisim_model::mapi::rules::*;
fn main(){ for f in std::env::args().skip(1) { let t=std::fs::read(&f).unwrap(); let s=mapisim_model::scenario::read_bytes(&f,&t).unwrap();
 for e in &s.expect { let o=mapisim_model::check::check(&s,e.build,&Default::default()).unwrap(); println!("{f} {} {:?} {} states {} steps {}",e.build.id(),o.verdict,o.as_expected(),o.states,o.steps);
 if std::env::var("V").is_ok() {
 if let Some(r)=&o.run { for s in &r.steps { println!("{:3} {:14} {:?} {:?} {:?} {:?} -> {:?} live {}", s.number, r.actor_name(s), s.call.as_ref().map(|c|(&c.text,c.begins,c.returned)), s.inside, s.syscall, s.object, s.answer, s.sessions.len()); } println!("{}",r.schedule);}
 if let Some(f)=&o.finding { println!("{}",f.summary); for p in &f.points { println!("   {} @{:?} {}",p.kind.heading(),p.step,p.text);} } } } } }
