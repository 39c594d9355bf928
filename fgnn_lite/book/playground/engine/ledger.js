// The bill: every buffer that a run holds, what it is held for, and the fullest moment.
// A matrix is {a: its numbers, row by row, rows, cols}.

const KINDS = ["weights", "gradients", "optimizer", "kept", "working"];

class Ledger {
  constructor(Float) {
    this.Float = Float;
    this.now = [0, 0, 0, 0, 0];
    this.peak = [0, 0, 0, 0, 0];
    this.held = new Map(); // buffer -> [kind, layer]
    this.layers = []; // bytes kept for the way back in each layer
    this.begin();
  }

  // A new update begins: the last one's moments are forgotten.
  begin() {
    this.high = [...this.now];
    this.keptMost = [...this.layers];
    this.tape = [];
  }

  floats(kind, length, layer) {
    return this.hold(kind, new this.Float(length), layer);
  }

  matrix(kind, rows, cols, layer) {
    return { a: this.floats(kind, rows * cols, layer), rows, cols };
  }

  scratch(rows, cols) {
    return this.matrix("working", rows, cols);
  }

  like({ rows, cols }) {
    return this.scratch(rows, cols);
  }

  copy(x) {
    const out = this.like(x);
    out.a.set(x.a);
    return out;
  }

  hold(kind, buffer, layer) {
    const at = KINDS.indexOf(kind);
    this.held.set(buffer, [at, layer]);
    this.count(at, layer, buffer.byteLength);
    return buffer;
  }

  // Give back what matrices, adjacencies or whatever holds buffers have; what is not held is left.
  drop(...things) {
    for (const thing of things) {
      if (!thing || typeof thing !== "object") continue;
      if (!ArrayBuffer.isView(thing)) {
        this.drop(...Object.values(thing));
        continue;
      }
      const entry = this.held.get(thing);
      if (!entry) continue;
      this.held.delete(thing);
      this.count(...entry, -thing.byteLength);
    }
  }

  // What a matrix is held for from now on.
  move(kind, { a }, layer) {
    this.drop(a);
    this.hold(kind, a, layer);
  }

  count(at, layer, bytes) {
    this.now[at] += bytes;
    if (at === 3) {
      this.layers[layer] = (this.layers[layer] ?? 0) + bytes;
      this.keptMost[layer] = Math.max(this.keptMost[layer] ?? 0, this.layers[layer]);
    }
    if (sum(this.now) > sum(this.high)) this.high = [...this.now];
    if (sum(this.now) > sum(this.peak)) this.peak = [...this.now];
    this.tape.push([...this.now]);
  }
}

// Row i of a matrix, as a part of it.
function rowOf({ a, cols }, i) {
  return a.subarray(i * cols, (i + 1) * cols);
}

function sum(values) {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

// {weights, optimizer, kept, working, total}: gradients are a part of what works.
function split([weights, gradients, optimizer, kept, rest]) {
  const working = gradients + rest;
  return { weights, optimizer, kept, working, gradients,
    total: weights + optimizer + kept + working };
}
