// The layers of a net, the input below and the top above: what each one's own loss is about, positive
// against negative or the margin, how good the net is up to it, and where gradients stop.
const Layers = (() => {
  const { make, range, set, per } = Dom;

  const open = () => {
    const list = make("ol", { class: "fp-layers" }), foot = make("p", { class: "fp-foot" });
    let rows = [], settings = null, heaps = false; // of goodness, above and below a threshold
    const row = number => {
      const chart = Curve.open(200, 36, `layer ${number}`), score = make("b"), state = make("i"), kept = make("small");
      const item = make("li", {}, make("span", { class: "fp-flow", "aria-hidden": "true" }),
        make("span", { class: "fp-num" }, make("span", {}, `Layer ${number}`), state), chart.svg,
        make("span", { class: "fp-score" }, score, kept));
      return { item, chart, score, state, kept, positive: [], negative: [], margin: [] };
    };
    const words = own => ({
      true: "Each layer has a loss of its own. A bar: no gradient passes. ",
      false: "One loss, at the top. Its gradient goes back through all layers. ",
    })[own];
    return {
      node: make("div", { class: "fp-stack" }, list, foot),
      start(next) {
        settings = next;
        rows = range(settings.depth, k => row(k + 1));
        list.classList.toggle("fp-through", settings.learner === "bp");
        list.classList.toggle("fp-low", settings.depth > 6);
        list.replaceChildren(...rows.map(each => each.item).reverse());
        heaps = Settings.FF.includes(settings.learner) && !Settings.symba(settings);
        set(foot, words(settings.learner !== "bp") + (heaps ? "Solid: goodness of positives; dotted: of negatives; "
          + `line: θ = ${settings.theta}.` : "Line: the margin of the true class, on the training nodes."));
      },
      frame({ records, layer, done, layers, trained, bill }) {
        for (const { layer: own, epoch, goodness_pos: p, goodness_neg: q, margin } of records) {
          const to = rows[(own ?? settings.depth) - 1];
          if (heaps) {
            Curve.add(to.positive, epoch, p);
            Curve.add(to.negative, epoch, q);
          } else if (margin != null) Curve.add(to.margin, epoch, margin);
        }
        const all = rows.flatMap(each => [...each.positive, ...each.negative, ...each.margin]).map(([, y]) => y);
        const [low, high] = [Math.min(0, ...all), Math.max(heaps ? settings.theta : 0.01, ...all)];
        rows.forEach((each, k) => {
          const own = settings.learner === "bp" ? k === settings.depth - 1 : true;
          const learns = !done && (layer === k + 1 || layer == null);
          each.item.classList.toggle("fp-now", learns);
          set(each.state, !learns ? (own && k < trained ? "done" : own ? "waits" : "") : "learns");
          if (done) set(each.state, own ? "done" : "");
          const score = layers[settings.learner === "bp" ? 0 : k];
          set(each.score, own && (learns || k < trained || settings.learner === "bp") && score !== undefined ? per(score) : own ? "–" : "");
          set(each.kept, bill.layers[k] ? `keeps ${Dom.bytes(bill.layers[k])}` : "keeps nothing");
          if (!own) return;
          each.chart.draw([{ kind: "fp-pos", points: each.positive }, { kind: "fp-neg", points: each.negative },
            { kind: "fp-pos fp-margin", points: each.margin }], [0, settings.epochs - 1], [low, high],
            [{ kind: "fp-level", at: heaps ? settings.theta : 0 }]);
          const text = each.positive.length ? `goodness ${each.positive.at(-1)[1].toFixed(2)} of positives, `
            + `${each.negative.at(-1)[1].toFixed(2)} of negatives` : each.margin.length ? `margin ${each.margin.at(-1)[1].toFixed(3)}` : "no update yet";
          each.chart.svg.setAttribute("aria-label", `layer ${k + 1}: ${text}`);
        });
      },
    };
  };
  return { open };
})();
