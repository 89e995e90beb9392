//! Processes on this machine: the first one starts the others, with the same arguments.
//!
//! Each of them takes a free port of 127.0.0.1 and writes it on its standard output; then it reads everybody's addresses
//! from its standard input. So no port is ever guessed, and none is given up before it is used.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use mapisim::cli::Status;

use super::free_port;
use super::mesh::Mesh;

/// Processes that were started; they end with this one.
pub(super) struct Children(Vec<Child>);

/// How long a process may take to end that has nothing more to do.
const GRACE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

impl Children {
    pub(super) fn none() -> Self {
        Children(Vec::new())
    }

    /// Ends those that have not ended.
    pub(super) fn kill(&mut self) {
        for child in &mut self.0 {
            // One that has ended already is as good.
            let _ended = child.kill().and_then(|()| child.wait());
        }
    }

    /// Waits until all have ended; whether one of them met a bug of ours.
    pub(super) fn wait(&mut self) -> Status {
        let mut status = Status::AsExpected;
        let mut left = GRACE;
        for child in &mut self.0 {
            loop {
                match child.try_wait() {
                    Ok(Some(ended)) => {
                        let ours = ended.code() == Some(Status::OurBug.code().into());
                        status = status.and(if ours { Status::OurBug } else { Status::AsExpected });
                        break;
                    }
                    Ok(None) if !left.is_zero() => {
                        std::thread::sleep(PAUSE);
                        left = left.saturating_sub(PAUSE);
                    }
                    _ => break,
                }
            }
        }
        self.kill();
        status
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts all processes but this one, the first.
pub(super) fn start(
    processes: usize,
    words: &[OsString],
    patience: Duration,
) -> Result<(Mesh, Children), String> {
    let failed = |what: &str, error: &dyn std::fmt::Display| format!("{what}: {error}");
    let listener = free_port().map_err(|error| failed("no port of 127.0.0.1 can be had", &error))?;
    let own = listener.local_addr().map_err(|error| failed("no port of 127.0.0.1 can be had", &error))?;
    let program = std::env::current_exe()
        .map_err(|error| failed("this program does not know where it is, so it cannot be started", &error))?;
    let mut children = Children::none();
    let (send, addresses) = mpsc::channel();
    for part in 1..processes {
        let mut command = Command::new(&program);
        command.args(words).arg("--part").arg(part.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child =
            command.spawn().map_err(|error| failed(&format!("process {part} cannot be started"), &error))?;
        let out = child.stdout.take().expect("it is piped");
        children.0.push(child);
        let send = send.clone();
        // What it says comes when it comes, and it may never say anything.
        let listen = move || {
            let mut line = String::new();
            let said = BufReader::new(out).read_line(&mut line).is_ok_and(|bytes| bytes > 0);
            drop(send.send((part, said.then(|| line.trim().to_owned()))));
        };
        let listening = std::thread::Builder::new().name(format!("listen-{part}")).spawn(listen);
        listening.map_err(|error| failed("no thread can be started", &error))?;
    }
    let mut all = vec![own.to_string(); processes];
    for _ in 1..processes {
        let Ok((part, said)) = addresses.recv_timeout(patience) else {
            return Err("not every process that was started said where it is".to_owned());
        };
        all[part] = said.ok_or_else(|| format!("process {part} ended before it said where it is"))?;
    }
    for (part, child) in children.0.iter_mut().enumerate() {
        let mut stdin = child.stdin.take().expect("it is piped");
        let told = writeln!(stdin, "{}", all.join(" "));
        told.map_err(|error| failed(&format!("process {} cannot be told of the others", part + 1), &error))?;
    }
    Ok((Mesh { listener, addresses: all, index: 0 }, children))
}

/// Joins the process that started this one.
pub(super) fn join(part: usize) -> Result<Mesh, String> {
    let lost = |what: &dyn std::fmt::Display| format!("process {part} cannot join the others: {what}");
    let listener = free_port().map_err(|error| lost(&error))?;
    let address = listener.local_addr().map_err(|error| lost(&error))?;
    let mut out = std::io::stdout();
    writeln!(out, "{address}").and_then(|()| out.flush()).map_err(|error| lost(&error))?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| lost(&error))?;
    let addresses: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    if addresses.get(part) != Some(&address.to_string()) {
        return Err(lost(&"nobody told it where they are"));
    }
    Ok(Mesh { listener, addresses, index: part })
}
