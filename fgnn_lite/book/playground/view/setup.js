// The controls of one side: what learns, and how. And those of the graph.
const Setup = (() => {
  const { make, field: named, options, set } = Dom;
  const FIRST = ["learner", "backbone", "depth", "temperature"];
  const KEYS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -1e9, End: 1e9, PageUp: 5, PageDown: -5 };

  const menu = (field, onchange) => {
    const select = make("select", { "data-key": field.key, onchange: () => onchange(field.key, select.value) });
    const node = named(field.label, select);
    return { node, show(value, shown = true) {
      node.hidden = !shown;
      const values = field.values.includes(value) ? field.values : [...field.values, value];
      if (select.options.length !== values.length || ![...select.options].some(o => o.value === String(value)))
        select.replaceChildren(...options(values, each => Settings.named(field.key, each)));
      select.value = String(value);
    } };
  };
  const slider = (field, onchange) => {
    const [low, high] = field.range, out = make("b");
    const input = make("input", { type: "range", min: low, max: high, step: field.step, "data-key": field.key,
      oninput: () => say(), onchange: () => onchange(field.key, input.value) });
    const say = () => set(out, field.real ? Number(input.value).toFixed(2) : input.value);
    input.addEventListener("keydown", event => { // JupyterLab would take the arrows
      if (!(event.key in KEYS) || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      const next = Math.max(low, Math.min(high, Number(input.value) + KEYS[event.key] * field.step));
      if (next === Number(input.value)) return;
      input.value = next;
      say();
      onchange(field.key, input.value);
    });
    const node = named(field.label, input, " ", out);
    return { node, show(value) {
      input.value = value;
      say();
    } };
  };

  const side = onchange => {
    const fields = Settings.SIDE.map(field => ({ ...field, ...menu(field, onchange) }));
    const pick = first => fields.filter(field => FIRST.includes(field.key) === first).map(field => field.node);
    const more = make("details", { class: "fp-moreset" }, make("summary", {}, "More settings"), make("div", { class: "fp-fields" }, pick(false)));
    return { node: make("div", { class: "fp-setup", "data-part": "setup" }, make("div", { class: "fp-fields" }, pick(true)), more),
      show(values) {
        for (const field of fields) field.show(values[field.key], Settings.concerns(field, values));
      } };
  };

  const graph = (kinds, { onkind, onchange, onpaste }) => {
    const kind = make("select", { onchange: () => (kind.value === "paste" ? onpaste() : onkind(kind.value)) },
      options(kinds, each => Settings.GRAPHS[each]));
    const sliders = Settings.SBM.map(field => ({ key: field.key, ...slider(field, onchange) }));
    const own = make("div", { class: "fp-fields" }, sliders.map(each => each.node));
    const edit = make("button", { type: "button", class: "fp-small", onclick: onpaste }, "Edit the list");
    return { node: make("div", { class: "fp-graphset", "data-part": "graph" },
      named("Graph", kind), own, edit),
      show(spec) {
        kind.value = spec.kind;
        own.hidden = spec.kind !== "sbm";
        edit.hidden = spec.kind !== "paste";
        if (spec.kind === "sbm") for (const each of sliders) each.show(spec[each.key]);
      } };
  };
  return { side, graph };
})();
