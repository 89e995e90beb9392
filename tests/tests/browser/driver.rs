//! A headless Chromium, driven over its own protocol. It is killed when the test is done with it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mapisim_tests::foreign::{Lacking, skipped};
use serde_json::{Value, json};

use crate::socket::Socket;

/// What the program may be called.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    socket: Socket,
    session: String,
    asked: u64,
    /// Everything that it told unasked.
    pub(crate) events: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _it_may_be_gone = self.child.kill();
        let _it_may_be_gone = self.child.wait();
    }
}

impl Browser {
    /// Starts one; none where there is no Chromium and nobody requires it.
    pub(crate) fn start() -> Option<Self> {
        let runs = |name: &&&str| {
            let asked =
                Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            asked.is_ok_and(|status| status.success())
        };
        let Some(name) = NAMES.iter().find(runs) else {
            skipped(Lacking::Browser, "there is no Chromium on this machine");
            return None;
        };
        let profile = tempfile::tempdir().expect("a temporary folder can be made");
        let child = Command::new(name)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args(["--disable-background-networking", "--no-first-run", "--disable-extensions"])
            .args(["--remote-debugging-port=0", "--hide-scrollbars", "--lang=en"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a program that tells its version starts");
        let (port, path) = listening(profile.path());
        let socket = Socket::connect(port, &path);
        let mut browser = Browser {
            child,
            socket,
            session: String::new(),
            asked: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attached = browser
            .call("Target.attachToTarget", &json!({ "targetId": target["targetId"], "flatten": true }));
        attached["sessionId"].as_str().expect("a page has a session").clone_into(&mut browser.session);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser.size(1400, 1000);
        Some(browser)
    }

    /// Calls the browser and waits for what it answers.
    pub(crate) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.asked += 1;
        let mut message = json!({ "id": self.asked, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.socket.send(&message.to_string());
        loop {
            let mut answer: Value = serde_json::from_str(&self.socket.receive()).expect("it speaks JSON");
            if answer["id"] == json!(self.asked) {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].take();
            }
            self.events.push(answer);
        }
    }

    /// The value of an expression in the page.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.call("Runtime.evaluate", &asked);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    /// The value, as text.
    pub(crate) fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression);
        value.as_str().unwrap_or_else(|| panic!("{expression} is {value}, no text")).to_owned()
    }

    /// Opens a file, at a place in it.
    pub(crate) fn open(&mut self, file: &Path, place: &str) {
        // Another place in the same file would not load it anew.
        self.call("Page.navigate", &json!({ "url": "about:blank" }));
        self.call("Page.navigate", &json!({ "url": format!("file://{}{place}", file.display()) }));
        self.wait("location.protocol === 'file:' && document.readyState === 'complete'");
        self.wait("!document.documentElement.classList.contains('js') || document.documentElement.dataset.ready === '1'");
        // What the page does once it is there is done a frame later. Where scripts may not run, no timer of its own would end.
        std::thread::sleep(Duration::from_millis(100));
    }

    /// Waits until an expression is true.
    pub(crate) fn wait(&mut self, expression: &str) {
        for _ in 0..600 {
            if self.value(expression) == json!(true) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("it never came true: {expression}");
    }

    /// Presses a key.
    pub(crate) fn press(&mut self, key: &str) {
        let code = match key {
            "Escape" => 27,
            "Tab" => 9,
            "Enter" => 13,
            "ArrowRight" => 39,
            _ => 0,
        };
        let text = if key.len() == 1 { key } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code });
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = json!(text);
            }
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// Sets the size of the window.
    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Prefers light or dark.
    pub(crate) fn scheme(&mut self, scheme: &str) {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", &features);
    }

    /// Lets scripts of pages run, or not. What the test itself asks is answered all the same.
    pub(crate) fn scripts(&mut self, allowed: bool) {
        self.call("Emulation.setScriptExecutionDisabled", &json!({ "value": !allowed }));
    }

    /// Everything that went wrong in the page, and every request that left this machine's files.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let bad = self.events.iter().filter(|event| {
            let url = event["params"]["request"]["url"].as_str().unwrap_or("");
            match event["method"].as_str().unwrap_or("") {
                "Runtime.exceptionThrown"
                | "Runtime.consoleAPICalled"
                | "Log.entryAdded"
                | "Page.javascriptDialogOpening" => true,
                "Network.requestWillBeSent" => !url.starts_with("file:") && !url.starts_with("about:"),
                _ => false,
            }
        });
        bad.map(Value::to_string).collect()
    }
}

/// Where the browser listens: it writes that into its profile.
fn listening(profile: &Path) -> (u16, String) {
    for _ in 0..1_200 {
        let told = std::fs::read_to_string(profile.join("DevToolsActivePort")).unwrap_or_default();
        let mut lines = told.lines();
        if let (Some(port), Some(path)) = (lines.next().and_then(|port| port.parse().ok()), lines.next()) {
            return (port, path.to_owned());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("Chromium did not start within a minute");
}
