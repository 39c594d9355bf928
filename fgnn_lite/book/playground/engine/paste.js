// A graph of the reader's own: "ada bob" is an edge, "ada: red" a label to train on, and
// "ada: red test" (or val) a held-out one. A node's features are one-hot.
const MOST_NODES = 600, NAME = "[^\\s,;:]{1,40}";
const EDGE = new RegExp(`^(${NAME})[\\s,;]+(${NAME})$`);
const LABEL = new RegExp(`^(${NAME})\\s*:\\s*(${NAME})(?:\\s+(train|val|test))?$`);

function fromEdges(text) {
  const nodes = new Map(), classes = new Map(), edges = [], labels = new Map();
  const numberOf = (names, name) => {
    if (!names.has(name)) names.set(name, names.size);
    if (nodes.size > MOST_NODES) refuse(`a graph may have up to ${MOST_NODES} nodes; this has more`);
    return names.get(name);
  };
  String(text).split("\n").forEach((line, at) => {
    line = line.replace(/#.*/, "").trim();
    const edge = EDGE.exec(line), label = LABEL.exec(line);
    const wrong = why => refuse(`line ${at + 1}: ${why}; got ${inWords(line.slice(0, 60))}`);
    if (edge) {
      if (edge[1] === edge[2]) wrong("an edge needs two different nodes");
      edges.push([numberOf(nodes, edge[1]), numberOf(nodes, edge[2])]);
    } else if (label) {
      const node = numberOf(nodes, label[1]), c = numberOf(classes, label[2]);
      if (labels.has(node)) wrong("a node has one label, and this one has one already");
      labels.set(node, [c, label[3] ?? "train"]);
    } else if (line) {
      wrong("two names are an edge (ada bob), a name and a label have a colon (ada: red)");
    }
  });
  if (classes.size < 2) refuse(`there must be at least two different labels; got ${classes.size}`);
  for (const [name, c] of classes)
    if (![...labels.values()].some(([label, part]) => label === c && part === "train"))
      refuse(`the label ${inWords(name)} needs a node to train on`);
  const n = nodes.size, y = new Int32Array(n).fill(-1), parts = { train: [], val: [], test: [] };
  for (const [node, [c, part]] of labels) {
    y[node] = c;
    parts[part].push(node);
  }
  return graphOf({ name: "pasted", n, classes: classes.size, f: n, features: identity(n), y, edges,
    ...masksOf(n, parts.train, parts.val, parts.test),
    nodeNames: [...nodes.keys()], classNames: [...classes.keys()] });
}
