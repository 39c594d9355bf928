// Layers that learn one after the other: while one learns, its input is a constant. A learner says
// - `training(run)`: views of the graph, and the rows of each from which a layer learns;
// - `candidates(run, nodes, {views, given})`: those from which it classifies nodes;
// - `loss(run, layer, z)` of its output for the first, {loss, margin, d}: d is the gradient in z; and
//   `gradients`, those of weights that are the learner's own;
// - `vote(run, outputs, rows, layer)` of its outputs for the second, one a view: scores [nodes, C];
// - `next(run, layer, views)`: the training views of the layer above, where they are not each its own.
function layerByLayer(learner) {
  const { training, candidates, loss, vote, next = nextInputs } = learner;

  return {
    ...learner,
    layerWise: true,

    *train(run) {
      const { ledger, layers, settings, val, graph } = run, places = range(val.length);
      let [views, rows] = training(run), [viewsVal, rowsVal] = candidates(run, val, { views });
      let total = null; // the votes of the finished layers [V, C]

      for (const layer of layers) {
        const x = prepare(ledger, layer, views, rows);
        const xVal = prepare(ledger, layer, viewsVal, rowsVal, "working");
        const update = () => {
          const out = forward(ledger, layer, x);
          const { d, gradients: own, ...report } = loss(run, layer, out.z);
          const { gradients } = backward(ledger, layer, x, out, d, false, own);
          ledger.drop(out);
          adam(ledger, layer, gradients, settings);
          return { layer: layer.number, ...report };
        };
        const votes = () => {
          const out = forward(ledger, layer, xVal);
          const own = vote(run, partsOf(out.z, viewsVal.length), places, layer);
          ledger.drop(out);
          return addVote(run, total, own, layer.number);
        };
        const validate = () => {
          const scores = votes(), right = accuracy(graph, scores.a, val, places);
          ledger.drop(scores);
          return right;
        };
        yield* run.epochs(layer, [update], validate);

        if (layer.number === layers.length) return;
        const all = votes(), held = [...views, ...viewsVal].map(view => view.held);
        const above = next(run, layer, views);
        viewsVal = viewsVal === views ? above : nextInputs(run, layer, viewsVal);
        ledger.drop(x, xVal, total, held);
        [views, total] = [above, all];
      }
    },

    look: run => throughView(run, training(run)[0][0]),

    scores(run, given) {
      const { ledger, layers, trained, graph } = run;
      let [views, rows] = candidates(run, range(graph.n), { given });
      return votesOf(run, layers.slice(0, trained).map(layer => {
        const outputs = views.map(view => output(ledger, layer, view));
        const own = vote(run, outputs, rows, layer);
        views = views.map((view, k) => nextInput(ledger, outputs[k], view));
        return own;
      }));
    },
  };
}

// What a finished layer computes in each view, for the layer above.
function nextInputs({ ledger }, layer, views) {
  return views.map(view => nextInput(ledger, output(ledger, layer, view), view));
}

// The rows of each of `count` views.
function partsOf({ a, rows, cols }, count) {
  const size = a.length / count;
  return range(count, k => ({ a: a.subarray(k * size, (k + 1) * size), rows: rows / count, cols }));
}
