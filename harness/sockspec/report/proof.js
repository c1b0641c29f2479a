// SPDX-License-Identifier: Apache-2.0
// The behaviour of a proof's page: filter and search, links to a claim or an outcome, print.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const rows = [...document.querySelectorAll("tr.proved")];
  const boxes = [...document.querySelectorAll("input[name=outcome]")];
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));

  function fits(row, wanted, terms) {
    const outcomes = [...row.querySelectorAll("details.lie")].map((lie) => lie.dataset.v);
    return (!wanted.length || outcomes.some((outcome) => wanted.includes(outcome)))
      && terms.every((term) => words.get(row).includes(term));
  }

  function applyFilter() {
    const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
    const terms = $("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) row.hidden = !fits(row, wanted, terms);
    for (const section of document.querySelectorAll("section.interface")) {
      section.hidden = !section.querySelector("tr.proved:not([hidden])");
    }
    const shown = rows.filter((row) => !row.hidden).length;
    const filtered = wanted.length || terms.length;
    $("shown").textContent = filtered ? `${shown} of ${rows.length} claims` : `${rows.length} claims`;
    $("nothing").hidden = shown > 0;
  }

  // #outcome=missed filters; #claim=ID shows and opens a claim, whatever the filter says.
  function followAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (asked.has("outcome")) {
      for (const box of boxes) box.checked = box.value === asked.get("outcome");
      applyFilter();
      $("claims").scrollIntoView({ block: "start" });
    }
    const row = asked.has("claim") ? document.getElementById(location.hash.slice(1)) : null;
    if (!row) return;
    row.hidden = false;
    row.closest("section").hidden = false;
    for (const lie of row.querySelectorAll("details.lie")) lie.open = true;
    row.scrollIntoView({ block: "start" });
  }

  if ($("find")) {
    for (const box of boxes) box.addEventListener("change", applyFilter);
    $("find").addEventListener("input", applyFilter);
    document.querySelector("form.filter").addEventListener("submit", (event) => event.preventDefault());
    applyFilter();
  }
  addEventListener("hashchange", followAddress);
  followAddress();

  addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details:not([open])")) {
      fold.open = true;
      fold.dataset.printed = "";
    }
  });
  addEventListener("afterprint", () => {
    for (const fold of document.querySelectorAll("details[data-printed]")) {
      fold.open = false;
      delete fold.dataset.printed;
    }
  });
  document.documentElement.dataset.ready = "";
})();
