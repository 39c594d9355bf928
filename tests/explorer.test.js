// The script says of every selection what the page's still picture would say.
// `test_explorer.py` and `test_pictures.py` run this with Node's own runner, and writes the cases.
const { test } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const explorer = require("../fgnn_lite/book/explore/explorer.js");
const [chart, nodes, histograms, tape] = ["chart", "nodes", "histograms", "tape"].map(
  name => require(`../fgnn_lite/book/explore/${name}.js`));
const pictures = { nodes, histograms, tape };

const file = process.env.EXPLORER_CASES;
const { models, cases } = file ? JSON.parse(fs.readFileSync(file, "utf8")) : { models: [], cases: [] };

test("marks, words and tables are those of the still picture", { skip: !file }, () => {
  assert.ok(cases.length > 100);
  for (const { of, picks, panel, marks, words, table } of cases) {
    const picture = pictures[models[of].chart] ?? chart;
    assert.equal(picture.marks(models[of], picks, panel), marks);
    assert.equal(picture.words(models[of], picks), words);
    assert.equal(picture.table(models[of], picks), table);
  }
});

const points = { c: [[0, 1, -1]], s: [0, 0, 1], x: [0, 0, 0], m: [0.5, 0.25, 1], lo: [0.5, 0.2, 1],
  hi: [0.5, 0.3, 1], n: [1, 2, 1] };
const model = { chart: "line", kinds: { line: "Lines" }, title: "T", digits: 2, points, seeds: "seeds",
  controls: [{ label: "graph", names: ["a", "b"] }], series: ["<p>", "q"], shapes: ["M0 0", "M1 1"],
  x: { label: "x", names: ["1"], at: [50] }, looks: [[0, 0], [1, 0]], tint: null,
  y: { label: "y", log: false, line: null, by: -1, axes: [{ low: 0, high: 1, ticks: [] }] } };

test("a control that does not apply hides nothing", () => {
  assert.deepEqual(explorer.select(model, [0]), [0, 2]);
  assert.deepEqual(explorer.select(model, [1]), [1, 2]);
});

test("a value says what its seeds reach", () => {
  assert.equal(chart.value(model, 0), "0.50");
  assert.equal(chart.value(model, 1), "0.25 (0.20 to 0.30, 2 seeds)");
});

test("names are text wherever they stand", () => {
  assert.ok(!chart.marks(model, [[0], [1]], null).includes("<p>"));
  assert.ok(chart.table(model, [[0]]).includes("<td>&lt;p&gt;</td>"));
  assert.match(chart.words(model, [[0], [1]]), /A, graph a\. <p> 1: 0\.50; q 1: 1\.00\. B, graph b/);
});
