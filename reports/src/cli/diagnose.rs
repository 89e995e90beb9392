//! `mapisim diagnose`.

use std::path::PathBuf;
use std::sync::atomic::Ordering;

use clap::{ArgGroup, Args as ClapArgs, ValueEnum};
use mapisim_model::diagnose::{Known, Symptom};
use mapisim_model::mapi::hresult::HResult;
use mapisim_model::mapi::product::{DllVersion, Product};
use mapisim_model::os::windows::Windows;
use mapisim_model::scenario::visible::{quoted, visible};

use super::args::{Format, JOBS_MAX};
use super::exit::Status;
use super::files::write;
use super::output::Io;
use crate::diagnose;

/// Whether two things are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Alike {
    /// They are the same.
    Same,
    /// They are not.
    Different,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Said {
    /// It is so.
    Yes,
    /// It is not.
    No,
}

/// The calls that a symptom can be about.
const CALLS: [&str; 7] =
    ["MAPIInitialize", "CreateProfile", "MAPILogonEx", "DeleteProfile", "OpenMsgStore", "Logoff", "Release"];

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
#[derive(Debug, ClapArgs)]
#[command(
    group(ArgGroup::new("symptom").required(true).args(["call", "mark_left", "profile_gone", "profile_visible", "orphan"])),
    after_help = "\
Examples:
  mapisim diagnose --call OpenMsgStore --error MAPI_E_CALL_FAILED
  mapisim diagnose --call CreateProfile --error MAPI_E_NO_ACCESS --processes 1 --product outlook
  mapisim diagnose --mark-left --product outlook --product exchange-2003-sp1 --save found

Exit status: 0 some world shows it, 1 none that was tried does."
)]
pub(super) struct DiagnoseArgs {
    /// A call that failed
    #[arg(long, value_name = "NAME", requires = "error", value_parser = clap::builder::PossibleValuesParser::new(CALLS))]
    call: Option<String>,
    /// What it returned
    #[arg(long, value_name = "CODE", requires = "call", value_parser = code)]
    error: Option<HResult>,
    /// A mark stays under Deleted Profiles
    #[arg(long)]
    mark_left: bool,
    /// The profile of a live session is gone
    #[arg(long)]
    profile_gone: bool,
    /// A profile that was deleted is listed
    #[arg(long)]
    profile_visible: bool,
    /// Something stays that was to be deleted, marked or not
    #[arg(long)]
    orphan: bool,
    /// The version of Windows
    #[arg(long, value_name = "VERSION", value_parser = windows)]
    windows: Option<String>,
    /// Terminal Services are on
    #[arg(long, conflicts_with = "no_terminal_services")]
    terminal_services: bool,
    /// Terminal Services are off
    #[arg(long)]
    no_terminal_services: bool,
    /// A product that is installed
    #[arg(long, value_name = "NAME", value_parser = product)]
    product: Vec<String>,
    /// The version of an installed mapi32.dll
    #[arg(long, value_name = "VERSION", value_parser = version)]
    mapi32: Vec<String>,
    /// Whether the processes use one account
    #[arg(long, value_enum)]
    account: Option<Alike>,
    /// Whether they are in one session
    #[arg(long, value_enum)]
    session: Option<Alike>,
    /// How many processes use MAPI
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=2))]
    processes: Option<u32>,
    /// Whether one of them impersonates
    #[arg(long, value_enum)]
    impersonation: Option<Said>,
    /// How many crashed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1))]
    crashes: Option<u32>,
    /// Write each world as a scenario file into this folder
    #[arg(long, value_name = "DIR")]
    save: Option<PathBuf>,
    /// What the report looks like
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Run so many at once; results do not depend on it [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=JOBS_MAX))]
    jobs: Option<u16>,
}

fn code(text: &str) -> Result<HResult, String> {
    let failure = HResult::from_name(text).filter(|code| !code.succeeded());
    failure.ok_or_else(|| "that is no error of MAPI; one is MAPI_E_CALL_FAILED".to_owned())
}

fn windows(text: &str) -> Result<String, String> {
    let known = text.parse::<Windows>().map(|_| text.to_owned());
    known.map_err(|_| "there is no such version; one is server-2003".to_owned())
}

fn product(text: &str) -> Result<String, String> {
    Product::from_id(text).map(|product| product.id().to_owned()).ok_or_else(|| {
        format!("there is no such product; there are {}", Product::ALL.map(Product::id).join(", "))
    })
}

fn version(text: &str) -> Result<String, String> {
    let version: DllVersion = text.parse().map_err(|bad| format!("{bad}"))?;
    let product = Product::of_version(version).map(|product| product.id().to_owned());
    product.ok_or_else(|| "nothing is known of that version".to_owned())
}

impl DiagnoseArgs {
    fn symptom(&self) -> Symptom {
        match (&self.call, self.error) {
            (Some(call), Some(returned)) => Symptom::Call { call: call.clone(), returned },
            _ if self.mark_left => Symptom::MarkLeft,
            _ if self.profile_gone => Symptom::ProfileGone,
            _ if self.profile_visible => Symptom::ProfileVisible,
            _ => Symptom::Orphan,
        }
    }

    fn known(&self) -> Known {
        let mut products: Vec<String> = Vec::new();
        for product in self.product.iter().chain(&self.mapi32) {
            if !products.contains(product) {
                products.push(product.clone());
            }
        }
        let services = self.terminal_services || self.no_terminal_services;
        Known {
            windows: self.windows.clone(),
            terminal_services: services.then_some(self.terminal_services),
            products,
            other_account: self.account.map(|alike| alike == Alike::Different),
            other_session: self.session.map(|alike| alike == Alike::Different),
            processes: self.processes,
            impersonation: self.impersonation.map(|said| said == Said::Yes),
            crashes: self.crashes,
        }
    }
}

/// Tries the worlds and tells those that show the symptom.
pub(super) fn run(args: &DiagnoseArgs, io: &mut Io<'_>) -> Status {
    let symptom = args.symptom();
    let interrupted = io.interrupted;
    let go_on = || !interrupted.load(Ordering::SeqCst);
    let diagnosis = diagnose::diagnose(&symptom, &args.known(), args.jobs.map(usize::from), &go_on);
    if diagnosis.cut {
        io.complain(
            "interrupted: there are worlds that were not tried, and perhaps smaller ones that show it",
        );
    }
    let mut status = if diagnosis.found.is_empty() { Status::Broken } else { Status::AsExpected };
    if let Some(folder) = &args.save {
        for saved in diagnose::files(&symptom, &diagnosis) {
            if let Err(error) = write(folder, &saved.name, saved.text.as_bytes()) {
                let path = folder.join(&saved.name);
                io.complain(&format!("{} could not be written: {error}", quoted(&path.to_string_lossy())));
                status = status.and(Status::Unwritten);
            }
        }
    }
    let report = match args.format {
        Format::Json => diagnose::json(&symptom, &diagnosis),
        Format::Text => {
            let folder = args.save.as_ref().map(|folder| visible(&folder.to_string_lossy()).into_owned());
            diagnose::text(&symptom, &diagnosis, folder.as_deref(), io.terminal.columns)
        }
    };
    status.and(io.print(&report))
}
