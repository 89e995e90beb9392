//! What `init` writes: a first scenario that is a template of the reader's own situation, a page that explains it, the
//! schema, and a workflow for CI.
//!
//! JSON has no comments, so the scenario says what it is in `about`, and `README.md` beside it what to change.

/// A file that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path in the folder, with slashes.
    pub path: &'static str,
    /// What it is, in few words.
    pub what: &'static str,
    /// What is in it.
    pub text: String,
}

/// Every file, in the order in which they are told.
pub fn files() -> Vec<File> {
    let file = |path, what, text: &str| File { path, what, text: text.to_owned() };
    vec![
        file(
            "scenarios/first.json",
            "a service and a logon of the same account, in every order",
            include_str!("../init/first.json"),
        ),
        file("scenarios/README.md", "what it means, and what to change", include_str!("../init/README.md")),
        file(
            "scenarios/scenario.schema.json",
            "lets an editor complete and check scenarios",
            &mapisim_model::scenario::schema::schema(),
        ),
        file(
            ".github/workflows/mapisim.yml",
            "runs the scenarios at each push",
            include_str!("../init/mapisim.yml"),
        ),
    ]
}
