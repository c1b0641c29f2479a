// SPDX-License-Identifier: Apache-2.0
// The report's behaviour: filter, search, permanent links, and what an opened claim shows.
// Strings of a target go into the page by textContent only; nothing here makes markup from text.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;

  // --- small builders ---------------------------------------------------------------------

  // make("p", "evidence", "text", node): an element with a class and children; strings are text.
  function make(name, className, ...children) {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...children);
    return element;
  }

  function makeButton(className, text, onClick) {
    const button = make("button", className, text);
    button.type = "button";
    button.addEventListener("click", onClick);
    return button;
  }

  const chip = (verdict) => $(`chip-${verdict}`).content.firstElementChild.cloneNode(true);

  // --- the data ---------------------------------------------------------------------------

  let loaded = null;
  const data = () => (loaded ??= JSON.parse($("data").textContent));
  const text = (place) => data().strings[place];

  const variantOf = (list) => ({
    name: text(list[0]),
    verdict: list[1],
    why: text(list[2]),
    job: list[3],
    expected: data().verdicts[list[4]],
    reason: text(list[5]),
    standing: data().standings[list[6]],
  });

  function claimOf(index) {
    const [strength, verdicts] = data().claims[index];
    return {
      strength: text(strength),
      targets: verdicts.map((verdict, column) => verdict && ({
        name: data().targets[column],
        verdict: verdict[0],
        why: text(verdict[1]),
        standing: data().standings[verdict[2]],
        probes: verdict[3].map(text),
        variants: verdict[4].map(variantOf),
      })).filter(Boolean),
    };
  }

  // --- the timelines: unpacked when they are looked at --------------------------------------

  const chunks = new Map();
  const loading = new Map();

  async function unpack(number) {
    const packed = Uint8Array.from(atob($(`chunk-${number}`).textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    chunks.set(number, JSON.parse(await new Response(stream).text()));
  }

  function load(number) {
    if (!loading.has(number)) loading.set(number, unpack(number));
    return loading.get(number);
  }

  // The record of a job, or null if there is none, or undefined if it is not unpacked yet.
  function recordOf(job) {
    const place = data().jobs[job];
    if (!place) return null;
    const chunk = chunks.get(place[0]);
    if (!chunk) return undefined;
    const [remarks, gaps, lengths, kinds, flags, whos, texts] = chunk.records[place[1]];
    let t = 0;
    return {
      ladder: chunk.ladders[place[1]],
      remarks: remarks.map((string) => chunk.strings[string]),
      lines: gaps.map((gap, i) => ({
        t: (t += gap),
        length: lengths[i],
        kind: chunk.strings[kinds[i]],
        failed: (flags[i] & 1) === 1,
        side: flags[i] & 2 ? "far" : "near",
        who: chunk.strings[whos[i]],
        text: chunk.strings[texts[i]],
      })),
    };
  }

  // --- the ladder diagrams: elements as data, of these names and attributes and no other ------

  const DRAWN = new Set(["svg", "title", "desc", "path", "text", "tspan"]);
  const GIVEN = new Set(["class", "d", "height", "role", "viewBox", "width", "x", "y"]);

  function draw([name, given, ...inside]) {
    if (!DRAWN.has(name)) return "";
    const element = document.createElementNS($("chip-0").content.querySelector("svg").namespaceURI, name);
    for (const [key, value] of Object.entries(given)) {
      if (GIVEN.has(key)) element.setAttribute(key, value);
    }
    element.append(...inside.map((one) => (typeof one === "string" ? one : draw(one))));
    return element;
  }

  function ladderFold(record) {
    const scroll = make("div", "scroll", draw(record.ladder));
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "Ladder diagram");
    return make("details", "drawn", make("summary", "", "Ladder diagram"), scroll);
  }

  // --- a timeline's table ---------------------------------------------------------------------

  const micro = (ns, digits = 1) => (ns / 1000).toFixed(digits);
  const KINDS = new Set(["step", "call", "asleep", "packet", "fence", "note", "fault",
    "unsupported", "unavailable", "done"]);

  function timelineLine(line) {
    const kind = KINDS.has(line.kind) ? line.kind : "note";
    const row = make("tr", `${kind} ${line.side}${line.failed ? " failed" : ""}`);
    const took = line.length < 0 ? "" : micro(line.length);
    const far = line.who ? `${line.who} (far)` : "far";
    row.append(make("td", "time", micro(line.t)), make("td", "took", took),
      make("td", "who", line.side === "far" ? far : line.who), make("td", "kind", line.kind), make("td", "what", line.text));
    return row;
  }

  function timelineTable(record) {
    const head = make("tr", "");
    for (const [name, className] of
      [["at µs", "time"], ["took µs", "took"], ["who", "who"], ["", "kind"], ["what", "what"]]) {
      const cell = make("th", className, name || make("span", "aside", "kind"));
      cell.scope = "col";
      head.append(cell);
    }
    const body = make("tbody", "", ...record.lines.map(timelineLine));
    const caption = make("caption", "aside", "Calls and packets in the order of time");
    return make("table", "timeline", caption, make("thead", "", head), body);
  }

  // What `sockspec probe` takes. A key of another form came from no sockspec: no command for it.
  const KEY = /^[A-Za-z0-9][\w./:+,%-]*(?: [A-Za-z0-9][\w./:+,%=-]*)*$/;

  async function copy(command, button) {
    try {
      await navigator.clipboard.writeText(command.textContent);
    } catch {
      getSelection().selectAllChildren(command);
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }

  function repeatLine(job) {
    if (!KEY.test(job)) return make("p", "remark", "This job's key is malformed: no command.");
    const command = make("code", "", `sockspec probe ${job}`);
    const button = makeButton("quiet", "Copy", () => copy(command, button));
    button.setAttribute("aria-label", "Copy the command");
    return make("p", "repeat", make("span", "label", "Repeat it"), command, button);
  }

  function evidence(variant) {
    const box = make("div", "record", repeatLine(text(variant.job)));
    const record = recordOf(variant.job);
    if (record === undefined) {
      box.setAttribute("aria-busy", "true");
      load(data().jobs[variant.job][0]).then(
        () => box.replaceWith(evidence(variant)),
        () => {
          box.removeAttribute("aria-busy");
          box.append(make("p", "remark", "The timeline could not be unpacked by this browser; " +
            "`sockspec explain` prints it."));
        });
      return box;
    }
    if (record === null) {
      box.append(make("p", "remark", "No record of this job was kept: there is no timeline."));
      return box;
    }
    box.append(...record.remarks.map((remark) => make("p", "remark", remark)));
    if (record.ladder) box.append(ladderFold(record));
    if (record.lines.length) {
      const scroll = make("div", "scroll", timelineTable(record));
      scroll.tabIndex = 0;
      scroll.setAttribute("role", "region");
      scroll.setAttribute("aria-label", "Timeline");
      box.append(scroll);
    } else {
      box.append(make("p", "remark", "The record holds no event."));
    }
    return box;
  }

  // --- an opened claim ----------------------------------------------------------------------

  const single = document.body.classList.contains("single");

  function standing(word) {
    const words = { expected: "as expected", known: "known deviation", unexpected: "▲ unexpected" };
    return make("span", `standing ${word}`, words[word]);
  }

  function whyCell(variant) {
    const cell = make("td", "why", make("p", "", variant.why));
    if (variant.standing !== "expected" || variant.reason) {
      const reason = variant.reason ? `: ${variant.reason}` : "";
      const note = make("p", "reason", standing(variant.standing),
        ` Expected: ${variant.expected}${reason}`);
      cell.append(note);
    }
    return cell;
  }

  // What variants' names begin with, if it is the same probe: it need not stand in every line.
  function commonProbe(target) {
    const probe = `${target.variants[0]?.name.split(" ", 1)[0]} `;
    return target.variants.every(({ name }) => name.length > probe.length && name.startsWith(probe))
      ? probe : "";
  }

  // A variant's row, and the row of its evidence; the evidence is made when it is first opened.
  function variantRows(variant, probe) {
    const cell = make("td", "");
    cell.colSpan = 4;
    const below = make("tr", "below", cell);
    below.hidden = true;
    const toggle = makeButton("quiet", "Timeline", () => open(below.hidden));
    toggle.setAttribute("aria-expanded", "false");
    function open(wanted) {
      below.hidden = !wanted;
      toggle.setAttribute("aria-expanded", String(wanted));
      if (wanted && !cell.firstChild) cell.append(evidence(variant));
    }
    const name = make("th", "variant", variant.name.slice(probe.length));
    name.scope = "row";
    const row = make("tr", "", make("td", "verdict", chip(variant.verdict)), name,
      whyCell(variant), make("td", "more", single ? toggle : ""));
    return { rows: [row, below], open };
  }

  function variantsTable(target) {
    const probe = commonProbe(target);
    const opened = target.variants.map((one) => variantRows(one, probe));
    const body = make("tbody", "", ...opened.flatMap((one) => one.rows));
    const caption = make("caption", "aside", "Verdict by variant");
    const table = make("table", "variants", caption, body);
    // The reader came for the reason: show the record of the first variant that does not hold.
    const first = target.variants.findIndex((variant) => variant.verdict !== 0);
    if (single) opened[Math.max(first, 0)]?.open(true);
    table.openAll = () => opened.forEach((one) => one.open(true));
    return table;
  }

  function targetPart(target) {
    const count = target.variants.length;
    const heading = single
      ? make("h5", "", "Verdict by variant ", make("span", "count", String(count)))
      : make("h5", "", target.name, " ", chip(target.verdict), " ", standing(target.standing));
    const part = make("section", "on-target", heading);
    if (target.why && !(single && count)) part.append(make("p", "evidence", target.why));
    part.append(count ? variantsTable(target) : make("p", "remark", "No variant of it was run."));
    return part;
  }

  function detailOf(row) {
    const claim = claimOf(Number(row.dataset.i));
    const place = row.querySelector(".place");
    const lines = place.querySelector(".lines");
    const link = make("a", "permalink", "Link to this claim");
    link.href = `#claim=${row.id.slice("claim=".length)}`;
    const probes = [...new Set(claim.targets.flatMap((target) => target.probes))].join(", ");
    const words = [row.dataset.s, lines?.textContent, claim.strength, probes && `probed by ${probes}`]
      .filter(Boolean).join(" · ");
    const says = make("section", "says", make("h5", "", "What the source says"),
      make("blockquote", "", row.querySelector(".statement").textContent),
      make("p", "where", words, " ", link));
    const cell = make("td", "", make("div", "opened", says, ...claim.targets.map(targetPart)));
    cell.colSpan = row.cells.length;
    const detail = make("tr", "detail", cell);
    detail.id = `detail-${row.dataset.i}`;
    return detail;
  }

  const rows = [...document.querySelectorAll("tr.claim")];
  const details = new Map();  // row -> the row that shows what it opens to
  const isOpen = (row) => details.has(row) && !details.get(row).hidden;

  function setOpen(row, wanted) {
    if (wanted && !details.has(row)) {
      details.set(row, detailOf(row));
      row.after(details.get(row));
      row.querySelector("button.id").setAttribute("aria-controls", details.get(row).id);
    }
    if (details.has(row)) details.get(row).hidden = !wanted;
    row.classList.toggle("is-open", wanted);
    row.querySelector("button.id").setAttribute("aria-expanded", String(wanted));
  }

  function toggle(row) {
    const wanted = !isOpen(row);
    setOpen(row, wanted);
    state.claim = wanted ? row.dataset.id : "";
    writeAddress();
  }

  // --- filter, search, and the address that keeps them ---------------------------------------

  const boxes = [...document.querySelectorAll("input[name=verdict]")];
  const selects = { interface: $("interface"), source: $("source"), expected: $("expected") };
  const state = { verdict: [], interface: "", source: "", expected: "", q: "", claim: "" };
  const total = rows.length;

  function readAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    for (const key of ["interface", "source", "expected", "q", "claim"]) {
      state[key] = asked.get(key) ?? "";
    }
    const verdicts = (asked.get("verdict") ?? "").split(",");
    state.verdict = boxes.map((box) => box.value).filter((value) => verdicts.includes(value));
    for (const box of boxes) box.checked = state.verdict.includes(box.value);
    for (const [key, select] of Object.entries(selects)) {
      select.value = state[key];
      state[key] = select.value;  // an unknown value selects nothing: forget it
      if (select.selectedIndex < 0) select.selectedIndex = 0;
    }
    $("find").value = state.q;
  }

  function writeAddress() {
    const asked = new URLSearchParams();
    if (state.verdict.length) asked.set("verdict", state.verdict.join(","));
    for (const key of ["interface", "source", "expected", "q", "claim"]) {
      if (state[key]) asked.set(key, state[key]);
    }
    history.replaceState(null, "", `#${asked}`);
  }

  const searchable = new Map();

  // All that is said about a claim, also inside it, in lower case.
  function wordsOf(row) {
    let words = searchable.get(row);
    if (words === undefined) {
      const said = [...row.cells].map((cell) => cell.textContent);
      for (const target of data().claims[row.dataset.i][1]) {
        for (const variant of target?.[4] ?? []) {
          said.push(text(variant[0]), text(variant[2]), text(variant[5]));
        }
      }
      words = said.join("\n").toLowerCase();
      searchable.set(row, words);
    }
    return words;
  }

  function tests() {
    const wanted = [];
    if (state.verdict.length) {
      const codes = new Set(boxes.flatMap((box, i) => (box.checked ? [String(i)] : [])));
      wanted.push((row) => row.dataset.v.split(" ").some((code) => codes.has(code)));
    }
    if (state.source) wanted.push((row) => row.dataset.s === state.source);
    if (state.expected === "differs") wanted.push((row) => "d" in row.dataset);
    else if (state.expected === "expected") wanted.push((row) => row.dataset.x !== "unexpected");
    else if (state.expected) wanted.push((row) => row.dataset.x === state.expected);
    for (const term of state.q.toLowerCase().split(/\s+/).filter(Boolean)) {
      wanted.push((row) => wordsOf(row).includes(term));
    }
    return wanted;
  }

  // always: a row that a permanent link names is shown, whatever the filter says.
  function applyFilter(always = null) {
    const wanted = tests();
    let shown = 0;
    for (const section of document.querySelectorAll("section.interface")) {
      const other = state.interface && section.dataset.interface !== state.interface;
      let here = 0;
      for (const row of section.querySelectorAll("tr.claim")) {
        const show = row === always || (!other && wanted.every((test) => test(row)));
        row.hidden = !show;
        const detail = details.get(row);
        if (detail) detail.hidden = !show || !row.classList.contains("is-open");
        here += show;
      }
      section.hidden = here === 0;
      shown += here;
    }
    const filtered = wanted.length > 0 || state.interface !== "";
    const all = `${total.toLocaleString("en")} claims`;
    $("shown").textContent = filtered ? `${shown.toLocaleString("en")} of ${all}` : all;
    $("reset").hidden = !filtered;
    $("nothing").hidden = shown > 0;
  }

  function filterChanged() {
    writeAddress();
    applyFilter();
  }

  function goTo(row) {
    setOpen(row, true);
    row.querySelector("button.id").focus({ preventScroll: true });
    row.scrollIntoView({ block: "start" });
  }

  function followAddress() {
    const hash = location.hash;
    if (hash && !hash.includes("=")) return;  // a plain anchor of this page
    readAddress();
    const row = state.claim ? rows.find((one) => one.dataset.id === state.claim) : null;
    applyFilter(row);
    if (row) goTo(row);
    else if (hash) $("claims").scrollIntoView({ block: "start" });
  }

  // --- controls -----------------------------------------------------------------------------

  for (const box of boxes) {
    box.addEventListener("change", () => {
      state.verdict = boxes.filter((one) => one.checked).map((one) => one.value);
      filterChanged();
    });
  }
  for (const [key, select] of Object.entries(selects)) {
    select.addEventListener("change", () => {
      state[key] = select.value;
      filterChanged();
    });
  }
  let pending = 0;
  $("find").addEventListener("input", () => {
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => {
      state.q = $("find").value.trim();
      filterChanged();
    });
  });
  document.querySelector("form.filter").addEventListener("submit", (event) => event.preventDefault());
  $("reset").addEventListener("click", () => {
    history.replaceState(null, "", "#");
    readAddress();
    applyFilter();
    $("find").focus();
  });

  $("claims").parentElement.addEventListener("click", (event) => {
    const row = event.target.closest("tr.claim");
    if (!row || event.target.closest("a")) return;
    if (!event.target.closest("button") && getSelection().toString()) return;  // text was selected
    toggle(row);
  });

  function neighbour(row, step) {
    const shown = rows.filter((one) => !one.hidden);
    return shown[shown.indexOf(row) + step];
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !event.target.closest("input, select, textarea")) {
      event.preventDefault();
      $("find").focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches("button.id")) return;
    const next = neighbour(event.target.closest("tr"), step);
    if (!next) return;
    event.preventDefault();
    next.querySelector("button.id").focus();
  });

  // --- print: all that is shown is opened, if it is not too much for paper --------------------

  const PRINTED_LINES = 20000;
  let openedForPrint = [];

  function printedLines(row) {
    const jobs = data().claims[row.dataset.i][1].flatMap((target) => target?.[4] ?? []);
    return jobs.reduce((sum, variant) => sum + 1 + (data().jobs[variant[3]]?.[2] ?? 0), 0);
  }

  addEventListener("beforeprint", () => {
    const shown = rows.filter((row) => !row.hidden);
    const lines = shown.reduce((sum, row) => sum + printedLines(row), 0);
    const all = lines <= PRINTED_LINES;
    document.body.classList.toggle("printed-in-part", !all);
    openedForPrint = all ? shown.filter((row) => !isOpen(row)) : [];
    for (const row of openedForPrint) setOpen(row, true);
    for (const row of shown.filter(isOpen)) {
      for (const table of details.get(row).querySelectorAll("table.variants")) table.openAll();
    }
    for (const fold of document.querySelectorAll("details:not([open])")) {
      fold.open = true;
      fold.dataset.printed = "";
    }
  });

  addEventListener("afterprint", () => {
    for (const row of openedForPrint) setOpen(row, false);
    for (const fold of document.querySelectorAll("details[data-printed]")) {
      fold.open = false;
      delete fold.dataset.printed;
    }
  });

  // Unpack a small report at leisure, so that it can be printed at once.
  const UNPACKED_AHEAD = 24;  // chunks

  async function unpackAhead() {
    data();
    const packed = document.querySelectorAll("script[id^=chunk-]").length;
    for (let number = 0; number < Math.min(packed, UNPACKED_AHEAD); number += 1) {
      await load(number).catch(() => {});
    }
    root.dataset.unpacked = "";
  }

  addEventListener("hashchange", followAddress);
  followAddress();
  // The browser, too, goes to the address's element once all is loaded, and takes the focus away.
  addEventListener("load", () => requestAnimationFrame(() => {
    const row = state.claim && details.keys().next().value;
    if (row && isOpen(row)) goTo(row);
  }));
  root.dataset.ready = String(Math.round(performance.now()));
  (window.requestIdleCallback ?? setTimeout)(unpackAhead);
})();
