// Choosing several rows of a list: the box in the head chooses the page, and the bar says how many are chosen.
// All listeners sit on the document, so that parts that htmx brings later need no start-up of their own.

const boxes = () => [...document.querySelectorAll("input.pick-row")];

function tell() {
  const all = boxes();
  const chosen = all.filter((one) => one.checked).length;
  const matching = document.querySelector(".pick-matching");
  const count = document.querySelector(".pick-count");
  const head = document.querySelector("input.pick-page");
  if (head) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
  if (count) count.textContent = matching?.checked ? matching.value : String(chosen);
}

document.addEventListener("change", (event) => {
  const target = event.target;
  if (target.matches("input.pick-page")) {
    for (const one of boxes()) one.checked = target.checked;
  }
  if (target.matches("input.pick-row, input.pick-page")) {
    const matching = document.querySelector(".pick-matching");
    if (matching) matching.checked = false;
  }
  if (target.matches("input.pick-row, input.pick-page, .pick-matching")) tell();
});
document.addEventListener("htmx:afterSwap", tell);
window.addEventListener("pageshow", tell);
