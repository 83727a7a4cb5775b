
"use strict";
(() => {
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const root = document.documentElement;
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  for (const details of all(".node > details")) {
    details.firstElementChild.tabIndex = -1;
    details.addEventListener("toggle", () => details.parentElement.setAttribute("aria-expanded", details.open));
  }
  const first = document.querySelector(".node");
  if (first) first.tabIndex = 0;
  const go = (selector, step) => {
    const list = all(selector);
    if (!list.length) return;
    const here = document.activeElement;
    let at = list.findIndex((one) => one === here || one.contains(here));
    if (at < 0) {
      const after = list.findIndex((one) => here.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
      at = step > 0 ? (after < 0 ? list.length : after) - 1 : after < 0 ? list.length : after;
    }
    const next = list[Math.min(Math.max(at + step, 0), list.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const keys = {
    j: [".node", 1], ArrowDown: [".node", 1], k: [".node", -1], ArrowUp: [".node", -1],
    n: [".plan", 1], p: [".plan", -1], f: [".finding", 1], F: [".finding", -1],
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = document.activeElement.closest(".node");
    const arrow = event.key.startsWith("Arrow");
    if (node && document.activeElement === node && (event.key === "Enter" || event.key === " " ||
        event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      const details = node.querySelector("details");
      details.open = event.key === "ArrowRight" ? true : event.key === "ArrowLeft" ? false : !details.open;
      event.preventDefault();
      return;
    }
    const key = keys[event.key];
    if (!key || (arrow && !node)) return;
    go(key[0], key[1]);
    event.preventDefault();
  });
  const target = () => {
    const node = location.hash && document.getElementById(location.hash.slice(1));
    if (node) node.focus();
  };
  addEventListener("hashchange", target);
  target();
})();
