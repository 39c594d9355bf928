// How features and labels enter a graph: purposes and order of the draws are fgnn_lite's.

const VIRTUAL = 1000003, NEGATIVES = 1000004;

// The rows of X that `features` scales; normalised, too, if they are `direct`ions, with more columns
// `beside` them or not, and class nodes `below` them.
function scaledInput(run, { beside = null, below = null, direct = true } = {}) {
  const { graph, ledger, settings } = run, { n, f } = graph, more = beside ? beside.cols : 0;
  if (!direct && settings.features === "none") return { a: graph.features, rows: n, cols: f };
  const cols = f + more, rows = n + (below ? below.rows : 0);
  const out = ledger.scratch(rows, cols);
  for (let i = 0; i < n; i++) {
    let ones = 0, squares = 0, extra = 0;
    for (let k = 0; k < f; k++) {
      const v = graph.features[i * f + k];
      ones += Math.abs(v);
      squares += v * v;
    }
    let length = Math.sqrt(squares), scale = 1;
    if (settings.features === "sum") scale = ones && 1 / ones;
    if (settings.features === "l2") scale = length && 1 / length;
    length *= scale;
    for (let k = 0; k < more; k++) extra += beside.a[i * more + k] ** 2;
    const shrink = direct ? 1 / (Math.hypot(length, Math.sqrt(extra)) + 1e-8) : 1;
    for (let k = 0; k < f; k++) out.a[i * cols + k] = graph.features[i * f + k] * scale * shrink;
    for (let k = 0; k < more; k++) out.a[i * cols + f + k] = beside.a[i * more + k] * shrink;
  }
  if (below) out.a.set(below.a, n * cols);
  return out;
}

// What stands at the class nodes [C, F]: drawn once, never trained.
function classNodes(run) {
  const { graph, ledger, settings } = run;
  const out = ledger.scratch(graph.classes, graph.f);
  out.a.set(new TorchRandom(settings.seed, VIRTUAL).normals(out.a.length));
  return normalise(out);
}

// Both directions of all edges of the graph, and `ties` [node, class] to class nodes n + class.
function directed(graph, ties = [], direction = "both") {
  const from = [], to = [];
  const add = (i, j) => {
    from.push(i);
    to.push(j);
  };
  for (const [i, j] of graph.edges) {
    add(i, j);
    add(j, i);
  }
  for (const [i, j] of graph.doubles ?? []) add(i, j);
  for (const [i, c] of ties) {
    if (direction !== "from-virtual") add(i, graph.n + c);
    if (direction !== "to-virtual") add(graph.n + c, i);
  }
  return [from, to];
}

// The adjacency of the nodes, and of `more` nodes after them.
function edgesOf(run, ties, more = 0, direction = run.settings.both_ways ? "both" : "to-virtual") {
  const [from, to] = directed(run.graph, ties, direction);
  return BACKBONES[run.settings.backbone].edges(run.ledger, run.graph.n + more, from, to);
}

// K wrong classes of each node, drawn without replacement: K lists.
function wrongLabels(run, labels) {
  const { classes } = run.graph, random = new TorchRandom(run.settings.seed, NEGATIVES);
  const orders = labels.map(label => {
    const drawn = range(classes, () => random.uniform());
    drawn[label] = -1; // the true one is never drawn
    return drawn.map((_, c) => c).sort((a, b) => drawn[b] - drawn[a] || a - b);
  });
  const negatives = run.settings.negatives || classes - 1;
  return range(negatives, k => orders.map(order => order[k]));
}

// The columns beside X [rows, C]: one-hot on `nodes`, 1/C everywhere else.
function labelFeatures(run, rows, nodes, labels) {
  const { classes } = run.graph, out = run.ledger.scratch(rows, classes);
  out.a.fill(1 / classes);
  nodes.forEach((i, k) => {
    out.a.fill(0, i * classes, (i + 1) * classes);
    out.a[i * classes + labels[k]] = 1;
  });
  return out;
}

// The graph with a double of each of `nodes` [P] after its n nodes, that hears what the node hears
// and that nobody hears: what is said of a double is said of one node alone.
function doubled(graph, nodes) {
  const { n, f } = graph, double = new Map(nodes.map((i, k) => [i, n + k]));
  const features = new Float32Array((n + nodes.length) * f);
  features.set(graph.features);
  nodes.forEach((i, k) => features.copyWithin((n + k) * f, i * f, (i + 1) * f));
  const doubles = [];
  for (const [i, j] of graph.edges)
    for (const [from, to] of [[i, j], [j, i]])
      if (double.has(to)) doubles.push([from, double.get(to)]);
  return { ...graph, n: n + nodes.length, features, doubles };
}
