// A contextual stochastic block model, draw for draw `fgnn_lite.load_graph("sbm", ...)`: classes of
// equal size, of the edges a part `homophily` within classes; x: the class's mean plus noise.
// Source: Deshpande et al. (2018).
const SIGNAL = 1.5; // the length of a class mean; the noise around it has deviation 1

function blockModel({ nodes = 400, classes = 4, homophily = 0.8, degree = 8, features = 16,
  seed = 0, split = 0 } = {}) {
  whole("classes", classes, 2, 20);
  whole("nodes", nodes, 3 * classes, 1000);
  whole("features", features, 1, 256);
  number("homophily", homophily, 0, 1);
  number("degree", degree, 0, 16);
  const edges = Math.round((nodes * degree) / 2), inside = evenRound(homophily * edges);
  const random = new NumpyRandom(seed, 0, 1);
  const y = random.shuffled(range(nodes, i => i % classes));
  const sizes = range(classes, c => y.filter(label => label === c).length);
  const [starts, many] = [[0], sum(sizes.map(size => (size * (size - 1)) / 2))];
  sizes.forEach((size, c) => starts.push(starts[c] + size));
  const across = (nodes * (nodes - 1)) / 2 - many;
  for (const [where, wanted, most] of
    [["within", inside, many], ["between", edges - inside, across]])
    if (wanted > most)
      refuse(`degree ${degree} with homophily ${homophily} asks for ${wanted} edges ${where} ` +
        `classes, which have room for ${most}: another homophily, a lower degree or more nodes`);
  const pairs = [
    ...distinct(random, many, inside).map(at => pairInside(at, sizes, starts)),
    ...distinct(random, across, edges - inside).map(at => pairAcross(at, sizes, starts, nodes)),
  ];
  const places = starts.slice(0, classes); // nodes in the order of their classes
  const byClass = [];
  y.forEach((label, i) => (byClass[places[label]++] = i));

  const normal = normals(random), draw = count => Float32Array.from({ length: count }, normal);
  const means = draw(classes * features), noise = draw(nodes * features);
  for (let c = 0; c < classes; c++) {
    const mean = means.subarray(c * features, (c + 1) * features);
    const scale = Math.fround(SIGNAL / Math.fround(Math.sqrt(total(mean, v => v * v))));
    mean.forEach((v, k) => (mean[k] = v * scale));
  }
  noise.forEach((v, at) => {
    noise[at] = v + means[y[Math.floor(at / features)] * features + (at % features)];
  });
  const order = new NumpyRandom(seed, split, 2).shuffled(y.keys());
  const ranks = ranksInClass(order.map(i => y[i]));
  const tenth = order.map(i => Math.max(1, Math.floor(sizes[y[i]] / 10)));
  const part = (from, to) => order.filter((_, k) => {
    const tenths = Math.floor(ranks[k] / tenth[k]);
    return tenths >= from && tenths < to;
  });
  return graphOf({ name: "sbm", n: nodes, classes, f: features, features: noise, y,
    edges: pairs.map(([i, j]) => [byClass[i], byClass[j]]),
    ...masksOf(nodes, part(0, 1), part(1, 2), part(2, Infinity)) });
}

// Python rounds a half to the even side.
function evenRound(value) {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low % 2) : Math.round(value);
}

// `count` different whole numbers below `many`.
function distinct(random, many, count) {
  if (many <= 4 * count) return random.shuffled(Array(many).keys()).slice(0, count);
  let drawn = [];
  while (drawn.length < count) {
    const more = Math.floor(1.2 * (count - drawn.length)) + 16;
    for (let k = 0; k < more; k++) drawn.push(random.below(many));
    drawn = [...new Set(drawn)].sort((a, b) => a - b);
  }
  const surplus = new Set(random.some(drawn.length, drawn.length - count));
  return drawn.filter((_, k) => !surplus.has(k));
}

// The pairs within a class of n are (i, i + s mod n): first all i for step 1, then for 2, ...
function pairInside(at, sizes, starts) {
  let c = 0;
  for (; at >= (sizes[c] * (sizes[c] - 1)) / 2; c++) at -= (sizes[c] * (sizes[c] - 1)) / 2;
  const step = Math.floor(at / sizes[c]), i = at % sizes[c];
  return [starts[c] + i, starts[c] + ((i + step + 1) % sizes[c])];
}

// Each node of a class has as many partners as there are nodes in later classes.
function pairAcross(at, sizes, starts, nodes) {
  let c = 0;
  for (; at >= sizes[c] * (nodes - starts[c + 1]); c++) at -= sizes[c] * (nodes - starts[c + 1]);
  const later = nodes - starts[c + 1];
  return [starts[c] + Math.floor(at / later), starts[c + 1] + (at % later)];
}

// NumPy's standard normal in float32: the ziggurat of Marsaglia and Tsang (2000), 256 slices.
function normals(random) {
  const R = 3.6541528853610088, AREA = 0.00492867323399, SIZE = 2 ** 23;
  const [below, width, height] = [[], [], []];
  const curve = x => Math.exp(-0.5 * x * x);
  let last = R;
  [width[255], height[255]] = [R / SIZE, curve(R)];
  [below[0], width[0], height[0]] = [(R * curve(R) / AREA) * SIZE, AREA / curve(R) / SIZE, 1];
  for (let i = 254; i > 0; i--) {
    const x = Math.sqrt(-2 * Math.log(AREA / last + height[i + 1]));
    [below[i + 1], width[i], height[i]] = [(x / last) * SIZE, x / SIZE, curve(x)];
    last = x;
  }
  below[1] = 0;
  const share = () => (random.word() >>> 8) / 2 ** 24;
  return () => {
    for (;;) {
      const word = random.word(), slice = word & 255, size = word >>> 9;
      const x = Math.fround(size * Math.fround(width[slice])) * (word & 256 ? -1 : 1);
      if (size < Math.floor(below[slice])) return x;
      if (slice === 0)
        for (;;) {
          const far = -Math.log1p(-share()) / R, near = -Math.log1p(-share());
          if (near + near > far * far) return (size >> 8) & 1 ? -(R + far) : R + far;
        }
      if ((height[slice - 1] - height[slice]) * share() + height[slice] < curve(x)) return x;
    }
  };
}
