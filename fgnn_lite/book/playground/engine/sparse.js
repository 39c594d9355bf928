// An adjacency M [R, S] by rows: the sources of each target's in-edges, and their weights.
// {start [R + 1], from [E], weight [E] or null, rows: R, columns: S}

// From lists of directed edges; each goes into the row of its target.
function adjacency(ledger, count, from, to, weight) {
  const start = ledger.hold("working", new Int32Array(count + 1));
  for (const i of to) start[i + 1]++;
  for (let i = 0; i < count; i++) start[i + 1] += start[i];
  const next = start.slice(), out = ledger.hold("working", new Int32Array(from.length));
  const weights = weight && ledger.floats("working", from.length);
  for (let e = 0; e < from.length; e++) {
    const place = next[to[e]]++;
    out[place] = from[e];
    if (weight) weights[place] = weight(from[e], to[e]);
  }
  return { start, from: out, weight: weights, rows: count, columns: count };
}

// Some of the rows, in that order; of several adjacencies, one below the other. Where they do not
// share their sources, the second one's follow the first one's, and so on.
function rowsOf(ledger, adjacencies, rows, shared, kind, layer) {
  const each = [...rows], { columns } = adjacencies[0];
  const count = sum(adjacencies.map(m => sum(each.map(i => m.start[i + 1] - m.start[i]))));
  const many = each.length * adjacencies.length;
  const start = ledger.hold(kind, new Int32Array(many + 1), layer);
  const from = ledger.hold(kind, new Int32Array(count), layer);
  const weight = adjacencies[0].weight && ledger.floats(kind, count, layer);
  let row = 0, place = 0;
  adjacencies.forEach((m, number) => {
    const step = shared ? 0 : number * columns;
    for (const i of each) {
      for (let e = m.start[i]; e < m.start[i + 1]; e++, place++) {
        from[place] = m.from[e] + step;
        if (weight) weight[place] = m.weight[e];
      }
      start[++row] = place;
    }
  });
  return { start, from, weight, rows: many, columns: shared ? columns : many * columns };
}

// out [R, h] += M h [S, h]; out's rows begin at `at`, and M's are some of a larger M's.
function addMessages(out, m, h, rows = null, at = 0) {
  const { a: outs, cols } = out, { a: hs } = h, count = rows ? rows.length : m.rows;
  for (let r = 0; r < count; r++) {
    const i = rows ? rows[r] : r, to = (at + r) * cols;
    for (let e = m.start[i]; e < m.start[i + 1]; e++)
      addScaled(outs, to, m.weight[e], hs, m.from[e] * cols, cols);
  }
  return out;
}

// out [S, h] += M^T d [R, h]: the gradient in what was sent.
function addBackMessages(out, m, d) {
  const { a: outs, cols } = out, { a: ds } = d;
  for (let i = 0; i < m.rows; i++) {
    const row = i * cols;
    for (let e = m.start[i]; e < m.start[i + 1]; e++)
      addScaled(outs, m.from[e] * cols, m.weight[e], ds, row, cols);
  }
  return out;
}
