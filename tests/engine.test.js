// The engine of the playground says what `fgnn_lite` says: graphs, draws, trajectories, memory.
// `test_playground_engine.py` runs this with Node's own runner: it writes the cases, and hands over
// the text as it travels. What begins with "alone" needs no case.
const { test } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");

const { source, ...given } = process.env.ENGINE_CASES
  ? JSON.parse(fs.readFileSync(process.env.ENGINE_CASES, "utf8")) : {};
const folder = path.join(__dirname, "../fgnn_lite/book/playground/engine");
const files = () => JSON.parse(fs.readFileSync(path.join(folder, "order.json"), "utf8"));
const text = source ?? files().map(name => fs.readFileSync(path.join(folder, name), "utf8")).join("");
const { Engine, TorchRandom, NumpyRandom } =
  new Function(`${text}\nreturn { Engine, TorchRandom, NumpyRandom };`)();

const LEARNERS = ["bp", "ff-la", "ff-vn", "sf", "sf-top-to-input", "sf-top-to-loss",
  "local-heads", "class-groups"];
const BACKBONES = ["gcn", "sage", "gat"];

// The largest gap, over the largest number (or a millionth, where all are next to nothing).
const gap = (a, b) => {
  assert.equal(a.length, b.length);
  let far = 0, most = 1e-6;
  a.forEach((v, i) => {
    assert.ok(Number.isFinite(v));
    far = Math.max(far, Math.abs(v - b[i]));
    most = Math.max(most, Math.abs(b[i]));
  });
  return far / most;
};
const close = (a, b, tolerance, what) => {
  const far = gap(Array.from(a), b);
  assert.ok(far <= tolerance, `${what}: ${far} apart`);
};
const all = (run, count = Infinity) => {
  const records = [];
  for (let r; records.length < count && (r = run.step());) records.push(r);
  return records;
};
const small = () => Engine.graph.blockModel({ nodes: 24, classes: 3, degree: 4, features: 5, seed: 2 });

test("draws", { skip: !given.draws }, () => {
  for (const { seed, purpose, uniform, normal } of given.draws.torch) {
    const random = new TorchRandom(seed, purpose);
    close(random.uniforms(uniform.length, 0.3), uniform, 1e-7, "uniform");
    for (const values of normal)
      close(new TorchRandom(seed, purpose).normals(values.length), values, 1e-6, "normal");
  }
  for (const { seed, order } of given.draws.numpy)
    assert.deepEqual(new NumpyRandom(...seed).shuffled(order.map((_, i) => i)), order);
});

test("graphs", { skip: !given.graphs }, () => {
  for (const { of, options, graph } of given.graphs) {
    const { pixels, labels, ...rest } = options;
    const made = pixels
      ? Engine.graph[of](Uint8Array.from(pixels), labels, rest)
      : Engine.graph[of](rest);
    const sorted = edges => edges.map(edge => edge.join()).sort();
    assert.deepEqual(sorted(made.edges), sorted(graph.edges));
    for (const field of ["y", "train", "val", "test"])
      assert.deepEqual(Array.from(made[field]), graph[field], field);
    close(made.features, graph.features, 1e-6, "features");
  }
});

test("classes", { skip: !given.classNodes }, () => {
  const { count, seed, file } = given.classNodes;
  fs.writeFileSync(file, JSON.stringify([...new TorchRandom(seed, 1000003).normals(count)]));
});

test("trajectories", { skip: !given.trajectories }, () => {
  for (const { graph, settings, losses, margins, accuracies, weights, scores } of given.trajectories) {
    const run = Engine.make(Engine.graph.of(given.of[graph]), { ...settings, float64: true });
    const records = all(run), what = `${graph} ${JSON.stringify(settings)}`;
    close(records.map(r => r.loss), losses, 1e-5, `losses, ${what}`);
    close(records.map(r => r.margin), margins, 1e-5, `margins, ${what}`);
    assert.deepEqual(records.map(r => r.val_accuracy), accuracies, what);
    weights.forEach((layer, l) => {
      for (const [name, values] of Object.entries(layer))
        close(run.layers[l].weights[name].a, values, 1e-5, `${name} of layer ${l + 1}, ${what}`);
    });
    scores.forEach((each, l) => close(run.scores(l + 1), each, 1e-5, `scores, ${what}`));
  }
});

test("whole runs", { skip: !given.runs }, () => {
  for (const { graph, settings, accuracies } of given.runs) {
    const run = Engine.make(Engine.graph.of(given.of[graph]), settings);
    all(run);
    assert.ok(run.done);
    const here = run.layerAccuracies("test");
    here.forEach((value, l) =>
      assert.ok(Math.abs(value - accuracies[l]) <= 0.01, `${value}, not ${accuracies[l]}`));
    assert.equal(here.length, accuracies.length);
  }
});

test("memory", { skip: !given.memory }, () => {
  for (const { graph, settings, weights, gradients, optimizer, kept, peak } of given.memory) {
    const run = Engine.make(Engine.graph.of(given.of[graph]), settings);
    const most = [0, 0, 0, 0, 0, 0], what = JSON.stringify([graph, settings]);
    let [moments, slopes] = [0, 0];
    while (run.step()) {
      const { layers, now } = run.memory();
      layers.forEach((bytes, l) => (most[l] = Math.max(most[l], bytes)));
      moments = Math.max(moments, now.optimizer);
      slopes = Math.max(slopes, ...run.memory().tape.map(moment => moment.gradients));
    }
    assert.equal(run.memory().peak.weights, weights, what);
    assert.equal(moments, optimizer, what);
    assert.equal(slopes, gradients, what);
    kept.forEach((bytes, l) => {
      if (bytes !== null) assert.equal(most[l], bytes, `layer ${l + 1}, ${what}`);
    });
    const { total } = run.memory().peak, [least, greatest] = peak;
    assert.ok(total >= least && total <= greatest, `${total} in all, ${what}`);
  }
});

test("alone: every gradient is that of finite differences", () => {
  const graph = small(), options = { depth: 3, hidden: 8, lr: 0.01, weight_decay: 0, val_every: 99,
    epochs: 3, float64: true, theta: 1 };
  const variants = [{}, { learner: "ff-la", label_layers: "all", goodness: "negative-entropy" },
    { learner: "ff-vn", loss: "symba", goodness: "mean-squares", hypotheses: "single" },
    { learner: "ff-vn", goodness: "sum-abs", temperature: 0.5, negatives: 1 },
    { learner: "sf", temperature: 0.25, both_ways: false }];
  const cases = [...LEARNERS.flatMap(learner => BACKBONES.map(backbone => ({ learner, backbone }))),
    ...variants];
  for (const settings of cases)
    for (const number of settings.learner === "bp" ? [null] : [1, 2, 3]) {
      // A fresh run, just before the second update of this layer, and the loss that it then has.
      const due = all(Engine.make(graph, { ...options, ...settings }))
        .findIndex(r => r.layer === number && r.epoch === 1);
      const before = () => {
        const run = Engine.make(graph, { ...options, ...settings });
        all(run, due);
        return run;
      };
      const run = before(), layers = number ? [run.layers[number - 1]] : run.layers;
      const old = layers.map(({ adam }) => Object.fromEntries(
        Object.entries(adam.mean).map(([name, { a }]) => [name, a.slice()])));
      run.step();
      const slopes = [], differences = [];
      layers.forEach((layer, l) => {
        for (const [name, { a }] of Object.entries(layer.adam.mean))
          for (let at = 0; at < a.length; at += 1 + Math.floor(a.length / 3)) {
            slopes.push((a[at] - 0.9 * old[l][name][at]) / 0.1);
            const [up, down] = [1e-5, -1e-5].map(step => {
              const moved = before();
              moved.layers[layer.number - 1].weights[name].a[at] += step;
              return moved.step().loss;
            });
            differences.push((up - down) / 2e-5);
          }
      });
      if (settings.learner === "sf-top-to-loss") { // cut to length 1: the direction is left
        const scale = Math.max(...differences.map(Math.abs)) / Math.max(...slopes.map(Math.abs));
        assert.ok(scale >= 1 - 1e-4, `${scale}`);
        slopes.forEach((v, k) => (slopes[k] = v * scale));
      }
      assert.ok(Math.max(...differences.map(Math.abs)) > 1e-6, JSON.stringify(settings));
      close(slopes, differences, 1e-4, `layer ${number}, ${JSON.stringify(settings)}`);
    }
});

test("alone: single-forward's memory is flat in depth, backpropagation's is a staircase", () => {
  const graph = Engine.graph.karate(), floor = {};
  for (const learner of ["sf", "bp"])
    for (const depth of [4, 8]) {
      const run = Engine.make(graph, { learner, depth, hidden: 16, epochs: 2, val_every: 2 });
      all(run);
      const { now, layers } = run.memory();
      (floor[learner] ??= []).push(now.total - now.weights);
      if (learner === "sf") {
        assert.deepEqual(layers.slice(0, -1), Array(depth - 1).fill(0));
        assert.ok(layers.at(-1) > 0);
      } else {
        assert.deepEqual(layers.slice(0, -1), Array(depth - 1).fill(4 * 34 * 16));
      }
    }
  assert.equal(floor.sf[0], floor.sf[1]);
  assert.ok(floor.bp[1] - floor.bp[0] >= 4 * 4 * 34 * 16);
});

test("alone: what an update takes, it gives back, and a tape has all its moments", () => {
  for (const learner of LEARNERS)
    for (const backbone of BACKBONES) {
      const run = Engine.make(small(), { learner, backbone, depth: 2, hidden: 8, epochs: 9 });
      const depth = learner.startsWith("sf-top") ? 2 : 1, held = [];
      for (let k = 0; k < 9 * depth; k++) {
        run.step();
        run.scores();
        run.messages(0, 2);
        held.push(run.ledger.now.reduce((a, b) => a + b));
      }
      assert.equal(held[4 * depth - 1], held[6 * depth - 1], `${learner} ${backbone}`);
      const { tape, now, peak } = run.memory();
      assert.equal(Math.max(...tape.map(moment => moment.total)), now.total);
      assert.ok(peak.total >= now.total);
      for (const { weights, optimizer, kept, working, gradients, total } of tape) {
        assert.equal(weights + optimizer + kept + working, total);
        assert.ok(gradients <= working);
      }
    }
});

test("alone: to look changes nothing, and a run that is restored goes on alike", () => {
  const graph = Engine.graph.karate();
  for (const learner of LEARNERS) {
    const settings = { learner, depth: 2, hidden: 8, epochs: 10, lr: 0.01 };
    const [plain, watched] = [0, 1].map(() => Engine.make(graph, settings));
    for (let k = 0; k < 13; k++) {
      const record = watched.step();
      if (!record) break;
      for (const l of [1, 2]) {
        assert.equal(watched.hidden(l).columns, learner === "bp" && l === 2 ? 4 : 8);
        watched.messages(33, l);
        watched.goodness(l);
      }
      watched.layerAccuracies("val");
      watched.memory();
      assert.equal(plain.step().loss, record.loss);
    }
    const again = Engine.restore(graph, JSON.parse(JSON.stringify(watched.state())));
    assert.equal(again.updates, watched.updates);
    assert.deepEqual(all(again).map(r => r.loss), all(plain).map(r => r.loss));
    assert.equal(again.step(), null);
    assert.ok(again.done);
  }
});

test("alone: messages are the weights of the edges, and attention adds up to 1", () => {
  const graph = Engine.graph.karate(), told = {};
  for (const backbone of BACKBONES) {
    const run = Engine.make(graph, { backbone, depth: 2, hidden: 8, epochs: 3 });
    all(run, 2);
    told[backbone] = run.messages(0, 2);
    const around = graph.edges.filter(edge => edge.includes(0)).length;
    assert.equal(told[backbone].length, around + 1 + (backbone === "sage" ? 0 : 1)); // itself
    assert.equal(told[backbone].filter(({ from }) => from === graph.n + graph.y[0]).length, 1);
  }
  for (const backbone of ["sage", "gat"])
    close([told[backbone].reduce((s, { weight }) => s + weight, 0)], [1], 1e-6, backbone);
  const own = told.gcn.find(({ from }) => from === 0);
  close([own.weight], [1 / 18], 1e-6, "gcn"); // 16 friends, a class node and itself
});

test("alone: other labels and edges reach a run that goes on with its weights", () => {
  const graph = Engine.graph.karate();
  for (const learner of LEARNERS)
    for (const backbone of BACKBONES) {
      const run = Engine.make(graph, { learner, backbone, depth: 2, hidden: 8, epochs: 8, lr: 0.01 });
      const before = all(run, 10).at(-1), weights = run.layers[1].weights.bias.a.slice();
      const moments = run.layers[1].adam?.step;
      const next = { ...graph, train: graph.train.slice(), val: graph.val.slice(),
        test: graph.test.slice(), edges: graph.edges.slice(1) };
      next.train[33] = 1;
      next.val[33] = next.test[33] = 0;
      const held = run.ledger.now[0];
      run.relabel(next);
      assert.deepEqual(run.layers[1].weights.bias.a, weights);
      assert.equal(run.layers[1].adam?.step, moments);
      assert.equal(run.ledger.now[0], held);
      assert.equal(run.train.length, 5);
      const after = all(run, 1)[0];
      if (before.epoch < 7) assert.ok(after.epoch >= before.epoch && Number.isFinite(after.loss));
      all(run);
      assert.ok(run.done);
      run.relabel(graph); // after the end, what learned last learns once more
      assert.ok(!run.done);
      assert.ok(run.layers.every(layer => layer.adam === null));
      const again = all(run);
      assert.equal(again[0].epoch, 0);
      assert.equal(again.length, learner.startsWith("sf-top") ? 16 : 8);
      assert.ok(run.done);
    }
  const run = Engine.make(graph, { hidden: 8 });
  assert.throws(() => run.relabel({ ...graph, n: 35 }), /same n: 34; got 35/);
  assert.throws(() => run.relabel({ ...graph, train: new Uint8Array(34) }), /node to train on/);
  assert.equal(run.train.length, 4);
  assert.equal(run.step().epoch, 0); // what was refused has changed nothing
});

test("alone: a pasted graph is what its lines say", () => {
  const graph = Engine.graph.fromEdges(
    "ada bob\n bob, cem # friends\nbob ada\n\nada: red\ncem: <b>\nbob : red test\ndia eva");
  assert.deepEqual(graph.nodeNames, ["ada", "bob", "cem", "dia", "eva"]);
  assert.deepEqual(graph.classNames, ["red", "<b>"]);
  assert.deepEqual(graph.edges, [[0, 1], [1, 2], [3, 4]]);
  assert.deepEqual([...graph.y], [0, 0, 1, -1, -1]);
  assert.deepEqual([...graph.train], [1, 0, 1, 0, 0]);
  assert.deepEqual([...graph.test], [0, 1, 0, 0, 0]);
  const run = Engine.make(graph, { depth: 2, hidden: 8, epochs: 30, lr: 0.05 });
  all(run);
  assert.equal(run.accuracy("train"), 1);
  assert.ok(Number.isNaN(run.accuracy("val")));
});

test("alone: bad input is refused in words", () => {
  const { graph } = Engine, karate = graph.karate();
  const chain = Array.from({ length: 10000 }, (_, i) => `n${i} n${i + 1}`).join("\n");
  const refused = [
    [() => graph.fromEdges("a b c"), /line 1: two names are an edge.*got "a b c"/],
    [() => graph.fromEdges("a b\na a"), /line 2: an edge needs two different nodes/],
    [() => graph.fromEdges("a b\na: red"), /at least two different labels; got 1/],
    [() => graph.fromEdges("a: red\nb: blue\na: blue"), /line 3: a node has one label/],
    [() => graph.fromEdges("a: red\nb: blue\nc: green test"), /"green" needs a node to train on/],
    [() => graph.fromEdges(chain), /up to 600 nodes/],
    [() => graph.of({ ...karate, edges: [[0, 34]] }), /end of an edge must be .* 0 to 33; got 34/],
    [() => graph.of({ ...karate, edges: [[3, 3]] }), /from node 3 to itself/],
    [() => graph.of({ ...karate, val: karate.train }), /node 0 is in two of the masks/],
    [() => graph.of({ ...karate, y: karate.y.map(() => -1) }), /must have a label/],
    [() => graph.of({ ...karate, y: [0] }), /one entry a node, 34; got 1/],
    [() => graph.blockModel({ nodes: 40, degree: 16, homophily: 1 }), /have room for 180/],
    [() => graph.blockModel({ nodes: 5 }), /nodes must be .* from 12 to 1000; got 5/],
    [() => Engine.make(karate, { learner: "sgd" }), /learner must be one of "bp".*got "sgd"/],
    [() => Engine.make(karate, { dept: 3 }), /setting must be one of .*got "dept"/],
    [() => Engine.make(karate, { depth: 17 }), /depth must be .* 1 to 16; got 17/],
    [() => Engine.make(karate, { lr: NaN }), /lr must be a number .*got NaN/],
    [() => Engine.make(karate, { negatives: 4 }), /negatives must be .* 0 to 3; got 4/],
    [() => Engine.make(karate, { backbone: "gat", hidden: 6 }), /divisible by GAT's 4 heads/],
    [() => Engine.make(karate, {}).accuracy("all"), /mask must be one of .*got "all"/],
    [() => Engine.make(karate, {}).scores(2), /from 1 to 1; got 2/],
    [() => Engine.make(karate, {}).messages(40, 1), /node must be .* 0 to 37; got 40/],
    [() => all(Engine.make(karate, { lr: 1000, learner: "bp", depth: 16 })),
      /the loss became/],
  ];
  for (const [make, message] of refused) assert.throws(make, { name: "RangeError", message });
});
