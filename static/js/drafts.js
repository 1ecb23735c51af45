// Keeps what was typed into a form that was not sent: `<form data-draft="name">`. It lives in the
// tab's own storage, never holds passwords, and goes when the form is sent or the tab is closed.
const TYPES_LEFT_OUT = new Set(["password", "hidden", "file", "submit", "button"]);

const keyOf = (form) => `draft:${location.pathname}:${form.dataset.draft}`;

function* fieldsOf(form) {
  for (const field of form.elements) {
    if (field.name && !TYPES_LEFT_OUT.has(field.type)) yield field;
  }
}

const isChoice = (field) => field.type === "checkbox" || field.type === "radio";

function read(form) {
  const draft = {};
  for (const field of fieldsOf(form)) {
    const name = isChoice(field) ? `${field.name}=${field.value}` : field.name;
    draft[name] = isChoice(field) ? field.checked : field.value;
  }
  return draft;
}

function restore(form, draft) {
  let isChanged = false;
  for (const field of fieldsOf(form)) {
    const name = isChoice(field) ? `${field.name}=${field.value}` : field.name;
    const key = isChoice(field) ? "checked" : "value";
    if (!(name in draft) || draft[name] === field[key]) continue;
    field[key] = draft[name];
    isChanged = true;
  }
  return isChanged;
}

function offerToDiscard(form) {
  const line = document.createElement("p");
  line.className = "quiet padded";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.textContent = "Start again";
  button.addEventListener("click", () => {
    sessionStorage.removeItem(keyOf(form));
    form.reset();
    line.remove();
  });
  line.append("What you had typed was put back. ", button);
  form.prepend(line);
}

export function keepDrafts(root) {
  for (const form of root.querySelectorAll("form[data-draft]")) {
    const kept = sessionStorage.getItem(keyOf(form));
    // A form that comes back with errors already holds what was typed.
    if (kept && !form.querySelector("[aria-invalid=true]") && restore(form, JSON.parse(kept))) offerToDiscard(form);
    form.addEventListener("input", () => sessionStorage.setItem(keyOf(form), JSON.stringify(read(form))));
    form.addEventListener("submit", () => sessionStorage.removeItem(keyOf(form)));
  }
}
