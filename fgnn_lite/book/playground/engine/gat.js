// w_ij = softmax over neighbours j of LeakyReLU(a_s . W x_j + a_d . W x_i),
// conv(X, E)_i = sum_j w_ij W x_j + b: four heads, side by side, or averaged in the last layer.
// Source: Veličković et al. (2018).
const HEADS = 4, LEAK = 0.2;

BACKBONES.gat = {
  caches: false,

  weights(random, f, h, last) {
    const width = last ? h : h / HEADS, wide = width * HEADS;
    const bound = Math.sqrt(6 / (f + wide)), near = Math.sqrt(6 / (HEADS + width));
    random.uniforms(f * wide, bound);
    const weight = random.uniforms(f * wide, bound);
    const source = random.uniforms(wide, near), target = random.uniforms(wide, near);
    return { source: [1, wide, source], target: [1, wide, target], bias: [1, h, null],
      weight: [wide, f, weight] };
  },

  edges(ledger, count, from, to) {
    for (let i = 0; i < count; i++) {
      from.push(i);
      to.push(i);
    }
    return adjacency(ledger, count, from, to, null);
  },

  forward({ weight, source, target, bias }, { layer, x, edges, targets }, ledger, last) {
    const wide = weight.rows, width = wide / HEADS;
    const h = addTimes(ledger.matrix("kept", x.rows, wide, layer), x, weight);
    const ofSource = headSums(ledger.matrix("kept", x.rows, HEADS, layer), h, source);
    const ofTarget = headSums(ledger.matrix("kept", x.rows, HEADS, layer), h, target);
    const alpha = ledger.floats("kept", edges.from.length * HEADS, layer);
    const z = last
      ? ledger.scratch(edges.rows, width)
      : ledger.matrix("kept", edges.rows, wide, layer);
    for (let i = 0; i < edges.rows; i++) {
      const root = targets ? targets[i] : i, [begin, end] = [edges.start[i], edges.start[i + 1]];
      for (let head = 0; head < HEADS; head++) {
        let top = -Infinity, all = 0;
        for (let e = begin; e < end; e++) {
          const v = leaky(ofSource.a[edges.from[e] * HEADS + head] + ofTarget.a[root * HEADS + head]);
          alpha[e * HEADS + head] = v;
          top = Math.max(top, v);
        }
        for (let e = begin; e < end; e++)
          all += alpha[e * HEADS + head] = Math.exp(alpha[e * HEADS + head] - top);
        const to = last ? i * width : i * wide + head * width;
        for (let e = begin; e < end; e++) {
          const w = (alpha[e * HEADS + head] /= all), part = last ? w / HEADS : w;
          const at = edges.from[e] * wide + head * width;
          for (let k = 0; k < width; k++) z.a[to + k] += part * h.a[at + k];
        }
      }
    }
    return { z: addRow(z, bias.a), h, ofSource, ofTarget, alpha };
  },

  backward({ weight, source, target }, { x, edges, targets }, out, d, gradients, ledger, wanted, last) {
    const { h, ofSource, ofTarget, alpha } = out, wide = weight.rows, width = wide / HEADS;
    const dh = ledger.scratch(x.rows, wide);
    const dSource = ledger.scratch(x.rows, HEADS);
    const dTarget = ledger.scratch(x.rows, HEADS);
    const slopes = []; // of one row's edges
    addSums(gradients.bias.a, d);
    for (let i = 0; i < edges.rows; i++) {
      const root = targets ? targets[i] : i, [begin, end] = [edges.start[i], edges.start[i + 1]];
      for (let head = 0; head < HEADS; head++) {
        const from = last ? i * width : i * wide + head * width, share = last ? 1 / HEADS : 1;
        let mean = 0;
        for (let e = begin; e < end; e++) {
          const w = alpha[e * HEADS + head], at = edges.from[e] * wide + head * width;
          let slope = 0;
          for (let k = 0; k < width; k++) {
            slope += d.a[from + k] * h.a[at + k] * share;
            dh.a[at + k] += w * d.a[from + k] * share;
          }
          slopes[e - begin] = slope;
          mean += w * slope;
        }
        for (let e = begin; e < end; e++) {
          const at = edges.from[e] * HEADS + head, to = root * HEADS + head;
          const leak = ofSource.a[at] + ofTarget.a[to] > 0 ? 1 : LEAK;
          const v = alpha[e * HEADS + head] * (slopes[e - begin] - mean) * leak;
          dSource.a[at] += v;
          dTarget.a[to] += v;
        }
      }
    }
    throughHeadSums(dh, gradients.source, dSource, h, source);
    throughHeadSums(dh, gradients.target, dTarget, h, target);
    addOuter(gradients.weight, dh, x);
    ledger.drop(d, dSource, dTarget);
    const dx = wanted && addBack(ledger.scratch(dh.rows, weight.cols), dh, weight);
    ledger.drop(dh);
    return dx;
  },
};

const leaky = v => (v > 0 ? v : LEAK * v);

// out [S, heads]: of each head, h's part [S, width] times its part of `weights`.
function headSums(out, h, weights) {
  const width = h.cols / HEADS;
  for (let at = 0; at < h.a.length; at++)
    out.a[Math.floor(at / width)] += h.a[at] * weights.a[at % h.cols];
  return out;
}

function throughHeadSums(dh, dWeights, d, h, weights) {
  const width = h.cols / HEADS;
  for (let at = 0; at < h.a.length; at++) {
    const v = d.a[Math.floor(at / width)];
    dh.a[at] += v * weights.a[at % h.cols];
    dWeights.a[at % h.cols] += v * h.a[at];
  }
}
