"use strict";
function page(data) {
  var doc = document, root = doc.documentElement, S = data.s;
  var $ = function (id) { return doc.getElementById(id); };
  var say = $("say"), crumb = $("crumb"), overview = $("overview"), open = null;

  function el(tag, cls, text) {
    var e = doc.createElement(tag);
    if (cls) { e.className = cls; }
    if (text !== undefined) { e.textContent = text; }
    return e;
  }
  function str(i) { return i < 0 ? "" : S[i]; }
  function button(text, act) { var b = el("button", "", text); b.type = "button"; b.addEventListener("click", act); return b; }

  // ---- the overview: filter and search ------------------------------------------------------------
  var rows = Array.prototype.slice.call(overview.querySelectorAll("tr[data-find]"));
  function filter() {
    var words = $("find").value.toLowerCase().split(/\s+/).filter(Boolean), which = $("which").value, cells = 0, shown = 0;
    rows.forEach(function (row) {
      var text = row.dataset.find, ok = words.every(function (w) { return text.indexOf(w) >= 0; }), hits = 0;
      Array.prototype.forEach.call(row.querySelectorAll("td[data-v]"), function (td) {
        if (!which || td.dataset.v.indexOf(which) >= 0) { hits += 1; }
      });
      row.hidden = !ok || hits === 0;
      if (!row.hidden) { shown += 1; cells += hits; }
    });
    Array.prototype.forEach.call(overview.querySelectorAll("tbody"), function (body) {
      body.hidden = !Array.prototype.some.call(body.querySelectorAll("tr[data-find]"), function (r) { return !r.hidden; });
    });
    $("found").textContent = shown === rows.length && !which ? "" : shown + " of " + rows.length + " scenarios, " + cells + " outcomes";
  }
  $("find").addEventListener("input", filter);
  $("which").addEventListener("change", filter);
  overview.querySelector("form").addEventListener("submit", function (e) { e.preventDefault(); });

  // ---- the machine's state -----------------------------------------------------------------------
  function idOf(t) { return t[0] + ":" + t[1] + (t[0] === 6 ? ":" + t[2] : ""); }
  function stateAt(T, n) {
    var key = T.k[0], m = new Map(), i;
    T.k.forEach(function (k) { if (k[0] <= n && k[0] >= key[0]) { key = k; } });
    key[1].forEach(function (t) { m.set(idOf(t), t); });
    for (i = key[0] + 1; i <= n; i += 1) {
      var d = T.s[i - 1 - T.o][9];
      if (d) {
        d[1].forEach(function (t) { m.delete(idOf(t)); });
        d[0].forEach(function (t) { m.set(idOf(t), t); });
      }
    }
    return m;
  }
  function who(T, list) {
    var count = new Map();
    list.forEach(function (p) { count.set(p, (count.get(p) || 0) + 1); });
    return Array.from(count.entries()).map(function (e) { return str(T.p[e[0]]) + (e[1] > 1 ? " ×" + e[1] : ""); }).join(", ");
  }
  function letter(T, name) {
    var place = T.P.filter(function (p) { return p[0] && p[1] === name; })[0];
    return place ? str(place[2]) + "  " : "";
  }
  // A line: its text, what goes with it, and a plain form to compare.
  function lineOf(T, t) {
    var name = t[0] < 4 ? str(T.n[t[1]]) : "", cells, i;
    switch (t[0]) {
    case 0: return { text: name, sub: t[3].length ? "open in " + who(T, t[3]) : "", vals: t[2].map(str) };
    case 1: return { text: name, sub: "deleted, still open in " + who(T, t[2]) + ": answers 1018", vals: [], dead: true };
    case 2:
      cells = [];
      for (i = 0; i < t[2].length; i += 2) { cells.push(str(t[2][i]) + " = " + t[2][i + 1]); }
      return { text: letter(T, t[1]) + name, sub: (cells.length ? "" : "nothing counted; ") + "mapped by " + (who(T, t[3]) || "nobody"), cells: cells, vals: [] };
    case 3: return { text: name, sub: t[2] >= 0 ? "held by " + str(T.l[t[2]][0]) : t[3] ? "abandoned" : "free", vals: [] };
    case 4: return { text: str(T.p[t[1]]), sub: t[2] ? "has ended" : "HKEY_CURRENT_USER: " + (t[4] ? "whoever asks (cache off)" : t[3] >= 0 ? str(T.n[t[3]]) : "not used yet"), vals: [] };
    case 5: return { text: str(T.l[t[1]][0]), sub: t[3] >= 0 ? str(t[2]) + ", acting as " + str(t[3]) : "acts as " + str(t[2]), vals: [] };
    default: return { text: str(t[2]) + " of " + str(T.l[t[1]][0]) + " on " + str(t[3]), sub: t[4].length ? "has lost " + t[4].length + " of its open keys" : "live, profile whole", vals: [], dead: t[4].length > 0 };
    }
  }
  function item(T, id, before, after, label) {
    var a = after.get(id), b = before.get(id), t = a || b, L = lineOf(T, t), li = el("li"), ln = el("div", "ln");
    var was = b && lineOf(T, b), plain = function (x) { return JSON.stringify([x.sub, x.vals, x.cells]); };
    ln.append(label === undefined ? L.text : label);
    if (L.cells) {
      L.cells.forEach(function (c) { ln.append(el("div", "count", c)); });
      if (a && b && JSON.stringify(was.cells) !== JSON.stringify(L.cells)) { ln.append(el("div", "sub", "was: " + (was.cells.join(", ") || "nothing counted"))); }
    }
    var mark = "";
    if (!a) { li.classList.add("gone", "keep"); mark = "removed"; }
    else if (!b && t[0] === 1) { li.classList.add("gone", "keep"); mark = "removed"; }
    else if (!b) { li.classList.add("new", "keep"); mark = "new"; }
    else if (plain(L) !== plain(was)) {
      li.classList.add("chg", "keep");
      mark = "changed";
    }
    if (mark) { ln.append(el("span", "m", mark)); }
    if (L.dead) { li.classList.add("dead"); }
    if (L.sub) { ln.append(el("div", "sub", L.sub)); }
    if (mark === "changed" && was.sub !== L.sub) { ln.append(el("div", "sub", "was: " + (was.sub || "not open"))); }
    li.append(ln);
    if (L.vals.length) {
      var d = el("details");
      d.append(el("summary", "", L.vals.length + (L.vals.length > 1 ? " values" : " value")));
      L.vals.forEach(function (v) { d.append(el("div", "val", v)); });
      li.append(d);
    }
    return li;
  }
  function registry(T, before, after) {
    var top = { kids: new Map(), ids: [] };
    new Set(Array.from(after.keys()).concat(Array.from(before.keys()))).forEach(function (id) {
      var t = after.get(id) || before.get(id);
      if (t[0] > 1) { return; }
      var node = top;
      str(T.n[t[1]]).split("\\").forEach(function (part) {
        if (!node.kids.has(part)) { node.kids.set(part, { kids: new Map(), ids: [] }); }
        node = node.kids.get(part);
      });
      node.ids.push(id);
    });
    function show(node, into) {
      Array.from(node.kids.keys()).sort().forEach(function (name) {
        var kid = node.kids.get(name), label = name;
        var quiet = function (k) { return k.ids.every(function (id) { var t = after.get(id); return t && before.get(id) && t[0] === 0 && !t[2].length && !t[3].length; }); };
        while (kid.kids.size === 1 && quiet(kid)) {
          var next = Array.from(kid.kids.keys())[0];
          label += "\\" + next; kid = kid.kids.get(next);
        }
        // A key that was deleted and is still open somewhere is one line, not two.
        var open = kid.ids.some(function (id) { return id[0] === "1" && after.has(id); });
        var ids = kid.ids.filter(function (id) { return !open || id[0] === "1" || after.has(id); }).sort(), li = ids.length ? item(T, ids[0], before, after, label) : el("li", "", label);
        into.append(li);
        ids.slice(1).forEach(function (id) { into.append(item(T, id, before, after, label)); });
        if (kid.kids.size) {
          var ul = el("ul"); li.append(ul); show(kid, ul);
          if (ul.querySelector(".keep")) { li.classList.add("keep"); }
        }
      });
    }
    var ul = el("ul");
    show(top, ul);
    return ul;
  }
  function inspect(T, box, from, to, title) {
    var before = stateAt(T, Math.max(T.o, from - 1)), after = stateAt(T, to);
    box.replaceChildren(el("p", "now", title));
    var ids = Array.from(new Set(Array.from(after.keys()).concat(Array.from(before.keys()))));
    [[6, "MAPI sessions"], [2, "Sections: who counts what"], [-1, "Registry"], [5, "Threads: who acts as whom"], [4, "Processes"], [3, "Mutexes"]].forEach(function (g) {
      var ul;
      if (g[0] < 0) { ul = registry(T, before, after); } else {
        ul = el("ul");
        ids.filter(function (id) { return +id[0] === g[0]; }).sort(function (a, b) { return a.localeCompare(b, "en", { numeric: true }); }).forEach(function (id) { ul.append(item(T, id, before, after)); });
      }
      if (ul.children.length) { box.append(el("h4", "", g[1]), ul); }
    });
  }

  // ---- one run: lanes, slider, keys --------------------------------------------------------------
  function Play(article) {
    var T = data.t[+article.dataset.t], me = this;
    me.article = article; me.T = T; me.id = article.id;
    me.cause = +article.dataset.cause; me.symptom = +article.dataset.symptom;
    me.first = T.o + 1; me.last = T.o + T.s.length; me.every = false; me.at = 0; me.rows = [];
    var box = article.querySelector(".play");
    me.box = box;
    box.append(el("h3", "", "What happened"));
    var head = el("div", "playhead");
    var prev = button("◀", function () { me.move(-1); }), next = button("▶", function () { me.move(1); });
    prev.setAttribute("aria-label", "previous row (k)"); next.setAttribute("aria-label", "next row (j)");
    head.append(prev, next);
    if (me.cause > 0) { head.append(button("cause: step " + me.cause, function () { me.go(me.cause, true); })); }
    if (me.symptom > 0) { head.append(button("symptom: step " + me.symptom, function () { me.go(me.symptom, true); })); }
    var range = el("input"); range.type = "range"; range.min = me.first; range.max = me.last; range.setAttribute("aria-label", "step");
    range.addEventListener("input", function () { me.go(+range.value, true); });
    me.range = range; me.out = el("output");
    head.append(range, me.out);
    function check(text, act) { var l = el("label"), c = el("input"); c.type = "checkbox"; c.addEventListener("change", function () { act(c.checked); }); l.append(c, text); head.append(l); return c; }
    me.everyBox = check("every step", function (on) { me.every = on; me.draw(); me.go(me.at, true); });
    check("hide unchanged", function (on) { me.look.classList.toggle("only", on); });
    box.append(head);
    var stage = el("div", "stage"), left = el("div");
    me.lanes = el("div", "lanes"); me.lanes.tabIndex = 0; me.lanes.setAttribute("role", "region"); me.lanes.setAttribute("aria-label", "Steps by thread; keys j and k move, x shows the cause, s the symptom");
    me.look = el("div", "look"); me.look.tabIndex = 0; me.look.setAttribute("role", "region"); me.look.setAttribute("aria-label", "The machine at the selected step");
    var key = el("p", "key", "Keys: j k or arrows move, x cause, s symptom, Esc overview.");
    if (T.b.length) { var kl = el("i", "kl"), kh = el("i", "kh"); key.append(kl, "a session is live", kh, "it is live, but keys that it has open are deleted"); }
    left.append(me.lanes, key);
    stage.append(left, me.look); box.append(stage);
    if (T.w.length) { left.append(el("p", "key", "At the end: " + T.w.map(str).join("; ") + ".")); }
    me.draw();
  }
  Play.prototype.draw = function () {
    var me = this, T = me.T, grid = el("div", "grid"), nl = T.l.length, np = T.P.length;
    grid.setAttribute("role", "table"); grid.setAttribute("aria-label", "What happened");
    var cols = "4.2rem repeat(" + nl + ",minmax(10.5rem,1.6fr))" + (np ? " repeat(" + np + ",minmax(4.8rem,.4fr))" : "") + " minmax(12.5rem,1.8fr)";
    grid.style.setProperty("--cols", cols);
    grid.style.setProperty("--least", 16.7 + nl * 10.5 + np * 4.8 + "rem");
    var head = el("div", "row head");
    head.setAttribute("role", "row");
    function th(cls, text, small, title) { var c = el("div", cls, text); c.setAttribute("role", "columnheader"); if (small) { c.append(el("small", "", small)); } if (title) { c.title = title; } head.append(c); }
    th("n", "step");
    T.l.forEach(function (l) { th("t", str(l[0]), str(l[3]) + ", session " + l[2] + ", " + str(l[4]) + (l[4] !== l[5] ? " (" + str(l[5]) + ")" : "")); });
    T.P.forEach(function (p) { th("p", p[0] ? "section " + str(p[2]) : "hive " + str(p[2]), p[0] ? home(str(T.n[p[1]])) : "", str(T.n[p[1]]) + ": " + str(p[3])); });
    th("c", "what changed, or was found out");
    grid.append(head);
    me.rows = [];
    var list = me.every ? T.s.map(function (s, i) {
      var n = T.o + i + 1, call = s[1] >= 0 ? T.c[s[1]] : null;
      return { kind: 2, first: n, last: n, after: n, lane: s[7] ? -1 : s[0], depth: s[2] >= 0 ? 1 : 0, text: s[7] ? "the machine crashes" : (call && call[2] === n ? str(call[1]) + (call[4] >= 0 ? " → " + str(call[4]) : "") + ": " : "") + (s[2] >= 0 ? str(s[2]) + ": " : "") + str(s[3]) + (s[4] >= 0 ? " → " + str(s[4]) : ""), notes: s[8] };
    }) : T.r.map(function (r) { return { kind: r[0], first: r[1], last: r[2], after: r[3], lane: r[4], depth: r[5], text: str(r[6]), notes: r[7] }; });
    list.forEach(function (r) { grid.append(me.row(r)); });
    me.lanes.replaceChildren(grid);
    fit(me.lanes);
  };
  // Whose names a section is among.
  function home(path) { var m = /^\\Sessions\\(\d+)\\/.exec(path); return m ? "session " + m[1] + "’s own" : "global"; }
  Play.prototype.row = function (r) {
    var me = this, T = me.T, nl = T.l.length, np = T.P.length, i, j, c;
    var row = el("div", "row" + (r.kind === 0 && !r.depth ? " call" : "") + (r.kind === 1 ? " call failed" : "") + (r.kind === 3 ? " fold" : ""));
    row.setAttribute("role", "row");
    var cell = function (cls) { var x = el("div", cls); x.setAttribute("role", "cell"); row.append(x); return x; };
    var n = cell("n"), effects = {}, far = -1, cause = r.first > 0 && r.first <= me.cause && me.cause <= r.last, symptom = r.first > 0 && r.first <= me.symptom && me.symptom <= r.last;
    if (r.first > 0) {
      c = el("a", "", r.first === r.last ? String(r.first) : r.first + "–" + r.last);
      c.href = "#" + me.id + "/step-" + r.last; n.append(c);
      for (i = r.first; i <= r.last; i += 1) {
        var s = T.s[i - 1 - T.o];
        if (s && s[5] >= 0 && s[6] >= 0 && (s[8].length || r.first === r.last)) { (effects[s[5]] = effects[s[5]] || []).push(str(s[6])); far = Math.max(far, s[5]); }
      }
    }
    if (cause) { row.classList.add("cause"); } if (symptom) { row.classList.add("symptom"); }
    // What befalls the whole machine runs across all lanes.
    var whole = r.lane < 0 && r.first > 0;
    if (whole) {
      row.classList.add("whole");
      c = cell("t"); c.style.gridColumn = "span " + (nl + np); c.setAttribute("aria-colspan", nl + np); c.append(el("div", "", r.text));
    }
    for (i = 0; i < nl && !whole; i += 1) {
      c = cell("t" + (far >= 0 && r.lane >= 0 && i > r.lane ? " w" : ""));
      T.b.forEach(function (b) {
        if (b[0] === i && b[3] <= r.after && (b[4] < 0 || r.after < b[4])) { c.classList.add(b[5] >= 0 && b[5] <= r.after ? "harm" : "live"); }
      });
      if (i === r.lane || (r.lane < 0 && i === 0)) { c.dataset.who = r.lane < 0 ? "" : str(T.l[i][0]); c.append(el("div", "d" + Math.min(r.depth, 3), r.text)); }
    }
    for (j = 0; j < np && !whole; j += 1) {
      c = cell("p" + (far > j ? " w" : far === j ? " to" : ""));
      if (effects[j]) {
        var e = effects[j], last = e[e.length - 1], same = e.every(function (x) { return x === last; });
        var m = /^(-?\d+) → /.exec(e[0]), k = / → (-?\d+)$/.exec(last);
        c.append(el("span", "", e.length === 1 ? last : same ? last + " ×" + e.length : m && k ? m[1] + " → " + k[1] : e.length + " steps"));
      }
    }
    c = cell("c");
    if (cause) { c.append(el("div", "mark", "✗ the cause: this step broke it")); }
    if (symptom) { c.append(el("div", "mark", "! the symptom: noticed here")); }
    for (i = 0; i < r.notes.length; i += 2) { c.append(el("div", ["plain", "quiet", "bad"][r.notes[i]], str(r.notes[i + 1]))); }
    if (r.first > 0) { me.rows.push({ e: row, first: r.first, last: r.last }); }
    else { me.folds = me.folds || []; }
    row.addEventListener("click", function (ev) {
      if (ev.target.closest("a")) { return; }
      if (r.kind === 3) { me.everyBox.checked = true; me.every = true; me.draw(); me.go(Math.max(me.first, r.after), true); }
      else if (r.first > 0) { me.go(r.last, false); }
    });
    return row;
  };
  // Selects the row of a step, or the last one before it.
  Play.prototype.go = function (n, scroll) {
    var me = this, found = null, T = me.T, i;
    n = Math.min(me.last, Math.max(me.first, n || me.first));
    for (i = 0; i < me.rows.length; i += 1) { if (me.rows[i].first <= n) { found = i; } }
    if (me.now) { me.now.removeAttribute("aria-current"); }
    me.index = found === null ? 0 : found;
    var row = me.rows[me.index], inside = row && row.first <= n && n <= row.last;
    me.at = n;
    if (row) { me.now = row.e; row.e.setAttribute("aria-current", "step"); if (scroll) { row.e.scrollIntoView({ block: "nearest", inline: "nearest" }); } }
    me.range.value = n; me.out.textContent = "step " + n + " of " + (T.o + T.s.length);
    var s = T.s[n - 1 - T.o], call = s[1] >= 0 ? str(T.c[s[1]][1]) : "";
    var text = s[7] ? "The machine crashes" : str(T.l[s[0]][0]) + (call ? ", in " + call : "") + ": " + str(s[3]) + (s[4] >= 0 ? " → " + str(s[4]) : "");
    inspect(T, me.look, inside && n === row.last ? row.first : n, n, "After step " + n + ". " + text);
    var notes = s[8].filter(function (x, j) { return j % 2 === 1; }).map(str).join(". ");
    say.textContent = "Step " + n + (n === me.cause ? ", the cause" : n === me.symptom ? ", the symptom" : "") + ". " + text + ". " + notes;
  };
  Play.prototype.move = function (by) {
    var me = this, i = me.index + by;
    if (by < 0 && me.rows[me.index] && me.rows[me.index].last < me.at) { i = me.index; }
    if (i >= 0 && i < me.rows.length) { me.go(me.rows[i].last, true); link(me); }
  };
  function link(play) { history.replaceState(null, "", "#" + play.id + "/step-" + play.at); }

  // What needs no scrolling sideways is no box that scrolls: so its head can stay on the screen.
  function fit(box) {
    box.classList.remove("fits");
    box.classList.toggle("fits", box.scrollWidth <= box.clientWidth + 1);
  }
  addEventListener("resize", function () { if (open && open.lanes) { fit(open.lanes); } else { fit(overview.querySelector(".scroll")); } });

  // Rows have their heights only once they are near the screen: so it is done again when they have.
  function centre(play) {
    var row = play.now, again = 3;
    (function once() {
      if (row !== play.now || !row) { return; }
      row.scrollIntoView({ block: "center", inline: "nearest" });
      if (again > 0) { again -= 1; requestAnimationFrame(once); }
    }());
  }

  // ---- which page ----------------------------------------------------------------------------------
  var plays = {};
  function show() {
    var hash = "";
    try { hash = decodeURIComponent(location.hash.slice(1)); } catch (e) { hash = ""; }
    var m = /^(.*)\/step-(\d+)$/.exec(hash), id = m ? m[1] : hash, article = id ? $(id) : null;
    if (hash === "main" || hash === "words" && doc.querySelector(".on")) { return; }
    if (article && article.classList.contains("scenario")) { article = article.querySelector("article"); }
    if (!article || article.tagName !== "ARTICLE") { article = null; }
    Array.prototype.forEach.call(doc.querySelectorAll(".on"), function (e) { e.classList.remove("on"); });
    Array.prototype.forEach.call(doc.querySelectorAll(".tabs [aria-current], .source .here"), function (e) { e.removeAttribute("aria-current"); e.classList.remove("here"); });
    if (!article) {
      var left = open; open = null; overview.classList.add("on"); fit(overview.querySelector(".scroll")); crumb.textContent = ""; doc.title = data.title;
      if (left) { var back = overview.querySelector('a[href="#' + left.article.id + '"]'); if (back) { back.focus(); back.scrollIntoView({ block: "center" }); } } else { scrollTo(0, 0); }
      return;
    }
    var section = article.parentNode, fresh = !open || open.article !== article;
    article.classList.add("on"); section.classList.add("on");
    var tab = section.querySelector('.tabs a[href="#' + article.id + '"]');
    if (tab) { tab.setAttribute("aria-current", "page"); }
    crumb.textContent = section.querySelector("h1").textContent + ", with " + tab.querySelector("b").textContent;
    doc.title = article.querySelector(".tag").textContent + ": " + crumb.textContent;
    if (+article.dataset.line > 0) { var here = section.querySelectorAll(".source li")[+article.dataset.line - 1]; if (here) { here.classList.add("here"); } }
    if (+article.dataset.t >= 0) {
      open = plays[article.id] || (plays[article.id] = new Play(article));
      fit(open.lanes);
      open.go(m ? +m[2] : open.at || open.cause || open.first, false);
      if (m) { centre(open); }
    } else { open = { article: article }; }
    if (fresh && !m) { scrollTo(0, 0); $("main").focus({ preventScroll: true }); }
  }
  // A browser goes to the place that a link names once the page is there; an outcome is read from its top.
  function top() { requestAnimationFrame(function () { if (!/\/step-\d+$/.test(location.hash)) { scrollTo(0, 0); } }); }
  if (doc.readyState === "complete") { top(); } else { addEventListener("load", top); }
  Array.prototype.forEach.call(doc.querySelectorAll(".command"), function (p) {
    var b = button("Copy", function () {
      var text = p.querySelector("code").textContent, done = function () { b.textContent = "Copied"; say.textContent = "Copied"; };
      var old = function () { var r = doc.createRange(); r.selectNodeContents(p.querySelector("code")); var g = getSelection(); g.removeAllRanges(); g.addRange(r); if (doc.execCommand("copy")) { done(); } };
      if (navigator.clipboard && navigator.clipboard.writeText) { navigator.clipboard.writeText(text).then(done, old); } else { old(); }
    });
    p.append(b);
  });
  doc.addEventListener("keydown", function (e) {
    if (e.altKey || e.ctrlKey || e.metaKey || /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName) && !(e.target.type === "range" && /^[jkxs]$/.test(e.key)) && e.target.type !== "checkbox") { return; }
    if (e.key === "Escape" && open) { location.hash = "#overview"; return; }
    if (!open || !open.T) { return; }
    var inside = open.lanes.contains(e.target) || e.target === doc.body || e.target.id === "main";
    if (e.key === "j" || e.key === "ArrowRight" || e.key === "ArrowDown" && inside) { open.move(1); }
    else if (e.key === "k" || e.key === "ArrowLeft" || e.key === "ArrowUp" && inside) { open.move(-1); }
    else if (e.key === "x" && open.cause > 0) { open.go(open.cause, true); link(open); }
    else if (e.key === "s" && open.symptom > 0) { open.go(open.symptom, true); link(open); }
    else { return; }
    e.preventDefault();
  });
  addEventListener("hashchange", show);
  show();
  root.dataset.ready = "1";
}
// The traces are packed. Where a browser cannot unpack them, the page stays a document.
(function () {
  var root = document.documentElement, unpack;
  try { unpack = new DecompressionStream("deflate-raw"); } catch (e) { return; }
  root.classList.add("js");
  var bytes = Uint8Array.from(atob(document.getElementById("data").textContent), function (c) { return c.charCodeAt(0); });
  new Response(new Blob([bytes]).stream().pipeThrough(unpack)).text().then(function (text) { page(JSON.parse(text)); }).catch(function (e) {
    if (!root.dataset.ready) { root.classList.remove("js"); }
    throw e;
  });
}());
