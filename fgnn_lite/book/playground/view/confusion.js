// The confusion matrix of the nodes of a mask, on demand.
const Confusion = (() => {
  const { make, field } = Dom;
  const table = (counts, graph, name) => {
    const classes = Array.from({ length: graph.classes }, (_, c) => c), most = Math.max(1, ...counts);
    const named = c => graph.classNames?.[c] ?? String(c);
    return make("table", { class: "fp-grid" }, make("caption", {}, `${name}: true classes down, predicted ones across`),
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "class"), classes.map(c => make("th", { scope: "col" }, named(c))))),
      make("tbody", {}, classes.map(r => make("tr", {}, make("th", { scope: "row" }, named(r)),
        classes.map(c => make("td", { "data-c": r === c ? c % 10 : "wrong", style: `--p:${(counts[r * graph.classes + c] / most).toFixed(2)}` },
          String(counts[r * graph.classes + c])))))));
  };
  const open = ask => {
    const mask = make("select", { onchange: () => ask() },
      ["test", "val", "train"].map(each => make("option", { value: each }, { test: "test", val: "validation", train: "training" }[each])));
    const place = make("div", { class: "fp-told" });
    const node = make("details", { class: "fp-confusion", ontoggle: () => node.open && ask() },
      make("summary", {}, "Confusion matrix"), field("Nodes", mask), place);
    return { node, get mask() { return mask.value; },
      show: (all, graph, names) => place.replaceChildren(...all.map((counts, k) => make("div", { class: "fp-scroll", tabindex: 0, role: "region", "aria-label": `confusion matrix of net ${k + 1}` }, table(counts, graph, names[k])))) };
  };
  return { open };
})();
