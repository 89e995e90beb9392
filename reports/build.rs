//! The shipped scenarios are inside the program: a file that is added, taken away or changed makes it anew.

fn main() {
    println!("cargo::rerun-if-changed=../scenarios");
}
