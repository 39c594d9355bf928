// Elements, and how numbers are written.
const Dom = (() => {
  const SVG = new Set(["svg", "g", "path", "circle", "rect", "line", "text"]);

  // An element: attributes by name, listeners as functions (`onclick`), then what it holds; texts
  // become text, never markup.
  const make = (tag, attributes = {}, ...children) => {
    const node = SVG.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag)
      : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") node.addEventListener(name.slice(2), value);
      else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.flat().filter(child => child != null && child !== false));
    return node;
  };

  // A control under its name.
  const field = (name, control, ...more) => {
    control.setAttribute("aria-label", name);
    return make("label", {}, make("span", {}, name, ...more), control);
  };

  const range = (count, of) => Array.from({ length: count }, (_, k) => of(k));
  const options = (values, name = String) => values.map(value =>
    make("option", { value: String(value) }, name(value)));

  const per = share => (share == null || Number.isNaN(share) ? "–" : `${(100 * share).toFixed(1)} %`);
  const bytes = count => (count >= 1e6 ? `${(count / 1e6).toFixed(2)} MB` : `${(count / 1e3).toFixed(1)} kB`);
  const many = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;
  const set = (node, text) => {
    if (node.textContent !== text) node.textContent = text;
  };
  return { make, field, range, options, per, bytes, many, set };
})();
