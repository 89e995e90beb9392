//! A file of hosts: one address a line, empty lines and lines that begin with `#` left out.

use std::net::TcpListener;
use std::path::Path;

use mapisim_model::scenario::visible::quoted;

/// The addresses, and a listener on that of this process.
pub(super) fn read(file: &Path, index: usize) -> Result<(TcpListener, Vec<String>), String> {
    let name = quoted(&file.to_string_lossy()).clone();
    let text = std::fs::read_to_string(file).map_err(|error| format!("{name} cannot be read: {error}"))?;
    let addresses = addresses(&text).map_err(|why| format!("{name}, {why}"))?;
    let address = addresses.get(index).ok_or_else(|| {
        format!("{name} has {} addresses, so --index is at most {}", addresses.len(), addresses.len() - 1)
    })?;
    let listener = TcpListener::bind(address)
        .map_err(|error| format!("this process cannot be reached at {}: {error}", quoted(address)))?;
    Ok((listener, addresses))
}

fn addresses(text: &str) -> Result<Vec<String>, String> {
    let mut addresses: Vec<String> = Vec::new();
    for (number, line) in text.lines().enumerate().map(|(number, line)| (number + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let port = line.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        if port.is_none_or(|(_, port)| port.parse::<u16>().is_err()) {
            return Err(format!("line {number}: {} is no address; HOST:PORT is one", quoted(line)));
        }
        if addresses.iter().any(|known| known == line) {
            return Err(format!("line {number}: {} is there twice: each process has its own", quoted(line)));
        }
        addresses.push(line.to_owned());
    }
    if addresses.is_empty() { Err("there is no address in it".to_owned()) } else { Ok(addresses) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_an_address_and_what_is_none_is_told() {
        let read = addresses("# two hosts\nnode-a:2101\n\n 10.0.0.2:2101 \n").unwrap();
        assert_eq!(read, ["node-a:2101", "10.0.0.2:2101"]);
        let wrong = |text| addresses(text).unwrap_err();
        assert_eq!(wrong("# none\n"), "there is no address in it");
        assert_eq!(wrong("a:1\nnode"), "line 2: `node` is no address; HOST:PORT is one");
        assert_eq!(wrong(":1"), "line 1: `:1` is no address; HOST:PORT is one");
        assert_eq!(wrong("a:70000"), "line 1: `a:70000` is no address; HOST:PORT is one");
        assert_eq!(wrong("a:1\na:1"), "line 2: `a:1` is there twice: each process has its own");
    }
}
