// SPDX-License-Identifier: Apache-2.0
// What every page does first: it says that scripts run, and keeps the theme that the reader chose.
"use strict";
(() => {
  const button = document.getElementById("theme");
  const root = document.documentElement;
  root.classList.add("script");
  const THEMES = ["system", "light", "dark"];
  const KEPT = "sockspec-theme";

  function setTheme(theme) {
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  }

  function keptTheme() {
    try {
      return THEMES.find((theme) => theme === localStorage.getItem(KEPT)) ?? "system";
    } catch {
      return "system";  // a browser may forbid storage to a file
    }
  }

  setTheme(keptTheme());
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "system") + 1) % THEMES.length];
    setTheme(next);
    try {
      localStorage.setItem(KEPT, next);
    } catch { /* then it is not kept */ }
  });
})();
