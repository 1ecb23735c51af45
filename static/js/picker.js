// `<search-picker>` around a select that holds only what is chosen: the rest is asked of the address in
// `data-options`, which answers {"options": [{"value": 1, "text": "…", "more": "…"}]}. It starts when it comes
// into the page, also by htmx, and ends when it goes.
class SearchPicker extends HTMLElement {
  connectedCallback() {
    const select = this.querySelector("select");
    if (!select || select.tomselect) return;
    const label = document.querySelector(`label[for="${select.id}"]`);
    if (label) select.setAttribute("aria-label", label.textContent.trim());
    this.control = new TomSelect(select, {
      valueField: "value",
      labelField: "text",
      searchField: [], // the server has searched
      plugins: ["remove_button"],
      placeholder: select.getAttribute("placeholder") ?? "",
      hidePlaceholder: true,
      preload: "focus",
      maxOptions: 50,
      loadThrottle: 150,
      shouldLoad: () => true,
      load: (text, done) => this.ask(select.dataset.options, text, done),
      render: {
        option: (one, escape) =>
          `<div>${escape(one.text)}${one.more ? `<span class="quiet">${escape(one.more)}</span>` : ""}</div>`,
        no_results: () => '<div class="no-results">Nobody and nothing of this name.</div>',
      },
      onItemAdd() {
        this.setTextboxValue("");
        this.refreshOptions();
      },
    });
    const describedBy = select.getAttribute("aria-describedby");
    if (describedBy) this.control.control_input.setAttribute("aria-describedby", describedBy);
  }

  async ask(address, text, done) {
    const url = new URL(address, location.href);
    url.searchParams.set("q", text);
    try {
      const answer = await fetch(url, { headers: { "X-Requested-With": "XMLHttpRequest" } });
      this.control.clearOptions(); // what is chosen stays
      done(answer.ok ? (await answer.json()).options : []);
    } catch {
      done([]);
    }
  }

  disconnectedCallback() {
    this.control?.destroy();
  }
}

customElements.define("search-picker", SearchPicker);
