// What runs beside the page: the graph with the reader's edits, and one or two runs on one clock.
// It lives in a worker, or, where there is none, in slices of the page's own time.
const Host = Engine => {
  const POINTS = 80; // of the accuracy's course, for a run that is resumed
  let original = null, graph = null, sides = [], t = 0, edits = [];

  const bytesOf = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
  // Pixels of 0 to 16 as the letters a to q; a capital stands for a run of zeros, A for one of 1.
  const unrolled = text => {
    const out = [];
    for (const letter of text) {
      const code = letter.charCodeAt(0);
      if (code > 96) out.push(code - 97);
      else for (let k = 64; k < code; k++) out.push(0);
    }
    return Uint8Array.from(out);
  };
  const GRAPHS = {
    karate: () => Engine.graph.karate(),
    sbm: ({ kind, ...options }) => Engine.graph.blockModel(options),
    paste: ({ text }) => Engine.graph.fromEdges(text),
    digits: (_, { pixels, labels }) => Engine.graph.digits(unrolled(pixels), Uint8Array.from(labels)),
    data: (_, data) => {
      const number = kind => name => new kind(bytesOf(data[name]).buffer);
      const [flags, features] = [number(Uint8Array), number(Float32Array)];
      return Engine.graph.of({ name: data.name, n: data.n, f: data.f, classes: data.classes,
        features: features("x"), y: Int32Array.from(data.y), edges: data.edges,
        train: flags("train"), val: flags("val"), test: flags("test") });
    },
  };

  // The graph as the reader has changed it: a given label is the true one from then on, and its node
  // is no longer held out; a label taken away is not known to the net.
  const changed = list => {
    const { y, train, val, test } = original, next = { ...original, y: y.slice(), train: train.slice(),
      val: val.slice(), test: test.slice() };
    const key = (i, j) => (i < j ? `${i} ${j}` : `${j} ${i}`);
    const edges = new Map(original.edges.map(([i, j]) => [key(i, j), [i, j]]));
    for (const [, kind, i, j] of list) {
      if (!(i >= 0 && i < original.n)) throw new RangeError(`there is no node ${i}`);
      if (kind === "l") {
        if (!(j >= -1 && j < original.classes)) throw new RangeError(`there is no class ${j}`);
        next.y[i] = j < 0 ? y[i] : j;
        next.train[i] = j < 0 ? 0 : 1;
        next.val[i] = j < 0 ? val[i] : 0;
        next.test[i] = j < 0 ? test[i] : 0;
        continue;
      }
      if (!(j >= 0 && j < original.n)) throw new RangeError(`there is no node ${j}`);
      if (i === j) throw new RangeError("an edge needs two different nodes");
      if (kind === "j") edges.set(key(i, j), [i, j]);
      else edges.delete(key(i, j));
    }
    next.edges = [...edges.values()];
    for (let c = 0; c < next.classes; c++)
      if (!next.train.some((flag, i) => flag && next.y[i] === c))
        throw new RangeError(`class ${next.classNames[c]} needs at least one label`);
    return next;
  };
  // Nodes and classes that have no name are called by their numbers.
  const named = graph => {
    const numbers = count => Array.from({ length: count }, (_, i) => String(i));
    return { nodeNames: numbers(graph.n), classNames: numbers(graph.classes), ...graph };
  };

  const settle = (list, learn = true) => {
    const next = changed(list);
    if (learn) for (const side of sides) side.run.relabel(next);
    [graph, edits] = [next, list];
  };

  const advance = (count, until = Infinity) => {
    let made = 0;
    while (made < count && performance.now() < until) {
      const records = sides.map(side => (side.run.done ? null : side.run.step()));
      if (records.every(record => !record)) break;
      records.forEach((record, k) => {
        if (!record) return;
        sides[k].fresh.push(record);
        sides[k].last[record.layer ?? 0] = record;
      });
      t += 1;
      made += 1;
    }
    return made;
  };

  // The class that the net predicts for each node, and its share of the scores.
  const predictions = (run, learner) => {
    const { n, classes } = graph, scores = run.scores();
    const says = new Int16Array(n), sure = new Float32Array(n);
    const shares = new Float64Array(classes);
    for (let i = 0; i < n; i++) {
      weigh(scores, i * classes, shares, learner);
      let best = 0;
      for (let c = 1; c < classes; c++) if (shares[c] > shares[best]) best = c;
      says[i] = best;
      sure[i] = shares[best];
    }
    return { says, sure };
  };
  // Scores as shares that add up to 1: votes by their sum, logits and goodness by a softmax.
  const weigh = (scores, at, shares, learner) => {
    let sum = 0, most = -Infinity;
    for (let c = 0; c < shares.length; c++) most = Math.max(most, scores[at + c]);
    for (let c = 0; c < shares.length; c++) {
      shares[c] = /^ff|^bp/.test(learner) ? Math.exp(scores[at + c] - most) : scores[at + c];
      sum += shares[c];
    }
    for (let c = 0; c < shares.length; c++) shares[c] = sum > 0 ? shares[c] / sum : 1 / shares.length;
  };

  // A point of the course, test accuracy over updates, if there was an update.
  const mark = side => {
    const { run, course } = side;
    if (side.marked !== run.updates) course.push([run.updates, run.accuracy("test")]);
    side.marked = run.updates;
  };
  const look = side => {
    const { run, settings, fresh, last, course } = side;
    mark(side);
    const { says, sure } = predictions(run, settings.learner), bill = run.memory();
    const out = { says, sure, course: course.splice(0), done: run.done, layer: run.layer, records: fresh.splice(0),
      trained: run.trained, updates: run.updates, last, bill: { now: bill.now, peak: bill.peak, layers: bill.layers },
      layers: run.layerAccuracies("test"), accuracy: {} };
    for (const mask of ["train", "val", "test"]) out.accuracy[mask] = run.accuracy(mask);
    return out;
  };
  const frame = () => ({ t, done: sides.every(side => side.run.done), sides: sides.map(look) });
  const plain = ({ features, ...rest }) => rest;
  const shape = () => ({ ...plain(graph), original: plain(original) });

  return {
    // Begin: the graph, the settings of one or two sides, edits with their times, and how far to go.
    open({ spec, data, settings, list = [], to = 0 }) {
      const next = spec ? named(GRAPHS[spec.kind](spec, data)) : original;
      const before = [original, graph, sides, t, edits];
      try {
        original = graph = next;
        [t, edits] = [0, []];
        settle(list.filter(([when]) => when === 0), false);
        sides = settings.map(each => ({ run: Engine.make(graph, each), settings: each, fresh: [], last: {}, course: [] }));
        const go = until => {
          do sides.forEach(mark);
          while (t < until && advance(Math.min(until - t, Math.ceil(to / POINTS))));
        };
        const times = [...new Set(list.map(([when]) => when))].filter(when => when > 0 && when <= to);
        for (const when of times.sort((a, b) => a - b)) {
          go(when);
          settle(list.filter(each => each[0] <= when));
        }
        go(to);
      } catch (error) {
        [original, graph, sides, t, edits] = before;
        throw error;
      }
      return { shape: shape(), edits, frame: frame() };
    },
    // So many updates, but no longer than so many milliseconds.
    advance({ count, ms }) {
      const start = performance.now(), made = advance(count, start + ms);
      return { frame: frame(), made };
    },
    // To the end of the layer that learns now.
    layer() {
      const from = sides.map(side => side.run.layer);
      while (advance(1) && sides.every((side, k) => side.run.done || side.run.layer === from[k]));
      return { frame: frame() };
    },
    edit({ list }) {
      settle([...edits, ...list.map(each => [t, ...each])]);
      return { shape: shape(), edits, frame: frame() };
    },
    // Of one node: the shares of each layer's own scores, and the messages that it receives there.
    explain({ node }) {
      const { classes } = graph;
      return sides.map(({ run, settings }) => {
        const rows = [];
        let below = null;
        for (let l = 1; l <= run.trained; l++) {
          const scores = run.scores(l).slice(node * classes, (node + 1) * classes);
          const own = scores.map((value, c) => value - (below && settings.learner !== "bp" ? below[c] : 0));
          const shares = new Float64Array(classes);
          weigh(own, 0, shares, settings.learner);
          rows.push([...shares]);
          below = scores;
          if (settings.learner === "bp") break;
        }
        const messages = [];
        for (let l = 1; l <= settings.depth; l++) messages.push(run.messages(node, l));
        return { rows, messages };
      });
    },
    // Counts [C x C] of a mask: rows are the true classes, columns the predicted ones.
    confusion({ mask }) {
      const { classes, y, n } = graph;
      return sides.map(({ run, settings }) => {
        const { says } = predictions(run, settings.learner), counts = new Array(classes * classes).fill(0);
        for (let i = 0; i < n; i++) if (graph[mask][i]) counts[y[i] * classes + says[i]] += 1;
        return counts;
      });
    },
    // The pixels of a node, if it is a picture.
    pixels({ node }) {
      return graph.f === 64 ? [...original.features.slice(64 * node, 64 * node + 64)] : null;
    },
  };
};
