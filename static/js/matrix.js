// Keys and clicks of the access matrix, after the ARIA grid pattern: one tab stop, arrows, Home, End,
// Page up and down, [ and ] for the next column group, Enter for the reasons. One listener for all cells.
const PAGE_ROWS = 12;

const frame = () => document.getElementById("matrix-frame");
const rowsOf = (table) => [...table.querySelectorAll("tbody tr[data-key]:not([hidden])")];
const cellsOf = (row) => row.cells; // the first is the name
const placeOf = (cell) => cell.cellIndex;
const isCell = (element) => element?.matches?.("#matrix tbody tr[data-key] > td");

function focusCell(cell) {
  if (!cell) return;
  const table = cell.closest("table");
  for (const other of table.querySelectorAll('td[tabindex="0"]')) other.tabIndex = -1;
  cell.tabIndex = 0;
  cell.focus({ preventScroll: true });
  // The sticky heads are left free by the frame's scroll padding.
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  for (const lit of table.querySelectorAll(".head.lit")) lit.classList.remove("lit");
  headOf(cell)?.classList.add("lit");
}

const headOf = (cell) => cell.closest("table").tHead.rows[1].cells[placeOf(cell) - 1];

function moved(cell, { by = 0, down = 0, toStart = false, toEnd = false, first = false, last = false }) {
  const rows = rowsOf(cell.closest("table"));
  const at = rows.indexOf(cell.parentElement);
  const row = rows[first ? 0 : last ? rows.length - 1 : Math.min(Math.max(at + down, 0), rows.length - 1)];
  const width = cellsOf(row).length - 1;
  const place = toStart ? 1 : toEnd ? width : Math.min(Math.max(placeOf(cell) + by, 1), width);
  return cellsOf(row)[place];
}

function nextGroup(cell, way) {
  const starts = [...cell.parentElement.querySelectorAll("td.f")];
  const here = placeOf(cell);
  const ahead = starts.filter((one) => (way > 0 ? placeOf(one) > here : placeOf(one) < here));
  return way > 0 ? ahead[0] : ahead.at(-1);
}

const MOVES = {
  ArrowLeft: (cell) => moved(cell, { by: -1 }),
  ArrowRight: (cell) => moved(cell, { by: 1 }),
  ArrowUp: (cell) => moved(cell, { down: -1 }),
  ArrowDown: (cell) => moved(cell, { down: 1 }),
  PageUp: (cell) => moved(cell, { down: -PAGE_ROWS }),
  PageDown: (cell) => moved(cell, { down: PAGE_ROWS }),
  Home: (cell, event) => moved(cell, { toStart: true, first: event.ctrlKey }),
  End: (cell, event) => moved(cell, { toEnd: true, last: event.ctrlKey }),
  "[": (cell) => nextGroup(cell, -1),
  "]": (cell) => nextGroup(cell, 1),
};

function select(cell) {
  for (const other of cell?.closest("table").querySelectorAll("[aria-selected]") ?? []) {
    other.removeAttribute("aria-selected");
  }
  cell?.setAttribute("aria-selected", "true");
}

function openWhy(cell) {
  const url = new URL(location.href);
  const column = headOf(cell).dataset.key;
  const elsewhere = cell.parentElement.dataset.why;
  if (elsewhere) {
    // The reasons stand on another page.
    const name = encodeURIComponent(column.slice(column.indexOf(":") + 1));
    location.assign(elsewhere.replace("{column}", encodeURIComponent(column)).replace("{name}", name));
    return;
  }
  if (column.startsWith("group:")) {
    // The cell counts a group of columns: show them first.
    url.searchParams.set("columns", column.slice("group:".length));
    location.assign(url);
    return;
  }
  url.searchParams.set("row", cell.parentElement.dataset.key);
  url.searchParams.set("column", column);
  select(cell);
  focusCell(cell);
  // The answer carries the address to push, so that the panel has its own.
  htmx.ajax("GET", url.pathname + url.search, { target: "#why", swap: "outerHTML", source: "#matrix" });
}

document.addEventListener("keydown", (event) => {
  const cell = event.target;
  if (!isCell(cell) || event.altKey || event.metaKey) return;
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    openWhy(cell);
    return;
  }
  const move = MOVES[event.key];
  if (!move) return;
  event.preventDefault();
  focusCell(move(cell, event));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  document.querySelector("#why [data-close-why]")?.click();
});

document.addEventListener("click", (event) => {
  const cell = event.target.closest?.("td");
  if (isCell(cell)) openWhy(cell);
  const fold = event.target.closest?.("[data-fold]");
  if (fold) foldRows(fold);
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "why" && document.getElementById("why")?.hidden) {
    const chosen = document.querySelector('#matrix [aria-selected="true"]');
    select(null);
    chosen?.removeAttribute("aria-selected");
    if (document.activeElement === document.body) chosen?.focus();
  }
});

function foldRows(button) {
  const isOpen = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!isOpen));
  for (const row of button.closest("tbody").querySelectorAll("tr[data-key]")) row.hidden = isOpen;
}

// A page that opens with reasons shows their cell.
const chosen = document.querySelector('#matrix [aria-selected="true"]');
if (chosen && frame()) {
  chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
  headOf(chosen)?.classList.add("lit");
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) window.print();
});

// What is kept or taken out is what is shown now: the address changes while one filters.
document.addEventListener("htmx:pushedIntoHistory", () => {
  const query = location.search.slice(1);
  const save = document.getElementById("save-query");
  if (save) save.value = query;
  for (const link of document.querySelectorAll("[data-export]")) {
    link.href = `${link.pathname}?${query}`;
  }
});
