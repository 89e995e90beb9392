//! A whole MAPI profile as Exchange 5.5 and 2000 have it for a service account: ten sections with their properties
//! (mapi 2.2 to 2.4).
//!
//! The profiles that scenarios are run with are smaller (three sections, `mapi::names`); this is for hives that people
//! look at, and for a scenario that wants one. Its UIDs are invented (mapi 2.4). Three choices of ours where mapi 2.4 has
//! dots: the six protocols of 101e6613 and their order, that an offset there counts from the value's beginning, and
//! that the AB provider and the transport are named as their service is.

use super::line::{REG_BINARY, REG_SZ, utf16};
use super::tree::HiveTree;
use crate::mapi::names::{GLOBAL_SECTION, INSTANCE_SECTION, TOP_SECTION, profile_path};
use crate::os::error::Win32Error;
use crate::os::syscall::RegValue;

/// Whose mailbox a profile opens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mailbox {
    /// The site's distinguished name: `/o=Org/ou=Site`.
    pub site: String,
    /// The home server: `SERVER1`.
    pub server: String,
    /// The directory name of the mailbox: `svc`.
    pub alias: String,
}

/// The UIDs of a profile's own sections (mapi 2.4).
const PRIVATE_STORE: [u8; 16] = [0xa1; 16];
const PUBLIC_STORE: [u8; 16] = [0xb2; 16];
const ADDRESS_BOOK: [u8; 16] = [0xc3; 16];
const TRANSPORT: [u8; 16] = [0xd4; 16];
const SERVICE: [u8; 16] = [0xe5; 16];

/// PR_MDB_PROVIDER of the private and the public store (mapi 2.4).
const PRIVATE_MDB: &str = "5494a1c0297f101ba58708002b2a2517";
const PUBLIC_MDB: &str = "78b2fa70aff711cd9bc800aa002fc45a";

/// Adds a whole profile to a hive. `instance` is its search key, which no other profile has, not even a later one of
/// the same name (mapi 1.4).
///
/// # Errors
/// 87 for a name that no key can have.
pub fn seed_profile(
    tree: &mut HiveTree,
    profile: &str,
    mailbox: &Mailbox,
    instance: [u8; 16],
) -> Result<(), Win32Error> {
    let global = bytes_of(GLOBAL_SECTION);
    let top = [
        ("01023d00", binary(&[PRIVATE_STORE, PUBLIC_STORE].concat())),
        ("01023d01", binary(&ADDRESS_BOOK)),
        ("01023d02", binary(&TRANSPORT)),
        ("01023d0e", binary(&SERVICE)),
        ("001e3d12", text(profile)),
    ];
    let service = [
        ("001e3001", text("Microsoft Exchange Mailbox Agent")),
        ("001e3d09", text("MSEMS_EdkMbAgent")),
        ("001e3d0a", text("EMSUI.DLL")),
        ("001e3d0b", text("EMSCfg")),
        ("00033009", long(2)),
        ("01023d00", binary(&[PRIVATE_STORE, PUBLIC_STORE].concat())),
        ("01023d01", binary(&ADDRESS_BOOK)),
        ("01023d02", binary(&TRANSPORT)),
        ("01023d0d", binary(&global)),
    ];
    let user = format!("{}/cn=Recipients/cn={}", mailbox.site, mailbox.alias);
    let server = format!("{}/cn=Configuration/cn=Servers/cn={}", mailbox.site, mailbox.server);
    let exchange = [
        ("00036600", long(0x501)),
        ("00036601", long(4)),
        ("00036604", long(3)),
        ("00036605", long(0)),
        ("001e6602", text(&mailbox.server)),
        ("001e6603", text(&user)),
        ("001e6608", text(&mailbox.server)),
        ("001e6612", text(&server)),
        ("101e6613", binary(&addresses(&mailbox.server))),
    ];
    let private = [
        ("001e3001", text("Private Folders")),
        ("001e3006", text("Microsoft Exchange Message Store")),
        ("001e300a", text("EMSMDB.DLL")),
        ("00033e03", long(0x21)),
        ("00033009", long(0x1006)),
        ("00036609", long(0xc)),
        ("0003660a", long(1)),
        ("001e660b", text(&user)),
        ("001e660c", text(&mailbox.server)),
        ("01023414", binary(&bytes_of(PRIVATE_MDB))),
        ("01023d0c", binary(&SERVICE)),
    ];
    let public = [
        ("001e3001", text("Public Folders")),
        ("001e3006", text("Microsoft Exchange Message Store")),
        ("001e300a", text("EMSMDB.DLL")),
        ("00033e03", long(0x21)),
        ("00033009", long(0x40)),
        ("00036609", long(6)),
        ("0003660a", long(3)),
        ("01023414", binary(&bytes_of(PUBLIC_MDB))),
        ("01023d0c", binary(&SERVICE)),
    ];
    let provider = |dll: &str, kind: u32| {
        vec![("001e300a", text(dll)), ("00033e03", long(kind)), ("01023d0c", binary(&SERVICE))]
    };
    let sections = [
        (TOP_SECTION.to_owned(), top.to_vec()),
        (hex(&SERVICE), service.to_vec()),
        (GLOBAL_SECTION.to_owned(), exchange.to_vec()),
        (hex(&PRIVATE_STORE), private.to_vec()),
        (hex(&PUBLIC_STORE), public.to_vec()),
        (hex(&ADDRESS_BOOK), provider("EMSABP.DLL", 0x23)),
        (hex(&TRANSPORT), provider("EMSMDB.DLL", 0x24)),
        (INSTANCE_SECTION.to_owned(), vec![("0102300b", binary(&instance))]),
    ];
    for (section, values) in sections {
        let path = format!(r"{}\{section}", profile_path(profile));
        for (name, value) in values {
            tree.set_value(&path, name, value)?;
        }
    }
    Ok(())
}

fn text(text: &str) -> RegValue {
    RegValue { kind: REG_SZ, data: utf16(text) }
}

fn binary(bytes: &[u8]) -> RegValue {
    RegValue { kind: REG_BINARY, data: bytes.to_vec() }
}

/// PT_LONG is kept as four bytes, not as a REG_DWORD (mapi 2.2).
fn long(number: u32) -> RegValue {
    binary(&number.to_le_bytes())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |digit: u8| char::from_digit(digit.into(), 16).expect("half a byte is one digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("written by us in hexadecimal digits") as u8;
    hex.as_bytes().as_chunks::<2>().0.iter().map(|[high, low]| digit(*high) << 4 | digit(*low)).collect()
}

/// The server's addresses, one a protocol: how many, where each begins, then each with its NUL (mapi 2.2, 2.4).
fn addresses(server: &str) -> Vec<u8> {
    let protocols = ["ncalrpc", "ncacn_ip_tcp", "ncacn_spx", "ncacn_np", "netbios", "ncacn_vns_spp"];
    let texts: Vec<String> = protocols.iter().map(|protocol| format!("{protocol}:{server}\0")).collect();
    let mut value = (texts.len() as u32).to_le_bytes().to_vec();
    let mut at = 4 * (texts.len() + 1);
    for text in &texts {
        value.extend((at as u32).to_le_bytes());
        at += text.len();
    }
    value.extend(texts.concat().bytes());
    value
}
