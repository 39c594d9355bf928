// Graphs, with the splits and, for the digits, the edges that fgnn_lite gives them.

// A graph that a run can train on, checked.
function graphOf({ name, n, classes, f, features, y, train, val, test, edges, ...more }) {
  whole("nodes", n, 2, 2000);
  whole("classes", classes, 2, 50);
  whole("features", f, 1, 2000);
  if (edges.length > 20000) refuse(`a graph may have up to 20000 edges; got ${edges.length}`);
  const part = (field, values) => {
    if (values.length !== n) refuse(`${field} must have one entry a node, ${n}; got ${values.length}`);
    return values;
  };
  y = Int32Array.from(part("y", y));
  for (const label of y) whole("a label", label, -1, classes - 1);
  const masks = { train, val, test };
  for (const field of Object.keys(masks)) masks[field] = Uint8Array.from(part(field, masks[field]));
  for (let i = 0; i < n; i++) {
    const count = masks.train[i] + masks.val[i] + masks.test[i];
    if (count > 1) refuse(`node ${i} is in two of the masks train, val and test`);
    if (count && y[i] < 0) refuse(`node ${i} is in a mask and must have a label`);
  }
  if (features.length !== n * f) refuse(`features must be ${n} x ${f} numbers; got ${features.length}`);
  const known = new Set();
  edges = edges.flatMap(([i, j]) => {
    for (const end of [i, j]) whole("the end of an edge", end, 0, n - 1);
    if (i === j) refuse(`an edge joins two nodes; got one from node ${i} to itself`);
    const key = Math.min(i, j) * n + Math.max(i, j);
    return known.has(key) ? [] : (known.add(key), [[Math.min(i, j), Math.max(i, j)]]);
  });
  return { name, n, classes, f, features: Float32Array.from(features), y, ...masks, edges, ...more };
}

function masksOf(n, train, val, test) {
  const mask = nodes => {
    const out = new Uint8Array(n);
    for (const i of nodes) out[i] = 1;
    return out;
  };
  return { train: mask(train), val: mask(val), test: mask(test) };
}

function identity(n) {
  const out = new Float32Array(n * n);
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  return out;
}

// For each place, how many of its class come before it.
function ranksInClass(labels) {
  const seen = [];
  return labels.map(label => (seen[label] = (seen[label] ?? -1) + 1));
}

// Zachary's karate club (1977): 34 people, 4 groups, one training node each.
const KARATE = "1111333101311100310101002200200200";
const FRIENDS = {
  0: [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31], 1: [2, 3, 7, 13, 17, 19, 21, 30],
  2: [3, 7, 8, 9, 13, 27, 28, 32], 3: [7, 12, 13], 4: [6, 10], 5: [6, 10, 16], 6: [16],
  8: [30, 32, 33], 9: [33], 13: [33], 14: [32, 33], 15: [32, 33], 18: [32, 33], 19: [33],
  20: [32, 33], 22: [32, 33], 23: [25, 27, 29, 32, 33], 24: [25, 27, 31], 25: [31], 26: [29, 33],
  27: [33], 28: [31, 33], 29: [32, 33], 30: [32, 33], 31: [32, 33], 32: [33],
};

function karate({ seed = 0, split = 0 } = {}) {
  const n = 34, train = [0, 4, 8, 24], y = Array.from(KARATE, Number);
  const others = range(n).filter(i => !train.includes(i));
  const rest = new NumpyRandom(seed, split).shuffled(others);
  const edges = Object.entries(FRIENDS).flatMap(([i, each]) => each.map(j => [Number(i), j]));
  return graphOf({ name: "karate", n, classes: 4, f: n, features: identity(n), y, edges,
    ...masksOf(n, train, rest.slice(0, 10), rest.slice(10)) });
}

// Handwritten digits of 8 x 8 pixels, each joined to the 8 that look most like it.
function digits(pixels, labels, { seed = 0, split = 0 } = {}) {
  const n = labels.length, f = 64;
  const order = new NumpyRandom(seed, split).shuffled(Array.from(labels.keys()));
  const ranks = ranksInClass(order.map(i => labels[i]));
  const train = order.filter((_, k) => ranks[k] < 20), rest = order.filter((_, k) => ranks[k] >= 20);
  return graphOf({ name: "digits", n, classes: 10, f, features: Float32Array.from(pixels, v => v / 16),
    y: labels, edges: nearest(pixels, n, f, 8),
    ...masksOf(n, train, rest.slice(0, 500), rest.slice(500)) });
}

// Each row's `count` nearest others; distances are whole numbers, ties go to the smaller number.
function nearest(bytes, n, f, count) {
  const values = Int32Array.from(bytes), edges = [];
  const keys = range(n, () => []); // of each row, its nearest, in order
  const offer = (list, key) => {
    if (list.length === count && key > list[count - 1]) return;
    let at = list.length < count ? list.push(key) - 1 : count - 1;
    for (; at > 0 && list[at - 1] > key; at--) list[at] = list[at - 1];
    list[at] = key;
  };
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      let distance = 0;
      for (let k = 0, a = i * f, b = j * f; k < f; k++) {
        const d = values[a + k] - values[b + k];
        distance += d * d;
      }
      offer(keys[i], distance * n + j);
      offer(keys[j], distance * n + i);
    }
  keys.forEach((list, i) => list.forEach(key => edges.push([i, key % n])));
  return edges;
}
