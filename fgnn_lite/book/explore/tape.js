// What learners hold in memory at each moment of one update: it draws a selection, and says of any
// what `tape.py` says of the first.
const fgnnPicture = (() => {
  "use strict";
  const { escape, perCent, select, level, rowsAsTable } =
    typeof fgnnExplorer === "undefined" ? require("./explorer.js") : fgnnExplorer;
  const KINDS = ["rest", "saved", "gradients", "optimiser"], STOPS = 50;
  const DOT = "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z";
  const sum = list => list.reduce((a, b) => a + b, 0);

  const mb = (model, units) => (units / 10 ** model.digits).toFixed(model.digits);
  // A learner's pile at every moment, and the moment that is chosen.
  const stateOf = (model, pick, series) => {
    const { points } = model, i = select(model, pick).find(k => points.s[k] === series);
    const phases = points.phases[i], piles = KINDS.map(kind => points[kind][i]);
    const totals = piles[0].map((_, m) => sum(piles.map(pile => pile[m])));
    const now = Math.min(phases.length - 1, Math.floor((pick.at(-1) * phases.length) / STOPS));
    return { phases, piles, totals, now, when: model.said[phases[now]] };
  };

  const marks = (model, [pick], panel) => {
    const { phases, piles, totals, now, when } = stateOf(model, pick, panel), count = phases.length;
    const up = units => perCent(100 - (100 * units) / model.high);
    const grid = model.ticks.map(([tick, text]) => level(up(tick * 10 ** model.digits), text));
    const out = [`<g class="fx-frame" aria-hidden="true">${grid.join("")}</g>`,
      '<svg viewBox="0 0 100 100" preserveAspectRatio="none">'];
    KINDS.forEach((_, k) => {
      const step = (_, m) => `V${up(sum(piles.slice(k).map(pile => pile[m])))}H${perCent((100 * (m + 1)) / count)}`;
      out.push(`<path class="k${k}" d="M0 100${totals.map(step).join("")}V100z"/>`);
    });
    out.push("</svg>");
    const moment = `${2 * pick.at(-1)}%`;
    out.push(`<line class="fx-now" x1="${moment}" x2="${moment}" y2="100%"/>`);
    const bounds = [...phases].flatMap((phase, m) => (phase === phases[m - 1] ? [] : [m]));
    bounds.forEach((m, k) => {
      const at = `${perCent((100 * m) / count)}%`, stop = bounds[k + 1] ?? count;
      if (m) out.push(`<line class="fx-phase" x1="${at}" x2="${at}" y1="-14" y2="100%"/>`);
      // Its name has room on a phone.
      if (stop - m > 0.2 * count)
        out.push(`<svg x="${at}"><text y="-6">${escape(model.said[phases[m]])}</text></svg>`);
    });
    const label = escape(`${model.series[panel]}, ${when}: ${mb(model, totals[now])} MB`);
    out.push(`<svg class="fx-m s5" x="${moment}" y="${up(totals[now])}%" role="img" aria-label="${label}">`
      + `<path d="${DOT}"/></svg>`);
    return out.join("");
  };

  const words = (model, [pick]) => {
    const said = model.series.map((name, s) => {
      const { totals, now, when } = stateOf(model, pick, s);
      return `${name}: ${mb(model, totals[now])} MB (${when}), highest ${mb(model, Math.max(...totals))} MB`;
    });
    return `${said.join("; ")}.`;
  };

  const table = (model, [pick]) => rowsAsTable(
    ["learner", "phase", "MB", ...model.names, "highest"],
    model.series.map((name, s) => {
      const { piles, totals, now, when } = stateOf(model, pick, s);
      const parts = piles.map(pile => mb(model, pile[now]));
      return [name, when, mb(model, totals[now]), ...parts, mb(model, Math.max(...totals))];
    }),
  );

  return { marks, words, table };
})();
if (typeof module !== "undefined") module.exports = fgnnPicture;
