// The chosen node: its label and its edges, to be changed; its scores in each layer; and the messages
// that it receives there.
const Chosen = (() => {
  const { make, field, set } = Dom;

  const open = ({ onpick, onlabel, onedge, onlayer }) => {
    const number = make("input", { type: "number", min: 0, step: 1, inputmode: "numeric" });
    const label = make("select"), other = make("input", { type: "number", min: 0, step: 1, inputmode: "numeric" });
    const edge = make("button", { type: "button", class: "fp-small" }, "Join");
    const what = make("p", { class: "fp-what" }), image = make("div", { class: "fp-image" }), told = make("div", { class: "fp-told" });
    const layer = make("select"), layerField = field("Messages in layer", layer);
    const edits = make("div", { class: "fp-edits" },
      field("Label", label), field("Edge to node", other), edge);
    const node = make("section", { class: "fp-about", "aria-label": "The chosen node", "data-part": "node" },
      make("div", { class: "fp-about-head" }, field("Node", number), image, what, edits), layerField, told);
    let graph = null, chosen = -1;
    const near = () => graph.edges.filter(pair => pair.includes(chosen)).map(([i, j]) => (i === chosen ? j : i));
    const verb = () => {
      const j = Number(other.value), joined = other.value !== "" && near().includes(j);
      set(edge, joined ? "Cut" : "Join");
    };
    const pick = async () => {
      await onpick(number.value === "" ? -1 : Number(number.value));
      number.value = chosen < 0 ? "" : chosen; // what was refused does not stay
    };
    number.addEventListener("change", pick);
    label.addEventListener("change", () => onlabel(chosen, Number(label.value)));
    other.addEventListener("input", verb);
    edge.addEventListener("click", () => {
      if (other.value === "") return other.focus();
      onedge(chosen, Number(other.value), edge.textContent === "Cut" ? "c" : "j");
    });
    layer.addEventListener("change", () => onlayer(Number(layer.value)));
    for (const field of [number, other]) field.addEventListener("keydown", event => event.stopPropagation());

    const className = c => graph.classNames?.[c] ?? String(c);
    const nameOf = i => (i >= graph.n ? `class node ${className(i - graph.n)}` : `${graph.nodeNames?.[i] ?? i}`);
    const grid = (rows, bp) => make("table", { class: "fp-grid" },
      make("caption", {}, bp ? "The top's own shares" : "Each layer's own shares"),
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "layer"),
        Array.from({ length: graph.classes }, (_, c) => make("th", { scope: "col" }, className(c))))),
      make("tbody", {}, rows.map((shares, k) => make("tr", {}, make("th", { scope: "row" }, bp ? "top" : String(k + 1)),
        shares.map((share, c) => make("td", { "data-c": c % 10, style: `--p:${share.toFixed(2)}` }, share.toFixed(2).replace(/^0/, "")))))));
    const list = messages => {
      const sorted = [...messages].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)), most = Math.abs(sorted[0]?.weight ?? 1) || 1;
      return make("ul", { class: "fp-messages" }, sorted.slice(0, 12).map(({ from, weight }) =>
        make("li", {}, make("span", {}, from === chosen ? "itself" : nameOf(from)),
          make("span", { class: "fp-bar", "aria-hidden": "true" }, make("span", { style: `width:${((100 * Math.abs(weight)) / most).toFixed(0)}%` })),
          make("b", {}, weight.toFixed(2)))), sorted.length > 12 && make("li", {}, `and ${sorted.length - 12} more`));
    };
    return {
      node,
      load(next) {
        const renew = !graph || graph.classes !== next.classes || graph.classNames?.join() !== next.classNames?.join();
        graph = next;
        number.max = other.max = graph.n - 1;
        if (renew) label.replaceChildren(make("option", { value: -1 }, "none"),
          ...Array.from({ length: graph.classes }, (_, c) => make("option", { value: c }, className(c))));
      },
      choose(i, pixels, depth, at) {
        chosen = i;
        node.classList.toggle("fp-empty", i < 0);
        layerField.hidden = edits.hidden = i < 0;
        number.value = i < 0 ? "" : i;
        if (i < 0) {
          set(what, "Click a node or type its name: see its scores and messages, change its label and its edges.");
          told.replaceChildren();
          image.replaceChildren();
          return;
        }
        label.value = graph.train[i] ? graph.y[i] : -1;
        const part = graph.train[i] ? "has a label" : graph.val[i] ? "held out for validation" : graph.test[i] ? "held out for the test" : "without a part";
        const truth = graph.y[i] < 0 ? "class unknown" : `class ${className(graph.y[i])}`;
        set(what, `${graph.nodeNames ? `${graph.nodeNames[i]}: ` : ""}${truth}, ${part}, ${Dom.many(near().length, "neighbour")}`);
        verb();
        if (layer.options.length !== depth)
          layer.replaceChildren(...Array.from({ length: depth }, (_, k) => make("option", { value: k + 1 }, k + 1)));
        layer.value = at;
        image.replaceChildren(...(pixels ? [make("svg", { viewBox: "0 0 8 8", role: "img", "aria-label": `the picture of node ${i}` },
          pixels.map((v, k) => make("rect", { x: k % 8, y: Math.floor(k / 8), width: 1.02, height: 1.02, "fill-opacity": v.toFixed(2) })))] : []));
      },
      tell(answers, sides, at) {
        told.replaceChildren(...answers.map(({ rows, messages }, k) => {
          const { name, hue } = Settings.method(sides[k]), said = rows.length ? null : "no layer has learned yet";
          const list_ = messages[Math.min(at, messages.length) - 1];
          return make("div", {}, make("p", { class: "fp-who", "data-hue": hue }, name), said ? make("p", {}, said) : grid(rows, sides[k].learner === "bp"), list(list_));
        }));
      },
    };
  };
  return { open };
})();
