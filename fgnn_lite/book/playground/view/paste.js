// An edge list of the reader's own: checked before anything is changed, refused in words.
const Paste = (() => {
  const { make, set } = Dom;
  const EXAMPLE = "ada bob\nbob cem\ncem ada\ncem dia\ndia eva\neva fay\nfay dia\nada: red\nfay: blue\nbob: red test\neva: blue test";

  const open = oncheck => {
    const area = make("textarea", { rows: 10, spellcheck: "false" });
    const wrong = make("p", { class: "fp-wrong", role: "alert" });
    const use = make("button", { type: "submit", class: "fp-main" }, "Use this graph");
    const form = make("form", { method: "dialog" },
      make("label", {}, make("span", {}, "An edge a line: “ada bob”. A label to train on: “ada: red”, of every class at least one; held out: “bob: red test”. At most 600 nodes."), area),
      wrong, make("div", { class: "fp-row" }, use,
        make("button", { type: "button", onclick: () => dialog.close() }, "Cancel")));
    const dialog = make("dialog", { class: "fp-dialog", "aria-label": "A graph of your own" }, form);
    form.addEventListener("submit", async event => {
      event.preventDefault();
      set(wrong, "");
      try {
        await oncheck(area.value);
        dialog.close();
      } catch (error) {
        set(wrong, `Not used: ${error.message}`);
      }
    });
    area.addEventListener("paste", event => { // a browser takes minutes to insert thousands of lines
      event.preventDefault();
      area.setRangeText(event.clipboardData.getData("text/plain"), area.selectionStart, area.selectionEnd, "end");
    });
    area.addEventListener("keydown", event => event.key !== "Escape" && event.stopPropagation());
    return { node: dialog, show(text) {
      area.value = text || EXAMPLE;
      set(wrong, "");
      dialog.showModal();
    } };
  };
  return { open, EXAMPLE };
})();
