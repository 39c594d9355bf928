// One run: a net on a graph, update by update.

const DEFAULTS = {
  learner: "sf", backbone: "gcn", depth: 2, hidden: 128, temperature: 1, seed: 0, features: "none",
  theta: 2, goodness: "sum-squares", loss: "ff", negatives: 0, accumulate: "all",
  given: "train", hypotheses: "joint", label_layers: "first", both_ways: true,
  updates: "alternating", steps: 10, above: "all",
  epochs: 300, patience: 100, val_every: 2, lr: 1e-3, weight_decay: 5e-4, restore_best: true,
  float64: false,
};

const CHOICES = {
  features: ["none", "sum", "l2"],
  loss: ["ff", "symba"],
  accumulate: ["all", "skip-first", "last"],
  given: ["none", "train", "train+val"],
  hypotheses: ["joint", "single"],
  label_layers: ["first", "all"],
  updates: ["alternating", "simultaneous"],
  above: ["all", "states", "labels", "nothing"],
  both_ways: [true, false],
  restore_best: [true, false],
  float64: [true, false],
};

const WHOLE = { depth: [1, 16], hidden: [1, 256], seed: [0, 2 ** 31], steps: [3, 100],
  epochs: [1, 100000], patience: [1, 100000], val_every: [1, 100000] };
const RANGES = { temperature: [1e-6, 1e6], theta: [-1e6, 1e6], lr: [1e-12, 1e3],
  weight_decay: [0, 1e3] };

function canTrain(graph) {
  if (!graph.train.includes(1)) refuse("the graph must have a node to train on: give one a label");
}

function checkSettings(graph, given) {
  canTrain(graph);
  for (const name of Object.keys(given)) oneOf("a setting", name, Object.keys(DEFAULTS));
  const settings = { ...DEFAULTS, ...given };
  oneOf("learner", settings.learner, Object.keys(LEARNERS));
  oneOf("backbone", settings.backbone, Object.keys(BACKBONES));
  oneOf("goodness", settings.goodness, Object.keys(GOODNESS));
  for (const [name, allowed] of Object.entries(CHOICES)) oneOf(name, settings[name], allowed);
  for (const [name, [least, most]] of Object.entries(WHOLE))
    whole(name, settings[name], least, most);
  for (const [name, [least, most]] of Object.entries(RANGES))
    number(name, settings[name], least, most);
  whole("negatives", settings.negatives, 0, graph.classes - 1); // 0: all wrong classes
  if (settings.backbone === "gat" && settings.hidden % 4)
    refuse(`hidden must be divisible by GAT's 4 heads; got ${settings.hidden}`);
  if (settings.learner === "class-groups" && settings.hidden < graph.classes)
    refuse(`hidden must be at least the graph's ${graph.classes} classes, each of which has a group of ` +
      `units; got ${settings.hidden}`);
  if (settings.learner === "ff-vn" && settings.hypotheses === "single" && !settings.both_ways)
    refuse("both_ways must be true with single hypotheses: a probe receives its class from the class " +
      "node only");
  return settings;
}

class Run {
  constructor(graph, settings) {
    this.settings = Object.freeze(checkSettings(graph, settings));
    this.learner = LEARNERS[this.settings.learner];
    this.ledger = new Ledger(this.settings.float64 ? Float64Array : Float32Array);
    const { seed, backbone, depth } = this.settings, { own } = this.learner;
    this.layers = this.learner.sizes(graph, this.settings).map(([f, h], l) =>
      makeLayer(this.ledger, backbone, seed, l + 1, f, h, this.learner.answers && l + 1 === depth,
        (h, random) => own?.(graph, h, random)));
    this.updates = 0;
    this.done = false;
    this.at = 1; // the layer that learns, where they learn one by one
    this.layer = this.learner.answers ? null : 1;
    this.books = {}; // of each layer, or of the net: epochs, patience, the best state
    this.take(graph);
  }

  // Look at a graph from now on.
  take(graph) {
    const nodes = mask => Array.from(mask.keys()).filter(i => mask[i]);
    this.graph = graph;
    [this.train, this.val, this.test] = [graph.train, graph.val, graph.test].map(nodes);
    this.labels = this.train.map(i => graph.y[i]);
    this.seen = {};
    this.going = this.learner.train(this);
  }

  // How many layers have learned, or are at it.
  get trained() {
    return this.learner.layerWise ? this.at : this.layers.length;
  }

  // One update of one layer, or null at the end.
  step() {
    this.seen = {};
    return this.going.next().value ?? null;
  }

  // The updates of one layer (null: of the whole net), until its epochs or its patience are used
  // up; then it is left in its best state. Each of `moves` makes an update and reports it.
  *epochs(layer, moves, validate) {
    const number = layer ? layer.number : 0, { settings, ledger } = this;
    const parts = layer ? [layer] : this.layers;
    if (number < this.at && layer) return; // it is finished
    this.at = number || 1;
    const books = (this.books[number] ??= { epoch: 0, waited: 0, score: -1, best: null });
    while (!books.finished) {
      for (const move of moves) {
        const start = performance.now();
        ledger.begin();
        const report = move(), ms = performance.now() - start, { epoch } = books;
        if (!Number.isFinite(report.loss)) refuse(`the loss became ${report.loss}: lower lr`);
        this.bill = { now: split(ledger.high), layers: [...ledger.keptMost],
          tape: [...ledger.tape] };
        let score = null;
        if (move === moves.at(-1)) {
          books.epoch++;
          const last = books.epoch === settings.epochs;
          if (this.val.length && (last || books.epoch % settings.val_every === 0)) {
            score = validate();
            this.compare(books, score, parts);
          }
          books.finished = last || books.waited >= settings.patience;
          if (books.finished) this.settle(books, parts);
          this.done = books.finished && (!layer || number === this.layers.length);
        }
        this.updates++;
        this.layer = report.layer;
        yield { goodness_pos: null, goodness_neg: null, ...report, epoch, val_accuracy: score, ms };
      }
    }
  }

  // A strict gain is kept (the first best wins), anything else is waited for.
  compare(books, score, parts) {
    if (score <= books.score) return void books.waited++;
    [books.score, books.waited] = [score, 0];
    if (!this.settings.restore_best) return;
    const weights = parts.flatMap(layer => Object.values(layer.weights));
    books.best ??= weights.map(each => this.ledger.like(each));
    weights.forEach(({ a }, k) => books.best[k].a.set(a));
  }

  settle(books, parts) {
    const weights = parts.flatMap(layer => Object.values(layer.weights));
    if (books.best) weights.forEach(({ a }, k) => a.set(books.best[k].a));
    this.ledger.drop(books.best);
    for (const layer of parts) {
      this.ledger.drop(layer.adam);
      layer.adam = null;
    }
  }

  // The same run to look at: what is held for that is on no bill.
  aside() {
    return Object.create(this, { ledger: { value: new Ledger(this.ledger.Float) } });
  }

  once(name, make) {
    return (this.seen[name] ??= make(this.aside()));
  }

  scores(l) {
    const all = this.once("scores", run => this.learner.scores(run));
    return all[(l ?? all.length) - 1] ?? refuse(`layers must be from 1 to ${all.length}; got ${l}`);
  }

  accuracy(mask = "test", l) {
    const nodes = this[oneOf("mask", mask, ["train", "val", "test"])];
    return accuracy(this.graph, this.scores(l), nodes);
  }

  layerAccuracies(mask = "test") {
    const count = this.learner.answers ? 1 : this.trained;
    return range(count, l => this.accuracy(mask, l + 1));
  }

  look(layer) {
    const seen = this.once("look", run => this.learner.look(run));
    return seen[layer - 1] ?? refuse(`layer must be from 1 to ${seen.length}; got ${layer}`);
  }

  hidden(layer) {
    const { a, rows, cols } = this.look(layer).z;
    return { values: a, rows, columns: cols };
  }

  messages(node, layer) {
    const seen = this.look(layer), { edges } = seen.input;
    whole("node", node, 0, edges.rows - 1);
    const out = [];
    for (let e = edges.start[node]; e < edges.start[node + 1]; e++) {
      const weight = edges.weight ? edges.weight[e] : sum(seen.alpha.subarray(4 * e, 4 * e + 4)) / 4;
      out.push({ from: edges.from[e], weight });
    }
    return out;
  }

  goodness(layer) {
    if (!this.settings.learner.startsWith("ff")) return null;
    return goodnessOf(this.look(layer).z, this.settings.goodness).subarray(0, this.graph.n);
  }

  memory() {
    const peak = split(this.ledger.peak), now = this.bill?.now ?? split(this.ledger.now);
    const layers = this.layers.map(({ number }) => this.bill?.layers[number] ?? 0);
    return { now, peak, layers, tape: (this.bill?.tape ?? []).map(split) };
  }

  relabel(graph) {
    canTrain(graph);
    for (const name of ["n", "classes", "f"])
      if (graph[name] !== this.graph[name])
        refuse(`a run goes on with the same ${name}: ${this.graph[name]}; got ${graph[name]}`);
    const { held } = this.ledger; // what was made of the old graph goes, weights and moments stay
    for (const [buffer, [kind]] of [...held]) if (kind > 2) this.ledger.drop(buffer);
    for (const books of Object.values(this.books))
      Object.assign(books, { best: null, score: -1, waited: 0 });
    this.seen = {};
    if (this.done) delete this.books[this.learner.layerWise ? this.at : 0]; // it learns once more
    this.done = false;
    this.take(graph);
  }

  state() {
    return { settings: { ...this.settings }, updates: this.updates };
  }
}
