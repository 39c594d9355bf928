// A graph whose nodes can be chosen: it draws a selection, and puts into words of any
// node what `nodes.py` does of the first.
const fgnnPicture = (() => {
  "use strict";
  const { escape, perCent, select, rowsAsTable } =
    typeof fgnnExplorer === "undefined" ? require("./explorer.js") : fgnnExplorer;

  const number = (model, units) => (units / 10 ** model.digits).toFixed(model.digits);
  const short = (model, k) => (k >= model.classes.length ? `v${k - model.classes.length}` : `${k}`);
  const name = (model, k) => {
    if (k >= model.classes.length) return `Class node ${short(model, k)}`;
    return `Node ${k}, of class ${model.classes[k]}${model.given[k] ? ", with its label" : ""}`;
  };
  const value = (model, i, k) => {
    const margin = model.points.m[i][k] ?? null;
    return `goodness ${number(model, model.points.g[i][k])}`
      + (margin === null ? "" : `, margin ${number(model, margin)}`);
  };
  // The nodes whose messages arrive within so many steps.
  const reachOf = (received, chosen, hops) => {
    const found = new Set([chosen]);
    for (let step = 0; step < hops; step += 1)
      for (const k of [...found]) for (const [j] of received[k]) found.add(j);
    return found;
  };
  const stateOf = (model, pick) => {
    const i = select(model, pick)[0], { g, m, r } = model.points;
    const goodness = g[i], margins = m[i], right = r[i];
    const received = model.in_edges[Number(goodness.length > margins.length)];
    const chosen = pick.at(-1), hops = model.hops[pick[model.by]];
    return { i, goodness, margins, right, received, chosen, hops, there: chosen < goodness.length };
  };

  const marks = (model, [pick]) => {
    const { i, goodness, margins, right, received, chosen, hops, there } = stateOf(model, pick);
    const colour = pick.at(-2), spots = model.places, most = model.points.most[i], out = [];
    const reach = there ? reachOf(received, chosen, hops) : new Set();
    received.forEach((others, a) => {
      for (const [b, w] of others) {
        if (b >= a) continue;
        const own = a === chosen || b === chosen;
        const look = `fx-e${a >= margins.length ? " fx-virtual" : ""}${own ? " fx-in" : ""}`;
        const wide = own ? ` style="stroke-width:${perCent(1.5 + w / 8)}"` : "";
        const [[x1, y1], [x2, y2]] = [spots[a], spots[b]];
        out.push(`<line class="${look}"${wide} x1="${x1}%" y1="${y1}%" x2="${x2}%" y2="${y2}%"/>`);
      }
    });
    goodness.forEach((own, k) => {
      const virtual = k >= margins.length, margin = virtual ? null : margins[k];
      const ownClass = virtual ? k - margins.length : model.classes[k];
      // What is not predicted has no colour; what has 0, a pale one.
      let size = null, kind = null;
      if (colour === 1) [size, kind] = [Math.sqrt(own / most[0]), 2];
      else if (colour === 2) [size, kind] = [1, ownClass % 6];
      else if (margin !== null) [size, kind] = [Math.sqrt(Math.abs(margin) / most[1]), 1 - right[k]];
      const look = `fx-m fx-n${kind === null ? "" : ` s${kind}`}` + (!virtual && model.given[k] ? " fx-given" : "")
        + (colour === 0 && margin !== null && !right[k] ? " fx-wrong" : "")
        + (there && !reach.has(k) ? " fx-far" : "") + (k === chosen ? " fx-chosen" : "");
      const style = `style="fill-opacity:${size === null ? 0 : perCent(0.15 + 0.4 * size)}"`;
      const body = virtual ? '<rect x="-11" y="-11" width="22" height="22"' : '<circle r="11"';
      const shape = `${body} class="fx-under"/>${body} ${style}/>`;
      const label = escape(`${name(model, k)}: ${value(model, i, k)}`);
      out.push(`<svg class="${look}" x="${spots[k][0]}%" y="${spots[k][1]}%" data-to="${k}" `
        + `role="button" aria-pressed="${k === chosen}" `
        + `aria-label="${label}">${shape}<text class="mid" y="4">${virtual ? `v${ownClass}` : k}</text></svg>`);
    });
    return out.join("");
  };

  const words = (model, [pick]) => {
    const { i, goodness, margins, right, received, chosen, hops, there } = stateOf(model, pick);
    const found = margins.filter(margin => margin !== null);
    let said = `${right.reduce((a, b) => a + b, 0)} of ${found.length} predicted nodes have a margin above 0. `;
    if (!there) return `${said}${name(model, chosen)}: this learner has no class nodes.`;
    said += `${name(model, chosen)}: ${value(model, i, chosen)}. `;
    if (chosen < margins.length && margins[chosen] !== null) {
      const c = model.places.length - margins.length;
      const scores = model.points.p[i].slice(chosen * c, (chosen + 1) * c);
      const listed = scores.map((score, k) => `${k}: ${number(model, score)}`).join(", ");
      said += `Scores of the classes: ${listed}. `;
    }
    const names = received[chosen].slice(1).map(([j]) => short(model, j)).join(", ");
    if (!names) return `${said}It receives messages from itself alone.`;
    const far = reachOf(received, chosen, hops).size, step = hops === 1 ? "1 step" : `${hops} steps`;
    return `${said}It receives messages from itself and ${names}; in ${step} ${far} nodes reach it.`;
  };

  const table = (model, [pick]) => {
    const { goodness, margins, received, chosen, there } = stateOf(model, pick);
    const rows = (there ? received[chosen] : []).map(([j, w]) => [
      j === chosen ? "itself" : short(model, j),
      `${j >= margins.length ? j - margins.length : model.classes[j]}`,
      (w / 100).toFixed(2),
      number(model, goodness[j]),
      (margins[j] ?? null) === null ? "" : number(model, margins[j]),
    ]);
    return rowsAsTable(["receives from", "class", "weight", "goodness", "margin"], rows);
  };

  // The nodes that the words about one are about: itself and its in-neighbours.
  const about = (model, pick, k) => stateOf(model, pick).received[k].map(([j]) => j);

  return { marks, words, table, about };
})();
if (typeof module !== "undefined") module.exports = fgnnPicture;
