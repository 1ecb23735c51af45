// Choosing rows of the inbox: the bulk actions show how many are chosen, and hide when none is.
// Keys: j and k move, x selects, Enter opens.

const boxes = () => [...document.querySelectorAll("[data-choose]")];

function count() {
  const chosen = boxes().filter((box) => box.checked).length;
  for (const place of document.querySelectorAll("[data-bulk-count]")) place.textContent = String(chosen);
  for (const bulk of document.querySelectorAll("[data-bulk]")) bulk.hidden = chosen === 0;
  const all = document.querySelector("[data-choose-all]");
  if (!all) return;
  all.checked = chosen > 0 && chosen === boxes().length;
  all.indeterminate = chosen > 0 && chosen < boxes().length;
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-choose-all]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  }
  if (event.target.matches?.("[data-choose], [data-choose-all]")) count();
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input:not([type=checkbox]), select, textarea, dialog");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !["j", "k", "x"].includes(event.key)) return;
  if (localStorage.getItem("shortcuts") === "off") return;
  const rows = [...document.querySelectorAll("[data-row]")];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  if (event.key === "x") {
    rows[here]?.querySelector("[data-choose]")?.click();
    return;
  }
  const next = event.key === "j" ? Math.min(here + 1, rows.length - 1) : Math.max(here - 1, 0);
  rows[next]?.querySelector("a")?.focus();
});

document.addEventListener("htmx:afterSettle", count);
window.addEventListener("pageshow", count);
