// What a run holds in memory: now, and at its fullest moment, kind by kind.
const Bill = (() => {
  const { make, set, bytes } = Dom;
  const KINDS = [["weights", "weights"], ["optimizer", "optimiser"], ["kept", "kept for the way back"], ["working", "working"]];

  const open = () => {
    const rows = ["now", "peak"].map(name => {
      const text = make("b"), bars = KINDS.map(([kind]) => make("span", { class: `fp-k-${kind}` }));
      return { name, text, bars, node: make("div", { class: "fp-bill-row" }, make("span", {}, name === "now" ? "held now" : "peak"),
        make("span", { class: "fp-bar", "aria-hidden": "true" }, bars), text) };
    });
    const said = make("p", { class: "fp-sr" });
    return {
      node: make("div", { class: "fp-bill" }, rows.map(each => each.node), said),
      frame(bill, most) {
        for (const { name, text, bars } of rows) {
          set(text, bytes(bill[name].total));
          bars.forEach((bar, k) => (bar.style.width = `${((100 * bill[name][KINDS[k][0]]) / (most || 1)).toFixed(2)}%`));
        }
        set(said, `At the peak: ${KINDS.map(([kind, word]) => `${bytes(bill.peak[kind])} ${word}`).join(", ")}.`);
      },
    };
  };
  const legend = () => make("p", { class: "fp-kinds" }, KINDS.map(([kind, word]) =>
    make("span", {}, make("i", { class: `fp-k-${kind}` }), word)));
  return { open, legend };
})();
