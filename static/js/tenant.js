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

document.body.addEventListener("htmx:afterSwap", countAgain);
document.addEventListener("click", keepTyped);
