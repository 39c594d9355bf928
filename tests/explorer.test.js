// The explorers' scripts by hand. `test_explorer.py` runs this with Node's own test runner; there and
// in `test_pictures.py` what they draw and say of the results is held to the results.
const { test } = require("node:test");
const assert = require("node:assert/strict");
const explorer = require("../fgnn_lite/book/explore/explorer.js");
const [chart, nodes, histograms, tape] = ["chart", "nodes", "histograms", "tape"].map(
  name => require(`../fgnn_lite/book/explore/${name}.js`));

// All attributes of that name, in the order in which they are drawn.
const all = (drawn, pattern) => [...drawn.matchAll(pattern)].map(found => found[1]);
const copy = (model, changes) => ({ ...structuredClone(model), ...changes });

const model = {
  chart: "line", title: "T", digits: 2, seeds: "seeds", two: true, tint: null, ticks: [[3, "1"], [97, "2"]],
  points: { c: [[0, 0, 1, -1]], s: [0, 0, 0, 1], x: [0, 1, 0, 0], m: [0.5, 1, 0.25, 0], lo: [0.5, 1, 0.2, 0],
    hi: [0.5, 1, 0.3, 0], n: [1, 1, 2, 1] },
  controls: [{ label: "graph", names: ["a", "b & <c>", "1/64"] }],
  series: ["<p>", "q"], shapes: ["M0 0", "M1 1"], looks: [[0, 0], [1, 2]],
  x: { label: "x", names: ["1", "2"], at: [3, 97] },
  y: { label: "y", log: false, line: 1, by: -1, axes: [{ low: 0, high: 2, ticks: [[0, "0"], [1, "1"]] }] },
  start: [[0]],
};

test("a control that does not apply hides nothing", () => {
  assert.deepEqual(explorer.select(model, [0]), [0, 1, 3]);
  assert.deepEqual(explorer.select(model, [1]), [2, 3]);
});

test("selections in words", () => {
  assert.equal(explorer.selected(model, [[1]]), "graph b & <c>");
  assert.equal(explorer.selected(model, [[0], [2]]), "A: graph a; B: graph 1/64");
});

test("a value says what its seeds reach", () => {
  assert.equal(chart.value(model, 0), "0.50");
  assert.equal(chart.value(model, 2), "0.25 (0.20 to 0.30, 2 seeds)");
});

test("marks and lines of a chart stand where their values are", () => {
  const drawn = chart.marks(model, [[0]], null);
  assert.deepEqual(all(drawn, /class="fx-m[^"]*" x="(\d+)%/g), ["3", "97", "3"]);
  assert.deepEqual(all(drawn, /class="fx-m[^"]*" x="\d+%" y="(\d+)%/g), ["75", "50", "100"]);
  assert.match(drawn, /<svg class="fx-l s0 d0 t0".*<path d="M3 75L97 50"\/>/);
  assert.match(drawn, /<line class="fx-line" x2="100%" y1="50%" y2="50%"\/>/);
  assert.deepEqual(all(drawn, /<svg x="(\d+)%" y="100%"><path d="M0 0v5"/g), ["3", "97"]);
  assert.ok(!drawn.includes("fx-w"));
  const wide = { ...model.points, lo: [0, 0.5, 0, 0], hi: [1, 2, 1, 1] };
  const band = all(chart.marks(copy(model, { points: wide }), [[0]], 0), /class="fx-b" d="([^"]*)"/g);
  assert.deepEqual(band, ["M3 50L97 0L97 75L3 100z"]); // above from the left, below from the right
  const other = chart.marks(model, [[1]], null);
  assert.match(other, /<line class="fx-w s0 t0" x1="3%" x2="3%" y1="90%" y2="85%"\/>/);
  assert.deepEqual(all(chart.marks(model, [[0]], 1), /aria-label="([^:]*)/g), ["q, x 1"]);
});

test("on a logarithmic axis doubling is a step", () => {
  const y = { ...model.y, log: true, line: null, axes: [{ low: 0.25, high: 4, ticks: [] }] };
  const points = { ...model.points, m: [0.5, 1, 2, 4] };
  const drawn = chart.marks(copy(model, { y, points }), [[0]], null);
  assert.deepEqual(all(drawn, /class="fx-m[^"]*" x="\d+%" y="(\d+)%/g), ["75", "50", "0"]);
});

test("bars lie below their names, A above B", () => {
  const bars = copy(model, { chart: "bar", series: [""], ticks: [], points: { ...model.points, s: [0, 0, 0, 0],
    c: [[0, 0, 1, 1]], x: [0, 1, 0, 1] } });
  const drawn = chart.marks(bars, [[0], [1]], null);
  assert.deepEqual(all(drawn, /<text y="(\d+)" class="name">/g), ["16", "66"]);
  assert.deepEqual(all(drawn, /class="fx-m[^"]*" y="(\d+)"/g), ["22", "72", "34", "84"]);
  assert.deepEqual(all(drawn, /<rect x="0%" width="([\d.]+)%/g), ["25", "50", "12.5", "0"]);
  const more = chart.marks(copy(model, { chart: "bar", ticks: [] }), [[0]], null);
  assert.deepEqual(all(more, /class="fx-m[^"]*" y="(\d+)"/g), ["22", "96", "46"]); // series below series
});

test("a chart's words are its highest and its lowest value", () => {
  assert.equal(chart.words(model, [[0]]), "y: highest 1.00 (<p>, x 2), lowest 0.00 (q, x 1).");
  const alone = copy(model, { points: { ...model.points, c: [[0, 0, 1, 1]] } });
  assert.equal(chart.words(alone, [[2]]), "y: no results.");
  const one = copy(model, { points: { ...model.points, c: [[0, 0, 1, 0]] } });
  assert.equal(chart.words(one, [[0], [1]]),
    "y: A highest 1.00 (<p>, x 2), lowest 0.00 (q, x 1); B 0.25 (<p>, x 1).");
});

test("names are text wherever they stand", () => {
  assert.ok(!chart.marks(model, [[0], [1]], null).includes("<p>"));
  assert.ok(chart.table(model, [[0]]).includes("<td>&lt;p&gt;</td>"));
});

test("a histogram's bars share a middle, and its threshold stands on an edge", () => {
  const goodness = { stops: [0, 50, 100], edges: ["0", "1", "2"], controls: [{ label: "theta", names: [] }],
    points: { c: [], p: [[1, 3]], n: [[4, 0]], top: [1] } };
  const drawn = histograms.marks(goodness, [[1]], null);
  const bars = [...drawn.matchAll(/class="fx-m s(\d)([^"]*)".*?<rect x="([\d.]+)%" width="50%" y="([\d.]+)%" height="([\d.]+)%/g)];
  assert.deepEqual(bars.map(bar => bar.slice(1)), [
    ["0", " fx-pale", "0", "37.5", "12.5"], ["0", "", "50", "12.5", "37.5"], ["1", "", "0", "50", "50"]]);
  assert.match(drawn, /class="fx-theta" x="50%">.*\u03b8 = 1/);
  assert.deepEqual(all(drawn, /class="end">(\d+)</g), ["100", "50", "0", "50", "100"]);
  assert.match(histograms.words(goodness, [[1]]), /^75\.0 % of the positives .*, 100\.0 % of the neg.*: 87\.5 % on/);
});

test("a tape piles kind upon kind, and shows a chosen moment", () => {
  const held = { digits: 0, high: 8, series: ["a"], names: [], ticks: [[4, "4"]], said: { f: "forward", a: "after" },
    controls: [], points: { c: [], s: [0], phases: ["fa"], rest: [[1, 0]], saved: [[2, 0]], gradients: [[0, 1]],
      optimiser: [[1, 1]] } };
  const drawn = tape.marks(held, [[25]], 0);
  assert.deepEqual(all(drawn, /<path class="k\d" d="([^"]*)"/g), [
    "M0 100V50H50V75H100V100z", "M0 100V62.5H50V75H100V100z", "M0 100V87.5H50V75H100V100z",
    "M0 100V87.5H50V87.5H100V100z"]);
  assert.match(drawn, /<line class="fx-phase" x1="50%"/);
  assert.match(drawn, /<line x2="100%" y1="50%" y2="50%"\/>/);
  assert.match(drawn, /class="fx-m s5" x="50%" y="75%" role="img" aria-label="a, after: 2 MB"/);
  assert.equal(tape.words(held, [[0]]), "a: 4 MB (forward), highest 4 MB.");
});

test("a graph's edges join the places of its nodes", () => {
  const graph = { digits: 0, classes: [0, 1], given: [1, 0], places: [[0, 10], [50, 20], [90, 30]], by: 0, hops: [1],
    in_edges: [[[[0, 50], [1, 50]], [[1, 50], [0, 50]]], []], controls: [],
    points: { c: [], g: [[4, 1]], p: [[1, 0, 3, 3]], m: [[1, 0]], r: [[1, 0]], most: [[4, 4]] } };
  const drawn = nodes.marks(graph, [[0, 0, 0]], null);
  assert.deepEqual(all(drawn, /<line class="([^"]*)"/g), ["fx-e fx-in"]);
  assert.match(drawn, /x1="50%" y1="20%" x2="0%" y2="10%"/);
  assert.deepEqual(all(drawn, /class="(fx-m [^"]*)"/g), ["fx-m fx-n s0 fx-given fx-chosen", "fx-m fx-n s1 fx-wrong"]);
  assert.deepEqual(all(drawn, /style="fill-opacity:([^"]*)"/g), ["0.35", "0.15"]);
  assert.deepEqual(nodes.about(graph, [0, 0, 0], 1), [1, 0]);
});

const { toHash, fromHash } = explorer;

test("an address holds a selection, or two, by their names", () => {
  assert.equal(toHash("", "fx-t", model, [[2]]), "fx-t=1%2F64");
  assert.equal(toHash("#fx-t=a;a", "fx-t", model, [[0], [1]]), "fx-t=a;b%20%26%20%3Cc%3E");
  for (const picks of [[[0]], [[1]], [[2]], [[0], [1]], [[1], [2]]])
    assert.deepEqual(fromHash(`#fx-t=a&${toHash("", "fx-u", model, picks)}`, "fx-u", model),
      picks.join() === "0" ? null : picks);
});

test("what else an address holds stays, but for a place on the page", () => {
  assert.equal(toHash("#fx-s=1&play=x", "fx-t", model, [[1]]), "fx-s=1&play=x&fx-t=b%20%26%20%3Cc%3E");
  assert.equal(toHash("#fx-s=1&fx-t=1%2F64", "fx-t", model, [[0]]), "fx-s=1");
  assert.equal(toHash("#section", "fx-t", model, [[0]]), "");
  assert.equal(fromHash("#fx-t.2=b", "fx-t", model), null);
});

test("an address that is wrong is ignored", () => {
  for (const hash of ["", "#", "#section", "#fx-t", "#fx-t=", "#fx-t=c", "#fx-t=a,a", "#fx-t=a;a;a", "#fx-t=%", "#fx-t=;",
    "#fx-t=%E0%A4%A", "#fx-t=<b>", "#fx-t=__proto__", "#fx-t=0"]) assert.equal(fromHash(hash, "fx-t", model), null, hash);
  assert.equal(fromHash("#fx-t=a;a", "fx-t", { ...model, two: false }), null);
});
