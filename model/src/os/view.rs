//! What a property or a report may look at: read-only, by process, handle, name or path.
//!
//! Keys are named by their full path, `HKU\S-1-5-18\Software`; objects by theirs,
//! `\Sessions\2\BaseNamedObjects\X`.

use std::collections::BTreeMap;

use super::error::Win32Error;
use super::event::Event;
use super::handle::Target;
use super::machine::Os;
use super::mutex::Mutex;
use super::namespace::{Directory, ObjectPath};
use super::object::{Kind, Object, ObjectId};
use super::process::{ProcessId, ThreadId};
use super::registry::{Body, CurrentUser, KeyPath, OpenKey, TreeKey, UserHive};
use super::security::AccessMask;
use super::sid::Sid;
use super::syscall::{Handle, RegValue, ViewBase};

/// An open key as a report shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyView {
    /// Where the key is, or was: `HKU\S-1-5-21-...\Software\...`, as its names were created.
    pub path: String,
    /// The key is gone: every use but close answers 1018.
    pub deleted: bool,
    /// It is gone since its hive was unloaded by force.
    pub hive_unloaded: bool,
}

/// A key of a loaded hive with all that is below it, to be walked through.
#[derive(Clone, Copy, Debug)]
pub struct KeyTree<'a>(&'a TreeKey);

/// What HKEY_CURRENT_USER means in a process.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CurrentUserView {
    /// Nothing yet.
    Unmapped,
    /// The root of this hive.
    Mapped(KeyView),
    /// The hive of whoever uses it, at each use (`RegDisablePredefinedCache`).
    Uncached,
}

/// Who holds an object, and by what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holder {
    /// A handle.
    Handle(ProcessId, Handle),
    /// A mapped view.
    View(ProcessId, ViewBase),
}

/// A section, mutex or event as a report shows it.
#[derive(Clone, Debug)]
pub struct ObjectView<'a> {
    /// Which, within this state of the machine.
    pub id: ObjectId,
    /// The path as it was created; none for one without a name.
    pub path: Option<ObjectPath>,
    /// The session in whose own directory it was created; none for one in the global directory or without a
    /// name.
    pub session: Option<u32>,
    /// Whether the name is alive: it can be opened by it.
    pub name_is_alive: bool,
    /// The SIDs that its access list names.
    pub may_open: Vec<&'a Sid>,
    /// The type, with what only that type has.
    pub content: Content<'a>,
}

/// What only one type of object has.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// A section: its cells by name, none of them 0.
    Section(&'a BTreeMap<String, i64>),
    /// A mutex.
    Mutex(&'a Mutex),
    /// An event.
    Event(&'a Event),
}

impl KeyView {
    fn of(open: &OpenKey) -> Self {
        let body = open.body();
        Self {
            path: open.path().to_string(),
            deleted: body != Body::Live,
            hive_unloaded: body == Body::HiveUnloaded,
        }
    }
}

impl<'a> KeyTree<'a> {
    /// Its name, as it was created.
    pub fn name(self) -> &'a str {
        self.0.name()
    }

    /// The keys below it, in order of enumeration.
    pub fn subkeys(self) -> impl Iterator<Item = KeyTree<'a>> {
        self.0.subkeys().iter().map(|key| KeyTree(key))
    }

    /// The key of that name below it.
    pub fn subkey(self, name: &str) -> Option<KeyTree<'a>> {
        self.0.subkey(name).map(KeyTree)
    }

    /// Its values, in order of enumeration.
    pub fn values(self) -> impl Iterator<Item = (&'a str, &'a RegValue)> {
        self.0.values()
    }

    /// Whether two states share it with all that is below it, so that it is the same in both. Where they do not it may be the
    /// same all the same.
    pub fn is_shared(self, other: KeyTree<'_>) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl<'a> ObjectView<'a> {
    /// The cells, where it is a section.
    pub fn cells(&self) -> Option<&'a BTreeMap<String, i64>> {
        match self.content {
            Content::Section(cells) => Some(cells),
            Content::Mutex(_) | Content::Event(_) => None,
        }
    }

    /// The state of the mutex, where it is one.
    pub fn mutex(&self) -> Option<&'a Mutex> {
        match self.content {
            Content::Section(_) | Content::Event(_) => None,
            Content::Mutex(mutex) => Some(mutex),
        }
    }

    /// The state of the event, where it is one.
    pub fn event(&self) -> Option<&'a Event> {
        match self.content {
            Content::Section(_) | Content::Mutex(_) => None,
            Content::Event(event) => Some(event),
        }
    }
}

/// Keys and hives.
impl Os {
    /// The key behind a handle of a living process.
    pub fn key_of(&self, process: ProcessId, handle: Handle) -> Option<KeyView> {
        match self.process(process).running()?.handles.get(handle)? {
            Target::Key(open) => Some(KeyView::of(open)),
            Target::Object { .. } | Target::Token(_) => None,
        }
    }

    /// The key behind a handle of a living process, unless it is gone: its path.
    pub(crate) fn live_key_of(&self, process: ProcessId, handle: Handle) -> Option<&KeyPath> {
        match self.process(process).running()?.handles.get(handle)? {
            Target::Key(open) => open.is_live().then_some(open.path()),
            Target::Object { .. } | Target::Token(_) => None,
        }
    }

    /// The keys that a process has open, by handle, that are not gone.
    pub(crate) fn live_keys_of(&self, process: ProcessId) -> impl Iterator<Item = &KeyPath> {
        let running = self.process(process).running().into_iter();
        running.flat_map(|running| running.handles.iter()).filter_map(|(_, target)| match target {
            Target::Key(open) => open.is_live().then_some(open.path()),
            Target::Object { .. } | Target::Token(_) => None,
        })
    }

    /// Whether the key behind a handle of a living process is gone ([`KeyView::deleted`]).
    pub fn is_key_deleted(&self, process: ProcessId, handle: Handle) -> bool {
        let handles = self.process(process).running().map(|running| &running.handles);
        match handles.and_then(|handles| handles.get(handle)) {
            Some(Target::Key(open)) => open.body() != Body::Live,
            Some(Target::Object { .. } | Target::Token(_)) | None => false,
        }
    }

    /// The keys that a process has open, by handle.
    pub fn open_keys_of(&self, process: ProcessId) -> impl Iterator<Item = (Handle, KeyView)> {
        let running = self.process(process).running().into_iter();
        running.flat_map(|running| running.handles.iter()).filter_map(|(handle, target)| match target {
            Target::Key(open) => Some((handle, KeyView::of(open))),
            Target::Object { .. } | Target::Token(_) => None,
        })
    }

    /// What HKEY_CURRENT_USER means in a process; an ended one has none.
    pub fn current_user_of(&self, process: ProcessId) -> Option<CurrentUserView> {
        Some(match &self.process(process).running()?.current_user {
            CurrentUser::Unmapped => CurrentUserView::Unmapped,
            CurrentUser::Mapped(root) => CurrentUserView::Mapped(KeyView::of(root)),
            CurrentUser::Uncached => CurrentUserView::Uncached,
        })
    }

    /// The path of the root of an account's hive, or of `.DEFAULT`, loaded or not: `HKU\S-1-5-21-...`.
    pub fn hive_path(&self, account: &str) -> String {
        KeyPath::users().join(&[&*self.hive_of(account)]).to_string()
    }

    /// What keeps the hive of an account, or `.DEFAULT`, loaded.
    pub fn hive_state(&self, account: &str) -> UserHive {
        self.registry().state(&self.hive_of(account)).expect("every account has a hive")
    }

    /// Whether two states share the whole registry, so that it is the same in both. Where they do not it may be the same all
    /// the same.
    pub fn shares_registry(&self, other: &Self) -> bool {
        std::ptr::eq(self.registry(), other.registry())
    }

    /// The names below HKEY_USERS, in order of enumeration.
    pub fn hives_loaded(&self) -> Vec<&str> {
        self.registry().loaded()
    }

    /// Whether the key at a full path can be found, in a loaded hive.
    pub fn key_exists(&self, path: &str) -> bool {
        self.tree_key(path).is_some()
    }

    /// The names of the keys below the one at a full path, in order of enumeration; none where there is no
    /// such key.
    pub fn subkeys(&self, path: &str) -> Option<Vec<&str>> {
        Some(self.tree_key(path)?.subkeys().iter().map(|key| key.name()).collect())
    }

    /// The values of the key at a full path, in order of enumeration; none where there is no such key.
    pub fn values(&self, path: &str) -> Option<Vec<(&str, &RegValue)>> {
        Some(self.tree_key(path)?.values().collect())
    }

    /// One value of the key at a full path.
    pub fn value(&self, path: &str, name: &str) -> Option<&RegValue> {
        self.tree_key(path)?.value(name)
    }

    /// The key at a full path, with all that is below it; none where there is no such key.
    pub fn key_tree(&self, path: &str) -> Option<KeyTree<'_>> {
        self.tree_key(path).map(KeyTree)
    }

    /// The root of the hive of an account, or of `.DEFAULT`, with all that is below it; none where it is not loaded.
    pub fn hive_tree(&self, account: &str) -> Option<KeyTree<'_>> {
        let hive = self.hive_of(account);
        self.registry().is_loaded(&hive).then(|| KeyTree(self.hive_root(account)))
    }

    fn tree_key(&self, path: &str) -> Option<&TreeKey> {
        let parts = path.strip_prefix(r"HKU\")?.split('\\');
        self.registry().key_at(parts.filter(|part| !part.is_empty()))
    }
}

/// Objects.
impl Os {
    /// Where a name leads from a process: the full path, whether or not an object is there.
    ///
    /// # Errors
    /// As a Create call of that process would fail on the name (os A.5).
    pub fn resolve_name(&self, process: ProcessId, name: &str) -> Result<ObjectPath, Win32Error> {
        Ok(self.resolve(process, name)?.path(self.windows()))
    }

    /// The object behind a handle of a living process.
    pub fn object_of(&self, process: ProcessId, handle: Handle) -> Option<ObjectView<'_>> {
        match self.process(process).running()?.handles.get(handle)? {
            Target::Object { id, .. } => Some(self.object_view(id, self.objects().get(id))),
            Target::Key(_) | Target::Token(_) => None,
        }
    }

    /// The section behind a view of a living process.
    pub fn section_of_view(&self, process: ProcessId, view: ViewBase) -> Option<ObjectView<'_>> {
        let id = &self.process(process).running()?.views.get(&view)?.section;
        Some(self.object_view(id, self.objects().get(id)))
    }

    /// All objects, those with a living name first.
    pub fn all_objects(&self) -> impl Iterator<Item = ObjectView<'_>> {
        self.objects().iter().map(|(id, object)| self.object_view(id, object))
    }

    /// What a handle of a living process is good for: of a key or an object.
    pub fn granted(&self, process: ProcessId, handle: Handle) -> Option<AccessMask> {
        match self.process(process).running()?.handles.get(handle)? {
            Target::Key(open) => Some(open.granted()),
            Target::Object { granted, .. } => Some(*granted),
            Target::Token(_) => None,
        }
    }

    /// How many bytes a view of a living process shows.
    pub fn view_bytes(&self, process: ProcessId, view: ViewBase) -> Option<u64> {
        Some(self.process(process).running()?.views.get(&view)?.bytes)
    }

    /// Whether two states share all objects, so that they are the same in both. Where they do not they may be the same all the
    /// same.
    pub fn shares_objects(&self, other: &Self) -> bool {
        std::ptr::eq(self.objects(), other.objects())
    }

    /// All sections.
    pub fn sections(&self) -> impl Iterator<Item = ObjectView<'_>> {
        self.all_objects().filter(|object| matches!(object.content, Content::Section(_)))
    }

    /// All mutexes.
    pub fn mutexes(&self) -> impl Iterator<Item = ObjectView<'_>> {
        self.all_objects().filter(|object| matches!(object.content, Content::Mutex(_)))
    }

    /// Whether a thread owns a mutex.
    pub(crate) fn owns_a_mutex(&self, thread: ThreadId) -> bool {
        let owns = |kind: &Kind| matches!(kind, Kind::Mutex(mutex) if mutex.owner() == Some(thread));
        self.objects().iter().any(|(_, object)| owns(&object.kind))
    }

    /// Who holds an object.
    pub fn holders(&self, id: &ObjectId) -> Vec<Holder> {
        let mut holders = Vec::new();
        for process in self.process_ids() {
            let Some(running) = self.process(process).running() else { continue };
            for (handle, target) in running.handles.iter() {
                if matches!(target, Target::Object { id: other, .. } if other == id) {
                    holders.push(Holder::Handle(process, handle));
                }
            }
            let views = running.views.iter().filter(|(_, view)| view.section == *id);
            holders.extend(views.map(|(base, _)| Holder::View(process, *base)));
        }
        holders
    }

    fn object_view<'a>(&'a self, id: &ObjectId, object: &'a Object) -> ObjectView<'a> {
        let session = object.created_as.as_ref().and_then(|name| match name.directory {
            Directory::Global => None,
            Directory::Session(session) => Some(session),
        });
        ObjectView {
            id: id.clone(),
            path: object.created_as.as_ref().map(|name| name.path(self.windows())),
            session,
            name_is_alive: matches!(id, ObjectId::Named(_)),
            may_open: object.dacl.entries().map(|(sid, _)| sid).collect(),
            content: match &object.kind {
                Kind::Section(section) => Content::Section(&section.cells),
                Kind::Mutex(mutex) => Content::Mutex(mutex),
                Kind::Event(event) => Content::Event(event),
            },
        }
    }
}

/// Users.
impl Os {
    /// The user of a living thread's effective token.
    pub fn effective_user(&self, thread: ThreadId) -> &Sid {
        self.effective_token(thread).user()
    }

    /// The name of the account that has the SID, or of a well-known SID.
    pub fn account_name(&self, sid: &Sid) -> Option<&str> {
        self.accounts()
            .find(|account| account.sid == *sid)
            .map(|account| account.name.as_str())
            .or(sid.name())
    }
}
