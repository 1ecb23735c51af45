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
