// How features and labels enter a graph: purposes and order of the draws are fgnn_lite's.

const VIRTUAL = 1000003, NEGATIVES = 1000004;

// The rows of X as `features` scales them; `normalised`, too, or not; with `extra` columns, before that,
// and with `appended` rows.
function scaledInput(run, { extra = null, appended = null, normalised = true } = {}) {
  const { graph, ledger, settings } = run, { n, f } = graph, more = extra ? extra.cols : 0;
  if (!normalised && settings.features === "none") return { a: graph.features, rows: n, cols: f };
  const cols = f + more, rows = n + (appended ? appended.rows : 0);
  const out = ledger.scratch(rows, cols);
  for (let i = 0; i < n; i++) {
    let ones = 0, squares = 0, others = 0;
    for (let k = 0; k < f; k++) {
      const v = graph.features[i * f + k];
      ones += Math.abs(v);
      squares += v * v;
    }
    let length = Math.sqrt(squares), scale = 1;
    if (settings.features === "sum") scale = ones && 1 / ones;
    if (settings.features === "l2") scale = length && 1 / length;
    length *= scale;
    for (let k = 0; k < more; k++) others += extra.a[i * more + k] ** 2;
    const shrink = normalised ? 1 / (Math.hypot(length, Math.sqrt(others)) + 1e-8) : 1;
    for (let k = 0; k < f; k++) out.a[i * cols + k] = graph.features[i * f + k] * scale * shrink;
    for (let k = 0; k < more; k++) out.a[i * cols + f + k] = extra.a[i * more + k] * shrink;
  }
  if (appended) out.a.set(appended.a, n * cols);
  return out;
}

// The features of the class nodes [C, F]: drawn once, never trained.
function virtualFeatures(run) {
  const { graph, ledger, settings } = run;
  const out = ledger.scratch(graph.classes, graph.f);
  out.a.set(new TorchRandom(settings.seed, VIRTUAL).normals(out.a.length));
  return normalise(out);
}

function virtualNodes({ graph: { n, classes } }) {
  return range(classes, c => n + c);
}

// The adjacency: both directions of all edges; where `labels` are written on `nodes`, that of the class
// nodes, too, with virtual edges between them and these nodes.
function edgesOf(run, nodes, labels, direction = run.settings.both_ways ? "both" : "to-virtual") {
  const { graph, ledger, settings } = run, from = [], to = [];
  const add = (i, j) => {
    from.push(i);
    to.push(j);
  };
  for (const [i, j] of graph.edges) {
    add(i, j);
    add(j, i);
  }
  for (const [i, j] of graph.probeEdges ?? []) add(i, j);
  nodes?.forEach((i, k) => {
    const virtual = graph.n + labels[k];
    if (direction !== "from-virtual") add(i, virtual);
    if (direction !== "to-virtual") add(virtual, i);
  });
  return BACKBONES[settings.backbone].edges(ledger, graph.n + (nodes ? graph.classes : 0), from, to);
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

// The columns that label appending adds to X [rows, C]: one-hot on `nodes`, 1/C everywhere else.
function labelFeatures(run, rows, nodes, labels) {
  const { classes } = run.graph, out = run.ledger.scratch(rows, classes);
  out.a.fill(1 / classes);
  nodes.forEach((i, k) => {
    out.a.fill(0, i * classes, (i + 1) * classes);
    out.a[i * classes + labels[k]] = 1;
  });
  return out;
}

// The graph with a probe of each of `nodes` [P] after its n nodes: a copy with the same in-edges and no
// out-edges. A hypothesis about a probe is about one node alone.
function addProbes(graph, nodes) {
  const { n, f } = graph, probe = new Map(nodes.map((i, k) => [i, n + k]));
  const features = new Float32Array((n + nodes.length) * f);
  features.set(graph.features);
  nodes.forEach((i, k) => features.copyWithin((n + k) * f, i * f, (i + 1) * f));
  const probeEdges = [];
  for (const [i, j] of graph.edges)
    for (const [from, to] of [[i, j], [j, i]])
      if (probe.has(to)) probeEdges.push([from, probe.get(to)]);
  return { ...graph, n: n + nodes.length, features, probeEdges };
}
