// The confusion matrix of the nodes of a mask, on demand.
const Confusion = (() => {
  const { make, field, range, options } = Dom;
  const table = (counts, graph, name) => {
    const classes = range(graph.classes, c => c), most = Math.max(1, ...counts);
    return make("table", { class: "fp-grid" }, make("caption", {}, `${name}: true classes down, predicted ones across`),
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "class"), classes.map(c => make("th", { scope: "col" }, graph.classNames[c])))),
      make("tbody", {}, classes.map(r => make("tr", {}, make("th", { scope: "row" }, graph.classNames[r]),
        classes.map(c => make("td", { "data-c": r === c ? c % 10 : "wrong", style: `--p:${(counts[r * graph.classes + c] / most).toFixed(2)}` },
          String(counts[r * graph.classes + c])))))));
  };
  const open = onask => {
    const NODES = { test: "test", val: "validation", train: "training" };
    const mask = make("select", { onchange: () => onask() }, options(Object.keys(NODES), each => NODES[each]));
    const place = make("div", { class: "fp-told" });
    const node = make("details", { class: "fp-confusion", ontoggle: () => node.open && onask() },
      make("summary", {}, "Confusion matrix"), field("Nodes", mask), place);
    return { node, get mask() { return mask.value; },
      show: (all, graph, names) => place.replaceChildren(...all.map((counts, k) => make("div", { class: "fp-scroll", tabindex: 0, role: "region", "aria-label": `confusion matrix of net ${k + 1}` }, table(counts, graph, names[k])))) };
  };
  return { open };
})();
