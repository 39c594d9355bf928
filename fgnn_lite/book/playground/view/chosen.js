// The chosen node: its label and its edges, to be changed; its scores in each layer; and the messages
// that it receives there.
const Chosen = (() => {
  const { make, field, range, options, set } = Dom;

  const open = ({ onpick, onlabel, onedge, onlayer }) => {
    const node = make("input", { type: "text" }), other = make("input", { type: "text" });
    const label = make("select", { title: "Keys choose, Enter gives the label" });
    const edge = make("button", { type: "button", class: "fp-small", title: "A neighbour is cut off" }, "Join");
    const what = make("p", { class: "fp-what" }), image = make("div", { class: "fp-image" }), told = make("div", { class: "fp-told" });
    const layer = make("select"), layerField = field("Messages in layer", layer);
    const edits = make("div", { class: "fp-edits" },
      field("Label", label), field("Edge to node", other), edge);
    const body = make("section", { class: "fp-about", "aria-label": "The chosen node", "data-part": "node" },
      make("div", { class: "fp-about-head" }, field("Node", node), image, what, edits), layerField, told);
    let graph = null, chosen = -1, keyed = false;
    const neighbours = () => graph.edges.filter(pair => pair.includes(chosen)).map(([i, j]) => (i === chosen ? j : i));
    // The node of that name, or of that number; -1 for none; what is neither is left for others to refuse.
    const find = ({ value }) => {
      const name = value.trim(), i = graph.nodeNames.indexOf(name);
      return i >= 0 || !name ? i : /^\d+$/.test(name) ? Number(name) : name;
    };
    const verb = () => set(edge, neighbours().includes(find(other)) ? "Cut" : "Join");
    node.addEventListener("change", async () => {
      await onpick(find(node));
      node.value = graph.nodeNames[chosen] ?? "";
    });
    // A choice in an open menu is made; in a closed one keys pass others on their way, and Enter makes it.
    const given = () => (graph.train[chosen] ? graph.y[chosen] : -1);
    const give = async () => {
      if (Number(label.value) === given()) return;
      await onlabel(chosen, Number(label.value));
      label.value = given(); // what was refused does not stay
    };
    label.addEventListener("keydown", ({ key }) => {
      if (key === "Enter") return give();
      keyed = true;
      setTimeout(() => (keyed = false), 100);
    });
    label.addEventListener("change", () => keyed || give());
    label.addEventListener("blur", give);
    other.addEventListener("input", verb);
    other.addEventListener("keydown", ({ key }) => key === "Enter" && edge.click());
    edge.addEventListener("click", () => {
      if (find(other) === -1) return other.focus();
      onedge(chosen, find(other), edge.textContent === "Cut" ? "c" : "j");
    });
    layer.addEventListener("change", () => onlayer(Number(layer.value)));
    for (const field of [node, other, label]) field.addEventListener("keydown", event => event.stopPropagation());

    const nameOf = i => graph.nodeNames[i] ?? `class node ${graph.classNames[i - graph.n]}`;
    const grid = (rows, bp) => make("table", { class: "fp-grid" },
      make("caption", {}, bp ? "The top's own shares" : "Each layer's own shares"),
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "layer"),
        graph.classNames.map(name => make("th", { scope: "col" }, name)))),
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
      node: body,
      load(next) {
        const renew = graph?.classNames.join() !== next.classNames.join();
        graph = next;
        node.inputMode = other.inputMode = /\D/.test(graph.nodeNames.join("")) ? "text" : "numeric";
        if (renew) label.replaceChildren(...options([-1, ...range(graph.classes, c => c)], c => graph.classNames[c] ?? "none"));
      },
      choose(i, pixels, depth, at) {
        chosen = i;
        body.classList.toggle("fp-empty", i < 0);
        layerField.hidden = edits.hidden = i < 0;
        node.value = graph.nodeNames[i] ?? "";
        if (i < 0) {
          set(what, "Click a node or type its name: see its scores and messages, change its label and its edges.");
          told.replaceChildren();
          image.replaceChildren();
          return;
        }
        label.value = given();
        const part = graph.train[i] ? "has a label" : graph.val[i] ? "held out for validation" : graph.test[i] ? "held out for the test" : "without a part";
        const kind = graph.y[i] < 0 ? "class unknown" : `class ${graph.classNames[graph.y[i]]}`;
        set(what, `${kind}, ${part}, ${Dom.many(neighbours().length, "neighbour")}`);
        verb();
        if (layer.options.length !== depth) layer.replaceChildren(...options(range(depth, k => k + 1)));
        layer.value = at;
        image.replaceChildren(...(pixels ? [make("svg", { viewBox: "0 0 8 8", role: "img", "aria-label": `the picture of node ${i}` },
          pixels.map((v, k) => make("rect", { x: k % 8, y: Math.floor(k / 8), width: 1.02, height: 1.02, "fill-opacity": v.toFixed(2) })))] : []));
      },
      tell(answers, sides, at) {
        told.replaceChildren(...answers.map(({ rows, messages }, k) => {
          const { name, hue } = Settings.method(sides[k]);
          return make("div", {}, make("p", { class: "fp-who", "data-hue": hue }, name),
            rows.length ? grid(rows, sides[k].learner === "bp") : make("p", {}, "no layer has learned yet"),
            list(messages[Math.min(at, messages.length) - 1]));
        }));
      },
    };
  };
  return { open };
})();
