/* The engine of the playground: fgnn_lite's learners in plain JavaScript, number for number.

   Graphs (each refuses bad input in plain words, with a RangeError):
     Engine.graph.karate({seed, split})
     Engine.graph.blockModel({nodes, classes, homophily, degree, features, seed})
     Engine.graph.digits(pixels, labels, {seed, split})  [n*64], 0 to 16, and [n]
     Engine.graph.fromEdges(text)      lines "a b" are edges; "a: red" is a label to train on,
                                       "a: red val" and "a: red test" held-out ones
     Engine.graph.of({name, n, classes, f, features, y, train, val, test, edges})
     -> {name, n, classes, f, features [n*f], y [n] (-1: unknown), train/val/test [n] of 0 or 1,
         edges [[i, j], ...] once each, classNames, nodeNames}
   Runs:
     Engine.make(graph, settings) -> run; Engine.DEFAULTS names all settings
     run.step() -> {layer, epoch, loss, goodness_pos, goodness_neg, margin, val_accuracy, ms},
       one update of one layer (layer: null where the whole net moves), or null at the end
     run.done, run.layer (the one that learns now, or null), run.updates, run.trained
     run.scores(l) -> [n*C], fgnn_lite's class_scores of layers 1..l (by default of all trained)
     run.accuracy("train" | "val" | "test", l), run.layerAccuracies(mask): NaN of an empty mask
     run.hidden(layer) -> {values, rows, columns}: all nodes, then class nodes where there are any
     run.messages(node, layer) -> [{from, weight}]: from >= n is class node from - n
     run.goodness(layer) -> [n] of a forward-forward layer, null elsewhere
     run.memory() -> {now, peak, layers, tape}: bytes; now: at the fullest moment of the last
       update, peak: of the run; each {weights, optimizer, kept, working, total} and, within
       working, {gradients}; layers: what the last update kept for the way back in each layer;
       tape: the moments of the last update, in order
     run.relabel(graph): other labels, edges or masks; training goes on with the weights there
       are; after the end, the net (or its last layer) gets all of its epochs once more
     run.state() -> plain numbers, Engine.restore(graph, state) -> run
   Layers are numbered from 1. run.layers[l - 1].weights are matrices, shaped as PyG's: {weight,
   bias}; GraphSAGE's {weight, bias, root} are lin_l and lin_r, GAT's {weight, source, target, bias};
   local heads have a {head} besides.
*/

const LEARNERS = {};
const BACKBONES = {};

function refuse(message) {
  throw new RangeError(message);
}

function inWords(value) {
  return typeof value === "string" ? `"${value}"` : String(value);
}

function oneOf(name, value, allowed) {
  if (!allowed.includes(value))
    refuse(`${name} must be one of ${allowed.map(inWords).join(", ")}; got ${inWords(value)}`);
  return value;
}

function whole(name, value, least, most) {
  if (!Number.isInteger(value) || value < least || value > most)
    refuse(`${name} must be a whole number from ${least} to ${most}; got ${inWords(value)}`);
  return value;
}

function number(name, value, least, most) {
  if (typeof value !== "number" || !(value >= least && value <= most))
    refuse(`${name} must be a number from ${least} to ${most}; got ${inWords(value)}`);
  return value;
}

function range(count, of = i => i) {
  return Array.from({ length: count }, (_, i) => of(i));
}
