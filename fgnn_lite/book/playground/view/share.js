// The same in Python, a link that opens it, and what a teacher hides in that link.
const Share = (() => {
  const { make, set } = Dom;
  const PARTS = { clock: "play and step", setup: "settings", graph: "graph", edit: "the second net",
    layers: "layers", bill: "memory", node: "chosen node", share: "this part" };
  const python = value => (value === true ? "True" : value === false ? "False" : value === null ? "None"
    : typeof value === "string" ? JSON.stringify(value) : String(value));
  const call = options => Object.entries(options).map(([key, value]) => `${key}=${python(value)}`).join(", ");

  const GRAPHS = {
    karate: () => 'data = fgnn.load_graph("karate")',
    digits: () => 'data = fgnn.load_graph("digits")',
    sbm: g => `data = fgnn.load_graph("sbm", ${call({ nodes: g.nodes, edges: Math.round((g.nodes * g.degree) / 2),
      classes: g.classes, features: g.features, homophily: g.homophily, seed: g.seed })})`,
    paste: g => `data = ...  # ${Dom.many((g.text ?? "").split("\n").filter(Boolean).length, "pasted line")}`,
    data: () => "data = ...  # the graph that was given to playground()",
  };
  const USUAL = { backbone: "gcn", temperature: 1, seed: 0, features: "none", theta: 2, negatives: null,
    goodness: "sum-squares", loss: "ff", hypotheses: "joint", above: "all", virtual_edges: "both" };
  // fgnn_lite's options of a learner, but for those that are as usual.
  const options = side => {
    const { learner, epochs, lr, weight_decay, both_ways, negatives, ...own } = side;
    const all = { ...own, negatives: negatives || null, virtual_edges: both_ways ? "both" : "to-virtual" };
    if (!Settings.virtual(side)) all.virtual_edges = "both";
    if (!Settings.FF.includes(learner)) all.negatives = null;
    for (const field of Settings.SIDE) if (!Settings.concerns(field, side) && field.key in USUAL) all[field.key] = USUAL[field.key];
    return Object.fromEntries(Object.entries(all).filter(([key, value]) => value !== USUAL[key]));
  };
  // Five lines for one side, four more for a second.
  const code = ({ graph, left, right }) => {
    const run = side => [`learner = fgnn.make_learner("${side.learner}", ${call(options(side))})`,
      `learner.fit(data, ${call({ epochs: side.epochs, patience: side.epochs, lr: side.lr, weight_decay: side.weight_decay })}, restore_best=False)`,
      'print(learner.score(data, "test"))'];
    return ["import fgnn_lite as fgnn", GRAPHS[graph.kind](graph), ...run(left), ...(right ? run(right) : [])].join("\n");
  };

  const open = ({ state, link, say, writes }) => {
    const name = writes ? "Link" : "Text for start="; // a notebook's address is not the page's
    const done = make("span", { class: "fp-done" }), shown = make("pre", { tabindex: 0 });
    const copy = async (text, what) => {
      set(shown, text);
      try {
        await navigator.clipboard.writeText(text);
        set(done, `${what} copied.`);
      } catch {
        set(done, `${what} stands below: copy it from there.`);
      }
      shown.hidden = false;
      say(done.textContent);
    };
    const boxes = Object.entries(PARTS).map(([part, name]) => {
      const box = make("input", { type: "checkbox", value: part });
      return { box, node: make("label", { class: "fp-tick" }, box, name) };
    });
    const hidden = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
    shown.hidden = true;
    return {
      node: make("details", { class: "fp-share", "data-part": "share" }, make("summary", {}, "Copy and share"),
        make("div", { class: "fp-row" },
          make("button", { type: "button", onclick: () => copy(code(state()), "Python") }, "Copy as Python"),
          make("button", { type: "button", onclick: () => copy(link([]), name) }, writes ? "Copy link" : "Copy for start="), done),
        make("fieldset", {}, make("legend", {}, "For teachers: the same without"), boxes.map(each => each.node),
          make("button", { type: "button", onclick: () => copy(link(hidden()), name) }, "Copy for a class")),
        shown),
    };
  };
  return { code, open };
})();
