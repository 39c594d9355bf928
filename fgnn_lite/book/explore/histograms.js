// Goodness of positives and negatives, and a threshold to drag: it draws a selection, and says of any
// what `histograms.py` says of the first.
const fgnnPicture = (() => {
  "use strict";
  const { escape, perCent, select, level, notch, rowsAsTable } =
    typeof fgnnExplorer === "undefined" ? require("./explorer.js") : fgnnExplorer;
  const SIDES = ["positives", "negatives"];
  const sum = list => list.reduce((a, b) => a + b, 0);
  const share = (part, whole) => Math.floor((1000 * part) / whole + 0.5) / 10;

  const marks = (model, [pick]) => {
    const { stops, points, edges } = model, i = select(model, pick)[0], at = pick.at(-1);
    const top = points.top[i], levels = [-1, -0.5, 0, 0.5, 1].map(
      part => level(50 - 50 * part, `${perCent(100 * Math.abs(part) * top)}`));
    const step = Math.max(1, Math.floor((stops.length - 1) / 6));
    const below = stops.map((stop, k) => (k % step ? "" : notch(stop, edges[k])));
    const out = [`<g class="fx-frame" aria-hidden="true">${[...below, ...levels].join("")}</g>`];
    [points.p[i], points.n[i]].forEach((counts, s) => {
      const whole = sum(counts);
      counts.forEach((count, k) => {
        if (!count) return;
        const high = perCent((50 * count) / whole / top), wide = perCent(stops[k + 1] - stops[k]);
        const right = (k >= at) === (s === 0);
        const label = `${SIDES[s]} with goodness ${edges[k]} to ${edges[k + 1]}: ${count} of ${whole}`;
        out.push(`<svg class="fx-m s${s}${right ? "" : " fx-pale"}" role="img" `
          + `aria-label="${escape(label)}"><rect x="${stops[k]}%" width="${wide}%" `
          + `y="${s === 0 ? perCent(50 - high) : 50}%" height="${high}%"/></svg>`);
      });
    });
    const [anchor, shift] = stops[at] > 80 ? ["end", 5] : ["start", -5];
    out.push(`<svg class="fx-theta" x="${stops[at]}%"><line y1="-5" y2="100%"/>`
      + `<text x="${shift}" y="-9" text-anchor="${anchor}">\u03b8 = ${edges[at]}</text>`
      + '<svg y="50%"><path d="M-5-9h10v18h-10zM-2-5v10M2-5v10"/></svg></svg>');
    return out.join("");
  };

  const words = (model, [pick]) => {
    const { points, edges } = model, i = select(model, pick)[0], at = pick.at(-1);
    const up = points.p[i], down = points.n[i];
    const above = share(sum(up.slice(at)), sum(up)), below = share(sum(down.slice(0, at)), sum(down));
    const both = edges.map((_, k) => sum(up.slice(k)) / sum(up) + sum(down.slice(0, k)) / sum(down));
    const best = both.indexOf(Math.max(...both));
    return `${above.toFixed(1)} % of the positives have a goodness `
      + `of at least theta, ${below.toFixed(1)} % of the negatives one below: `
      + `${share(both[at], 2).toFixed(1)} % on average. The best theta would be ${edges[best]}, with `
      + `${share(both[best], 2).toFixed(1)} %.`;
  };

  const table = (model, [pick]) => {
    const { points, edges } = model, i = select(model, pick)[0];
    const rows = points.p[i].map((up, k) => [edges[k], edges[k + 1], `${up}`, `${points.n[i][k]}`]);
    return rowsAsTable(["goodness from", "to", ...SIDES], rows);
  };

  return { marks, words, table };
})();
if (typeof module !== "undefined") module.exports = fgnnPicture;
