// What every page does in the browser. All listeners sit on the document, so that parts that htmx
// brings later need no start-up of their own.
import Combobox from "../vendor/combobox-nav/index.js";
import { install } from "../vendor/hotkey/index.js";
import { keepDrafts } from "./drafts.js";

const ONE_YEAR = 60 * 60 * 24 * 365;
const TOAST_MS = 8000;
const UNDO_MS = 10000;
const isShortcutsOff = () => localStorage.getItem("shortcuts") === "off";

function installHotkeys(root) {
  for (const element of root.querySelectorAll("[data-hotkey]:not([data-hotkey-on])")) {
    const isSingleKey = !element.dataset.hotkey.includes("+");
    if (isSingleKey && isShortcutsOff()) continue;
    element.setAttribute("data-hotkey-on", "");
    install(element);
  }
}

function toggleTheme() {
  const root = document.documentElement;
  const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  root.dataset.bsTheme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${ONE_YEAR}; samesite=lax`;
}

/* The jump box */
const palette = document.getElementById("palette");
let cameFrom = null;
let combobox = null;

function openPalette() {
  if (!palette || palette.open) return;
  cameFrom = document.activeElement;
  palette.showModal();
  const input = palette.querySelector("input");
  combobox ??= new Combobox(input, palette.querySelector("[role=listbox]"), { firstOptionSelectionMode: "active" });
  combobox.start();
  input.select();
  htmx.trigger(input, "palette-open");
}

palette?.addEventListener("close", () => {
  combobox?.stop();
  cameFrom?.focus();
});
palette?.addEventListener("click", (event) => {
  if (event.target === palette) palette.close();
});

/* Tips of the rail */
let tip = null;

function hideTip() {
  tip?.remove();
  tip = null;
}

function showTip(element) {
  hideTip();
  const box = element.getBoundingClientRect();
  tip = document.createElement("div");
  tip.className = "tip";
  tip.append(element.dataset.tip);
  for (const key of (element.dataset.tipKeys ?? "").split(" ").filter(Boolean)) {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    tip.append(cap);
  }
  document.body.append(tip);
  tip.style.left = `${box.right + 8}px`;
  tip.style.top = `${box.top + (box.height - tip.offsetHeight) / 2}px`;
}

for (const [start, end] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(start, (event) => {
    const element = event.target.closest?.("[data-tip]");
    if (element) showTip(element);
  });
  document.addEventListener(end, hideTip);
}

/* Messages */
function dismissLater(root) {
  for (const toast of root.querySelectorAll("[data-toast]:not(.notice-error)")) {
    setTimeout(() => toast.remove(), toast.dataset.toast === "undo" ? UNDO_MS : TOAST_MS);
  }
}

function sayFailure(sentence) {
  const line = document.createElement("div");
  line.className = "notice notice-error";
  line.setAttribute("data-toast", "");
  const text = document.createElement("span");
  text.textContent = sentence;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn";
  close.dataset.dismiss = "[data-toast]";
  close.textContent = "Close";
  line.append(text, close);
  document.getElementById("toasts").append(line);
}

/* The list of keys */
function showKeys() {
  const dialog = document.getElementById("dialog");
  const body = document.getElementById("dialog-body");
  const list = document.createElement("dl");
  list.className = "definition padded";
  for (const element of document.querySelectorAll("[data-hotkey]")) {
    const label = element.getAttribute("aria-label") || element.textContent.trim();
    const keys = document.createElement("dt");
    for (const key of element.dataset.hotkey.replace("Mod", "Ctrl").split(/[ +]/)) {
      const cap = document.createElement("kbd");
      cap.textContent = key;
      keys.append(cap, " ");
    }
    const what = document.createElement("dd");
    what.textContent = label;
    list.append(keys, what);
  }
  const off = document.createElement("label");
  off.className = "field-check padded";
  const box = document.createElement("input");
  box.type = "checkbox";
  box.className = "form-check-input";
  box.checked = !isShortcutsOff();
  box.addEventListener("change", () => {
    localStorage.setItem("shortcuts", box.checked ? "on" : "off");
    location.reload();
  });
  off.append(box, "Keys without Ctrl work in this browser");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  const foot = document.createElement("div");
  foot.className = "dialog-foot";
  foot.append(close);
  body.replaceChildren(list, off, foot);
  dialog.setAttribute("aria-label", "Keys");
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-opens], [data-theme-toggle], [data-dismiss], [data-keys]");
  if (event.target.id === "dialog") event.target.close();
  if (!target) return;
  if (target.dataset.opens === "palette") openPalette();
  if (target.hasAttribute("data-theme-toggle")) toggleTheme();
  if (target.hasAttribute("data-keys")) showKeys();
  if (target.dataset.dismiss) target.closest(target.dataset.dismiss)?.remove();
});

// A copy button is not a button element, so it says itself that it was used.
document.addEventListener("clipboard-copy", (event) => {
  const before = event.target.getAttribute("aria-label");
  event.target.setAttribute("aria-label", "Copied");
  event.target.classList.add("is-copied");
  setTimeout(() => {
    event.target.setAttribute("aria-label", before);
    event.target.classList.remove("is-copied");
  }, 2000);
});

// Addresses of lists hold what was chosen, not what was left empty.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") return;
  for (const [name, value] of Object.entries(detail.parameters)) {
    if (value === "") delete detail.parameters[name];
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  installHotkeys(document);
  dismissLater(event.target);
});
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  sayFailure(
    status === 403
      ? "Your account may not do this. Nothing was changed; open the page to see which right is missing."
      : `The console answered ${status}. What you typed is still here; try again.`,
  );
});
document.addEventListener("htmx:sendError", () => {
  sayFailure("The console cannot be reached. What you typed is still here; try again.");
});

installHotkeys(document);
dismissLater(document);
keepDrafts(document);
