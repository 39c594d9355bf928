// Where nodes stand: pairs from 0 to 1. A walk over the edges spreads them out, then they push their
// neighbours in the picture away and pull those in the graph near, in slices of a few milliseconds.
const Places = (() => {
  const random = seed => () => { // mulberry32
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
  const neighbours = ({ n, edges }) => {
    const near = Array.from({ length: n }, () => []);
    for (const [i, j] of edges) {
      near[i].push(j);
      near[j].push(i);
    }
    return near;
  };

  const breath = () => { // lets the page do something else, if it has waited long enough
    let start = performance.now();
    return async () => {
      if (performance.now() - start < 10) return;
      await new Promise(done => setTimeout(done));
      start = performance.now();
    };
  };

  // The two slowest ways in which a value spreads over the edges, roughly.
  const spread = async (n, near, rest) => {
    const next = random(7), degree = near.map(list => list.length + 1), total = degree.reduce((a, b) => a + b, 0);
    const axes = [];
    for (let k = 0; k < 2; k++) {
      let v = Float64Array.from({ length: n }, () => next() - 0.5);
      for (let round = 0; round < 60; round++) {
        for (const other of [null, ...axes]) { // stays apart from the constant and the first axis
          let dot = 0, square = 0;
          for (let i = 0; i < n; i++) {
            const o = other ? other[i] : 1;
            dot += degree[i] * v[i] * o;
            square += degree[i] * o * o;
          }
          for (let i = 0; i < n; i++) v[i] -= (dot / (other ? square : total)) * (other ? other[i] : 1);
        }
        const w = new Float64Array(n);
        let length = 0;
        for (let i = 0; i < n; i++) {
          w[i] = v[i];
          for (const j of near[i]) w[i] += v[j];
          w[i] /= degree[i];
          length += w[i] * w[i];
        }
        v = w.map(value => value / (Math.sqrt(length) || 1));
        await rest();
      }
      axes.push(v);
    }
    const rank = axis => { // evenly spread: the order alone counts
      const out = new Float64Array(n);
      [...axis.keys()].sort((a, b) => axis[a] - axis[b]).forEach((i, at) => (out[i] = (at + 0.5) / n));
      return out;
    };
    return axes.map(rank);
  };

  const step = (x, y, near, ideal, heat) => {
    const n = x.length, reach = 3 * ideal, size = Math.max(1, Math.ceil(1 / reach)), cells = new Map();
    const cell = (i, j) => i * (size + 2) + j, into = v => Math.max(0, Math.min(size, Math.floor(v / reach)));
    for (let i = 0; i < n; i++) {
      const key = cell(into(x[i]), into(y[i]));
      if (!cells.has(key)) cells.set(key, []);
      cells.get(key).push(i);
    }
    const dx = new Float64Array(n), dy = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const a = into(x[i]), b = into(y[i]);
      for (let p = a - 1; p <= a + 1; p++) for (let q = b - 1; q <= b + 1; q++)
        for (const j of cells.get(cell(p, q)) ?? []) {
          if (j === i) continue;
          const ux = x[i] - x[j], uy = y[i] - y[j], d2 = ux * ux + uy * uy + 1e-9;
          if (d2 > reach * reach) continue;
          const f = (ideal * ideal) / d2;
          dx[i] += ux * f;
          dy[i] += uy * f;
        }
      for (const j of near[i]) {
        const ux = x[j] - x[i], uy = y[j] - y[i], d = Math.hypot(ux, uy), f = (0.5 * d) / ideal / Math.sqrt(near[i].length);
        dx[i] += ux * f;
        dy[i] += uy * f;
      }
      dx[i] += (0.5 - x[i]) * 0.02;
      dy[i] += (0.5 - y[i]) * 0.02;
    }
    for (let i = 0; i < n; i++) {
      const length = Math.hypot(dx[i], dy[i]) || 1, most = Math.min(length, heat);
      x[i] = Math.max(0, Math.min(1, x[i] + (dx[i] / length) * most));
      y[i] = Math.max(0, Math.min(1, y[i] + (dy[i] / length) * most));
    }
  };
  const fill = (x, y) => { // the whole paper is used
    for (const axis of [x, y]) {
      const low = Math.min(...axis), wide = Math.max(...axis) - low || 1;
      for (let i = 0; i < axis.length; i++) axis[i] = 0.06 + (0.88 * (axis[i] - low)) / wide;
    }
  };

  const of = async graph => {
    const { n } = graph, near = neighbours(graph), ideal = 0.7 / Math.sqrt(n), rounds = n > 500 ? 60 : 150;
    const rest = breath(), [x, y] = await spread(n, near, rest);
    for (let round = 0; round < rounds; round++) {
      step(x, y, near, ideal, 0.06 * (1 - round / rounds) ** 1.5 + 0.001);
      await rest();
    }
    fill(x, y);
    return [...x].map((value, i) => [value, y[i]]);
  };

  // Class nodes stand at the rim, each where its labels are, none over another.
  const ofClasses = ({ classes, y, train }, places) => {
    const angle = Array.from({ length: classes }, (_, c) => {
      const own = places.filter((_, i) => train[i] && y[i] === c);
      const mean = k => own.reduce((sum, place) => sum + place[k], 0) / (own.length || 1) - 0.5;
      return Math.atan2(mean(1), mean(0));
    });
    const order = [...angle.keys()].sort((a, b) => angle[a] - angle[b]), apart = (2 * Math.PI) / Math.max(classes, 3);
    let turn = 0;
    order.forEach((c, k) => (turn += angle[c] - k * apart));
    turn /= classes;
    const out = [];
    order.forEach((c, k) => {
      const to = turn + k * apart, cos = Math.cos(to), sin = Math.sin(to), r = 0.5 / Math.max(Math.abs(cos), Math.abs(sin));
      out[c] = [0.5 + r * cos, 0.5 + r * sin];
    });
    return out;
  };
  return { of, ofClasses };
})();
