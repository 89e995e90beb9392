//! Connections between every two processes, before anything is searched.
//!
//! Each process connects to those before it and waits for those after it. Both sides of a connection say first what they
//! are here for: a hash of the program's version, the scenarios, the builds and the bounds. Who is here for something else
//! is told so, and so are both; who speaks no such language at all is not listened to.

use std::any::Any;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use mapisim::cli::Status;
use mapisim_model::scenario::visible::quoted;
use socket2::{SockRef, TcpKeepalive};
use timely::communication::allocator::ProcessBuilder;
use timely::communication::allocator::zero_copy::initialize::initialize_networking_from_sockets;
use timely::communication::{AllocatorBuilder, Hooks};

use crate::work::Job;

#[expect(clippy::disallowed_types, reason = "nobody waits for other processes for ever")]
type Clock = std::time::Instant;

/// What a connection begins with; a later format has another number.
const MAGIC: &[u8; 8] = b"mapisim1";

/// What is said first: the magic, the token, who it is, how many there are.
const HELLO: usize = 8 + 32 + 2 * 8;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// How long somebody who has connected may take to say hello.
const HELLO_WITHIN: Duration = Duration::from_secs(5);

/// How long a machine may be silent that is searched with.
const SILENCE: Duration = Duration::from_mins(1);

/// Where everybody is.
pub(super) struct Mesh {
    pub(super) listener: TcpListener,
    pub(super) addresses: Vec<String>,
    pub(super) index: usize,
}

/// What `timely` needs to begin.
pub(super) type Connected = (Vec<AllocatorBuilder>, Box<dyn Any + Send>);

/// Why the processes do not come together: how the command ends then, and a sentence.
pub(super) type Refused = (Status, String);

/// Nothing is wrong with what was asked for.
pub(super) fn not_there(why: String) -> Refused {
    (Status::Inconclusive, why)
}

/// What processes have to agree on.
pub(super) fn token(job: &Job) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    hasher.update(std::env::consts::ARCH.as_bytes());
    for (scenario, build) in &job.cells {
        hasher.update(format!("{scenario:?}\0{}\0", build.id()).as_bytes());
    }
    hasher.update(&job.states_max.to_le_bytes());
    hasher.finalize().into()
}

impl Mesh {
    /// Connects every two processes.
    pub(super) fn connect(
        self,
        token: &[u8; 32],
        patience: Duration,
        interrupted: &AtomicBool,
    ) -> Result<Connected, Refused> {
        let processes = self.addresses.len();
        let waiting = Waiting { mesh: &self, token, until: Clock::now() + patience, patience, interrupted };
        let mut streams: Vec<Option<TcpStream>> = Vec::new();
        for to in 0..self.index {
            streams.push(Some(waiting.connect(to)?));
        }
        streams.resize_with(processes, || None);
        waiting.accept(&mut streams)?;
        if processes == 1 {
            return timely::CommunicationConfig::Thread.try_build().map_err(not_there);
        }
        let failed = |error: std::io::Error| not_there(format!("the connections cannot be used: {error}"));
        for stream in streams.iter().flatten() {
            let ready = stream.set_read_timeout(None).and_then(|()| stream.set_nodelay(true));
            let ready = ready.and_then(|()| keep_watch(stream));
            ready.map_err(failed)?;
        }
        let hooks = Hooks::default();
        let one = ProcessBuilder::new_typed_vector(1, hooks.refill.clone(), None);
        let (builders, guard) =
            initialize_networking_from_sockets(one, streams, self.index, 1, hooks).map_err(failed)?;
        Ok((builders.into_iter().map(AllocatorBuilder::Tcp).collect(), Box::new(guard)))
    }
}

struct Waiting<'a> {
    mesh: &'a Mesh,
    token: &'a [u8; 32],
    until: Clock,
    patience: Duration,
    interrupted: &'a AtomicBool,
}

/// What came of a hello.
enum Met {
    /// This process is here for the same.
    Fellow(usize),
    /// It is here for something else.
    Other,
    /// It said nothing that can be understood.
    Stranger,
}

impl Waiting<'_> {
    /// Connects to a process before this one.
    fn connect(&self, to: usize) -> Result<TcpStream, Refused> {
        let address = &self.mesh.addresses[to];
        loop {
            let why = match self.attempt(address) {
                Ok(mut stream) => match self.greet(&mut stream) {
                    Met::Fellow(who) if who == to => return Ok(stream),
                    Met::Fellow(_) | Met::Other => return Err(self.other(address)),
                    // It may have been busy, or is about to listen.
                    Met::Stranger => "who is there does not answer as a process of this search".to_owned(),
                },
                Err(error) => error.to_string(),
            };
            let what = format!("process {to}, which should be at {}, was not there", quoted(address));
            self.pause(&what, Some(&why))?;
        }
    }

    fn attempt(&self, address: &str) -> std::io::Result<TcpStream> {
        let left = self.until.saturating_duration_since(Clock::now()).max(PAUSE);
        let mut why = std::io::Error::new(ErrorKind::NotFound, "it has no address");
        for address in address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, left) {
                Ok(stream) => return Ok(stream),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    /// Waits for every process after this one.
    fn accept(&self, streams: &mut [Option<TcpStream>]) -> Result<(), Refused> {
        let failed =
            |error: std::io::Error| not_there(format!("this process cannot be connected to: {error}"));
        self.mesh.listener.set_nonblocking(true).map_err(failed)?;
        loop {
            let missing = (self.mesh.index + 1..streams.len()).find(|who| streams[*who].is_none());
            let Some(missing) = missing else { return Ok(()) };
            match self.mesh.listener.accept() {
                Ok((mut stream, from)) => {
                    stream.set_nonblocking(false).map_err(failed)?;
                    match self.greet(&mut stream) {
                        Met::Fellow(who) if who > self.mesh.index && who < streams.len() => {
                            // One that was started again may come again; two that are both there may not.
                            if streams[who].as_ref().is_some_and(is_open) {
                                return Err(twice(who, &from.to_string()));
                            }
                            streams[who] = Some(stream);
                        }
                        Met::Fellow(_) | Met::Other => return Err(self.other(&from.to_string())),
                        Met::Stranger => {}
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let address = quoted(&self.mesh.addresses[missing]).clone();
                    let what = format!("process {missing}, which should be at {address}, did not come");
                    self.pause(&what, None)?;
                }
                // Somebody who went away before being heard is no failure of ours.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }

    fn greet(&self, stream: &mut TcpStream) -> Met {
        let mut said = [0; HELLO];
        let said_all = stream
            .set_read_timeout(Some(HELLO_WITHIN))
            .and_then(|()| stream.write_all(&self.hello()))
            .and_then(|()| stream.read_exact(&mut said));
        if said_all.is_err() || said[..8] != *MAGIC {
            return Met::Stranger;
        }
        if said[8..40] != *self.token || said[48..] != (self.mesh.addresses.len() as u64).to_le_bytes() {
            return Met::Other;
        }
        let who = u64::from_le_bytes(said[40..48].try_into().expect("eight bytes"));
        usize::try_from(who).map_or(Met::Other, Met::Fellow)
    }

    fn hello(&self) -> [u8; HELLO] {
        let mut hello = [0; HELLO];
        hello[..8].copy_from_slice(MAGIC);
        hello[8..40].copy_from_slice(self.token);
        hello[40..48].copy_from_slice(&(self.mesh.index as u64).to_le_bytes());
        hello[48..].copy_from_slice(&(self.mesh.addresses.len() as u64).to_le_bytes());
        hello
    }

    fn other(&self, address: &str) -> Refused {
        let why = format!(
            "process {} and the one at {} were not asked for the same: the version, the scenarios, the algorithms, \
             --max-states and the number of processes have to be, and each has an --index of its own",
            self.mesh.index,
            quoted(address)
        );
        (Status::BadInput, why)
    }

    /// Waits a little, unless it has been long enough; `why` is told of the last attempt then.
    fn pause(&self, what: &str, why: Option<&str>) -> Result<(), Refused> {
        if self.interrupted.load(Ordering::SeqCst) {
            return Err(not_there("interrupted before all processes were there".to_owned()));
        }
        if Clock::now() >= self.until {
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            return Err(not_there(format!("{what} within {} seconds{why}", self.patience.as_secs())));
        }
        std::thread::sleep(PAUSE);
        Ok(())
    }
}

fn twice(who: usize, address: &str) -> Refused {
    let why = format!(
        "the one at {} says that it is process {who}, and so does another: each has an --index of its own, and all have the \
         same file of hosts",
        quoted(address)
    );
    (Status::BadInput, why)
}

/// Whether whoever is at the other end of a connection has not closed it.
fn is_open(stream: &TcpStream) -> bool {
    let peeked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
    let back = stream.set_nonblocking(false);
    back.is_ok() && peeked.map_or_else(|error| error.kind() == ErrorKind::WouldBlock, |bytes| bytes > 0)
}

/// A connection over which nothing is heard any more is one that broke: a machine that loses its power or its cable says
/// nothing. The operating system asks whether the other end is still there, and gives up what it did not acknowledge.
fn keep_watch(stream: &TcpStream) -> std::io::Result<()> {
    let probes = TcpKeepalive::new().with_time(SILENCE / 2).with_interval(SILENCE / 12);
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&probes)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(SILENCE))?;
    Ok(())
}

/// The process whose connection broke first; so many mean none.
static LOST: AtomicUsize = AtomicUsize::new(usize::MAX);

/// The process that was lost.
pub(super) fn lost() -> Option<usize> {
    let lost = LOST.load(Ordering::SeqCst);
    (lost != usize::MAX).then_some(lost)
}

/// What `timely` says where a thread of its own has stopped.
pub(super) const POISONED: &str = "MergeQueue poisoned";

/// The threads of `timely` that read and write connections stop with a panic where one breaks. That is no bug of ours:
/// which one it was is noted, and nothing else said of it here.
pub(super) fn note_lost_threads() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let thread = std::thread::current();
        let name = thread.name().unwrap_or_default();
        let peer = name.strip_prefix("timely:recv-").or_else(|| name.strip_prefix("timely:send-"));
        if let Some(peer) = peer.and_then(|peer| peer.parse().ok()) {
            let _one_was_first = LOST.compare_exchange(usize::MAX, peer, Ordering::SeqCst, Ordering::SeqCst);
        } else if lost().is_none() {
            told(panic);
        }
    }));
}
