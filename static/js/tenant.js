// The page of a new tenant: the button names what will be made, and another blueprint keeps what was typed.
const KEPT = ["name", "slug", "server"];

function countAgain() {
  const total = document.querySelector("#made [data-total]");
  const shown = document.getElementById("made-count");
  if (total && shown) shown.textContent = total.dataset.total;
}

function keepTyped(event) {
  const link = event.target.closest("a[data-keep-typed]");
  if (!link) return;
  const address = new URL(link.href);
  for (const name of KEPT) {
    const value = document.getElementById("ask").elements[name]?.value;
    if (value) address.searchParams.set(name, value);
  }
  link.href = address.href;
}

// A link beside an error that fills in what would be right.
function fillIn(event) {
  const link = event.target.closest("a[data-fill]");
  if (!link) return;
  const field = document.querySelector(link.getAttribute("href"));
  event.preventDefault();
  field.value = link.dataset.fill;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

document.body.addEventListener("htmx:afterSwap", countAgain);
document.addEventListener("click", fillIn);
document.addEventListener("click", keepTyped);
