//! The machine, its accounts and their hives.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Check;
use super::processes::not_empty;
use crate::os;
use crate::os::privilege::Privilege;
use crate::os::sid::{Sid, SidError, WELL_KNOWN};
use crate::os::windows::{TerminalServices, Windows};
use crate::scenario::checked::{Account, Hive, HiveContent};
use crate::scenario::file::{AccountFile, HiveFile, HiveState};
use crate::scenario::locate::{self, Node};
use crate::scenario::names::{Unknown, report_unknown};
use crate::scenario::problem::Problem;
use crate::scenario::profile_name;
use crate::scenario::visible::quoted;

/// The hive that belongs to no account and always is there (os C.2).
pub(crate) const DEFAULT_HIVE: &str = ".DEFAULT";

/// The version of Windows, and whether Terminal Services are on.
pub(super) fn machine(check: &mut Check<'_>) -> (Windows, bool) {
    let machine = &check.file.machine;
    let node = check.tree.value("machine");
    let Ok(windows) = machine.windows.parse::<Windows>() else {
        let span = node.value("windows").span.clone();
        let unknown = Unknown {
            code: "unknown-windows",
            span,
            noun: "version of Windows",
            expected: "a version of Windows",
            name: &machine.windows,
            replaceable: true,
        };
        report_unknown(&mut check.problems, &unknown, Windows::ALL.iter().map(|version| version.name));
        // Goes on with what refuses nothing.
        return (Windows::SERVER_2003, true);
    };
    let asked = machine.terminal_services;
    let contradiction = match (windows.terminal_services, asked) {
        (TerminalServices::Never, Some(true)) => Some("cannot have Terminal Services"),
        (TerminalServices::Always, Some(false)) => Some("always has Terminal Services"),
        _ => None,
    };
    if let Some(contradiction) = contradiction {
        let span = node.value("terminal_services").span.clone();
        let message = format!("Windows {windows} {contradiction}");
        check.problems.push(
            Problem::new("terminal-services", span, message)
                .label("this cannot be")
                .also(node.value("windows").span.clone(), "because of this")
                .help("leave `terminal_services` out, or name another version"),
        );
    }
    (windows, windows.has_terminal_services(asked.unwrap_or(false)))
}

/// The accounts.
pub(super) fn accounts(check: &mut Check<'_>, windows: &Windows) -> Vec<Account> {
    let mut owners: BTreeMap<Sid, (Range<usize>, &str)> = BTreeMap::new();
    let mut accounts = Vec::new();
    let (file, tree) = (check.file, check.tree);
    for ((name, account), member) in file.accounts.iter().zip(tree.value("accounts").members()) {
        if name == DEFAULT_HIVE {
            let problem = Problem::new(
                "bad-account-name",
                member.key_span.clone(),
                "no account can be called `.DEFAULT`",
            )
            .label("the name of a hive that belongs to no account");
            check.problems.push(problem);
        }
        not_empty(check, name, "an account", &member.key_span);
        let node = &member.value;
        let known = os::account::Account::well_known(name);
        let sid = sid(check, name, account, node, &member.key_span, known.as_ref());
        let mut made =
            known.unwrap_or_else(|| os::account::Account::new(name, Sid::named("Null").expect("well known")));
        if let Some(sid) = sid {
            let place =
                if account.sid.is_some() { node.value("sid").span.clone() } else { member.key_span.clone() };
            made.sid = sid;
            service_account_exists(check, &made, windows, &place);
            match owners.get(&made.sid) {
                Some((first, owner)) => check.problems.push(
                    Problem::new("duplicate-sid", place, format!("two accounts have one SID, {}", made.sid))
                        .label(format!("the SID of {} too", quoted(owner)))
                        .also(first.clone(), "first here"),
                ),
                None => {
                    owners.insert(made.sid.clone(), (place, name));
                }
            }
        }
        groups_and_privileges(check, account, node, &mut made);
        accounts.push(Account { account: made, hive_loaded: account.hive == HiveState::Loaded });
    }
    accounts
}

/// The SID that an account has; `None` where that was reported.
fn sid(
    check: &mut Check<'_>,
    name: &str,
    account: &AccountFile,
    node: &Node,
    key: &Range<usize>,
    known: Option<&os::account::Account>,
) -> Option<Sid> {
    let span = node.value("sid").span.clone();
    match (&account.sid, known) {
        (None, Some(known)) => Some(known.sid.clone()),
        (None, None) => {
            let names = os::account::Account::WELL_KNOWN.join(", ");
            let problem =
                Problem::new("missing-sid", key.clone(), format!("the account {} has no SID", quoted(name)))
                    .label("expected `sid` in here")
                    .note(format!("only {names} are known by their names"));
            check.problems.push(problem);
            None
        }
        (Some(written), known) => match written.parse::<Sid>() {
            Ok(sid) if known.is_none_or(|known| known.sid == sid) => Some(sid),
            Ok(_) => {
                let right = known.map(|known| known.sid.to_string()).unwrap_or_default();
                let problem =
                    Problem::new("sid-contradicts", span, format!("the SID of `{name}` is {right}"))
                        .label("another SID")
                        .instead("write its own, or leave `sid` out", format!("\"{right}\""));
                check.problems.push(problem);
                None
            }
            Err(error) => {
                bad_sid(check, &span, written, &error);
                None
            }
        },
    }
}

fn bad_sid(check: &mut Check<'_>, span: &Range<usize>, written: &str, error: &SidError) {
    let part = match error {
        SidError::Revision { .. } => Some(1),
        SidError::Authority { .. } | SidError::AuthorityTooLarge { .. } => Some(2),
        SidError::SubAuthority { position, .. } | SidError::SubAuthorityTooLarge { position, .. } => {
            Some(position + 2)
        }
        SidError::NotASid { .. } | SidError::NoSubAuthority | SidError::TooManySubAuthorities { .. } => None,
    };
    let raw = &check.text[span.clone()];
    let inside = part.and_then(|part| {
        let from: usize = written.split('-').take(part).map(|before| before.len() + 1).sum();
        let length = written.split('-').nth(part)?.len();
        let at = |offset| span.start + locate::inside(raw, offset);
        Some(at(from)..at(from + length))
    });
    let message = match error {
        SidError::NotASid { .. } => format!("{} is not a SID", quoted(written)),
        other => cut(&format!("this is not a SID: {other}")),
    };
    check.problems.push(
        Problem::new("bad-sid", inside.unwrap_or_else(|| span.clone()), message)
            .label("expected a SID")
            .note("a SID is S-1-<authority>-<1 to 15 sub-authorities>, each sub-authority 0 to 4294967295"),
    );
}

fn cut(message: &str) -> String {
    let end = message.char_indices().nth(160).map_or(message.len(), |(end, _)| end);
    message[..end].to_owned()
}

/// LocalService and NetworkService came with XP (os B.4).
fn service_account_exists(
    check: &mut Check<'_>,
    account: &os::account::Account,
    windows: &Windows,
    place: &Range<usize>,
) {
    let service = [Sid::named("LocalService"), Sid::named("NetworkService")];
    if !windows.service_accounts && service.contains(&Some(account.sid.clone())) {
        let name = account.sid.name().unwrap_or_default();
        let problem = Problem::new(
            "account-too-new",
            place.clone(),
            format!("Windows {windows} has no account {name}"),
        )
        .label("it came with Windows XP");
        check.problems.push(problem);
    }
}

fn groups_and_privileges(
    check: &mut Check<'_>,
    file: &AccountFile,
    node: &Node,
    made: &mut os::account::Account,
) {
    for (written, group) in file.groups.iter().zip(node.value("groups").elements()) {
        match Sid::parse_or_named(written) {
            Ok(sid) => {
                made.groups.insert(sid);
            }
            Err(SidError::NotASid { .. }) => {
                let unknown = Unknown {
                    code: "unknown-group",
                    span: group.span.clone(),
                    noun: "group",
                    expected: "a group, or a SID",
                    name: written,
                    replaceable: true,
                };
                report_unknown(&mut check.problems, &unknown, WELL_KNOWN.iter().map(|group| group.name));
            }
            Err(error) => bad_sid(check, &group.span, written, &error),
        }
    }
    for (written, privilege) in file.privileges.iter().zip(node.value("privileges").elements()) {
        if let Ok(privilege) = written.parse() {
            made.privileges.insert(privilege);
        } else {
            let unknown = Unknown {
                code: "unknown-privilege",
                span: privilege.span.clone(),
                noun: "privilege",
                expected: "a privilege",
                name: written,
                replaceable: true,
            };
            report_unknown(&mut check.problems, &unknown, Privilege::ALL.map(Privilege::name));
        }
    }
}

/// What hives hold at the beginning.
pub(super) fn hives(check: &mut Check<'_>) -> Vec<Hive> {
    let mut hives = Vec::new();
    let (file, tree) = (check.file, check.tree);
    for ((owner, hive), member) in file.hives.iter().zip(tree.value("hives").members()) {
        if owner != DEFAULT_HIVE && !check.accounts.contains(owner) {
            let unknown = Unknown {
                code: "unknown-hive",
                span: member.key_span.clone(),
                noun: "account",
                expected: "an account, or .DEFAULT",
                name: owner,
                replaceable: true,
            };
            let names = file.accounts.iter().map(|(name, _)| name).chain([DEFAULT_HIVE]);
            report_unknown(&mut check.problems, &unknown, names);
        }
        hives.push(Hive { owner: owner.to_owned(), content: content(check, hive, &member.value) });
    }
    hives
}

fn content(check: &mut Check<'_>, hive: &HiveFile, node: &Node) -> HiveContent {
    profile_names(check, &hive.profiles, node.value("profiles"));
    profile_names(check, &hive.deleted_profiles, node.value("deleted_profiles"));
    let Some(import) = &hive.import else {
        return HiveContent::Profiles {
            profiles: hive.profiles.clone(),
            deleted: hive.deleted_profiles.clone(),
        };
    };
    if let Some(other) = ["profiles", "deleted_profiles"].into_iter().find(|key| node.member(key).is_some()) {
        check.problems.push(
            Problem::new("import-and-content", node.key("import"), "a hive is either imported or described")
                .label("everything comes from this file")
                .also(node.key(other), "so this has no meaning"),
        );
    }
    if import.is_empty() || import.contains('\0') {
        let span = node.value("import").span.clone();
        check
            .problems
            .push(Problem::new("bad-path", span, "this is no path of a file").label("expected a .reg file"));
    }
    HiveContent::Import(import.clone())
}

fn profile_names(check: &mut Check<'_>, names: &[String], node: &Node) {
    let mut seen: BTreeMap<String, Range<usize>> = BTreeMap::new();
    for (name, element) in names.iter().zip(node.elements()) {
        profile_name::check(check, name, &element.span);
        // Names of keys are case-insensitive (os C.5), and so are names of profiles (mapi 1.4).
        if let Some(first) = seen.insert(name.to_lowercase(), element.span.clone()) {
            check.problems.push(
                Problem::new(
                    "listed-twice",
                    element.span.clone(),
                    format!("{} is listed twice", quoted(name)),
                )
                .label("again here; upper and lower case make no difference")
                .also(first, "first here"),
            );
        }
    }
}
