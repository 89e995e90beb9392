//! What the program has to know of the files that it is made of.

use std::fs;
use std::path::Path;

/// What decides what a search finds.
const SOURCES: [&str; 4] = ["../sim/src", "../model/src", "../sim/Cargo.toml", "../model/Cargo.toml"];

fn main() {
    // The shipped scenarios are inside the program: a file that is added, taken away or changed makes it anew.
    println!("cargo::rerun-if-changed=../scenarios");
    let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
        add(Path::new(source), &mut hash);
    }
    println!("cargo::rustc-env=MAPISIM_SOURCES={hash:032x}");
}

/// Takes a file, or a folder's files in the order of their names, into a hash (FNV-1a).
fn add(path: &Path, hash: &mut u128) {
    if let Ok(entries) = fs::read_dir(path) {
        let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for entry in entries {
            add(&entry, hash);
        }
        return;
    }
    let name = path.to_string_lossy().replace('\\', "/");
    let text = fs::read(path).unwrap_or_default();
    // A checkout with other line ends is the same program.
    for byte in name.bytes().chain(text).filter(|byte| *byte != b'\r') {
        *hash = (*hash ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
    }
}
