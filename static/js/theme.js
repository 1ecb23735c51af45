// Runs before the first paint. The server writes the chosen theme; without a choice the system's counts.
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    root.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  if (!root.dataset.bsTheme) {
    follow();
    dark.addEventListener("change", follow);
  }
})();

// Paper is light: the dark colours would be pale words on white sheets.
let before = null;
addEventListener("beforeprint", () => {
  before = document.documentElement.dataset.bsTheme ?? null;
  document.documentElement.dataset.bsTheme = "light";
});
addEventListener("afterprint", () => {
  if (before) document.documentElement.dataset.bsTheme = before;
  else delete document.documentElement.dataset.bsTheme;
});
