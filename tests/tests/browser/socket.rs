//! As much of a web socket as talking to a browser on this machine takes: text frames, whole messages, no extensions.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A message is waited for no longer than this.
const PATIENCE: Duration = Duration::from_mins(2);

/// A connection.
pub(crate) struct Socket {
    stream: TcpStream,
}

impl Socket {
    /// Connects to a path on a port of this machine.
    pub(crate) fn connect(port: u16, path: &str) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the browser listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket takes a time limit");
        // The key is the standard's own example: nobody here has to prove anything.
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("the browser reads");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("the browser answers");
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        Socket { stream }
    }

    /// Sends a text.
    pub(crate) fn send(&mut self, text: &str) {
        self.frame(0x81, text.as_bytes());
    }

    /// A whole frame. Clients have to mask; a mask of zeros is one.
    fn frame(&mut self, head: u8, payload: &[u8]) {
        let mut frame = vec![head];
        match payload.len() {
            short @ 0..=125 => frame.push(0x80 | short as u8),
            middle @ 126..=0xFFFF => {
                frame.push(0x80 | 0x7E);
                frame.extend((middle as u16).to_be_bytes());
            }
            long => {
                frame.push(0x80 | 0x7F);
                frame.extend((long as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(payload);
        self.stream.write_all(&frame).expect("the browser reads");
    }

    /// The next text.
    pub(crate) fn receive(&mut self) -> String {
        let mut message = Vec::new();
        loop {
            let [head, length] = self.bytes::<2>();
            let length = match length & 0x7F {
                126 => u64::from(u16::from_be_bytes(self.bytes())),
                127 => u64::from_be_bytes(self.bytes()),
                short => u64::from(short),
            };
            let mut payload = vec![0; usize::try_from(length).expect("a message fits into memory")];
            self.stream.read_exact(&mut payload).expect("the browser sends what it announces");
            match head & 0x0F {
                0 | 1 => message.extend(payload),
                8 => panic!("the browser closed the connection"),
                9 => self.frame(0x8A, &payload),
                _ => {}
            }
            if head & 0x80 != 0 && head & 0x0F < 2 {
                return String::from_utf8(message).expect("a text is Unicode");
            }
        }
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes).expect("the browser answers in time");
        bytes
    }
}
