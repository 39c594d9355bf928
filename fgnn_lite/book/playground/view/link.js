// The state of a playground as a part of the address, and back:
// `#karate=g.kind:sbm;l.depth:4;e:0l5.2_40c3.7;m:5.120.480;t:147`; only what differs from the start is
// written, or from the experiment that `p:` names.
const Link = (() => {
  const GRAPHS = ["karate", "sbm", "digits", "paste", "data"], MOST = 20000;
  const PARTS = ["clock", "setup", "graph", "edit", "layers", "bill", "node", "share"];
  const EDIT = [/^(\d{1,7})([ljc])(\d{1,5})\.(-1|\d{1,5})$/, "an edit is written like 40l5.2"]; // label, join, cut
  const MOVE = [/^(\d{1,5})\.(\d{1,3}|1000)\.(\d{1,3}|1000)$/, "a moved node is written like 5.120.480"]; // per mille
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const decoded = text => {
    try {
      return decodeURIComponent(text);
    } catch {
      return "";
    }
  };
  const parts = (text, [form, words]) => (text ? text.split("_") : []).map(each => {
    const found = form.exec(each);
    if (!found) throw new RangeError(`${words}; got "${each}"`);
    return found.slice(1).map(part => (isNaN(part) ? part : Number(part)));
  });
  const whole = (name, text, low) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < low || number > 1e6)
      throw new RangeError(`${name} must be a whole number from ${low}; got "${text}"`);
    return number;
  };

  // state: {preset, graph, left, right, edits, moved, t, node, hide}; bases: name -> an experiment's state.
  const write = (state, first, bases = {}) => {
    const out = [], start = bases[state.preset] ?? first;
    const put = (key, value) => out.push(`${key}:${encodeURIComponent(value)}`);
    if (state.preset !== first.preset) put("p", state.preset);
    const from = same(state.graph.kind, start.graph.kind) ? start.graph : {};
    for (const [key, value] of Object.entries(state.graph))
      if (value !== from[key]) put(`g.${key}`, value);
    const sides = [["l", state.left, start.left], ["r", state.right, start.right]];
    for (const [tag, side, own] of sides) {
      if (!side && own) put(tag, "none");
      const base = own ?? start.left;
      if (side && !own) put(tag, "as-left");
      for (const key of Object.keys(side ?? {})) if (side[key] !== base[key]) put(`${tag}.${key}`, side[key]);
    }
    if (!same(state.edits, start.edits)) put("e", state.edits.map(([t, kind, i, j]) => `${t}${kind}${i}.${j}`).join("_"));
    if (!same(state.moved, start.moved)) put("m", state.moved.map(each => each.join(".")).join("_"));
    if (state.t) put("t", state.t);
    if (state.node !== start.node) put("n", state.node);
    if (!same(state.hide, start.hide)) put("hide", state.hide.join("_"));
    return out.join(";");
  };

  // The state that a text stands for. What cannot be read is left as it was; `problems` says so.
  const read = (text, first, bases = {}) => {
    const named = decoded(/^p:([^;]*)/.exec(text)?.[1] ?? ""), start = bases[named] ?? first;
    const state = structuredClone(start), problems = [];
    const take = (key, value) => {
      const [head, name] = key.split(".");
      if (key === "g.kind") {
        if (!GRAPHS.includes(value)) throw new RangeError(`no graph is called "${value}"`);
        if (state.graph.kind !== value) state.graph = { kind: value };
      } else if (key === "g.text") {
        if (value.length > MOST) throw new RangeError("the edge list is too long");
        state.graph.text = value;
      } else if (head === "g" && name) state.graph[name] = Settings.checked(Settings.SBM, name, value);
      else if (head === "l" && name) state.left[name] = Settings.checked(Settings.SIDE, name, value);
      else if (head === "r" && name) {
        state.right ??= { ...state.left };
        state.right[name] = Settings.checked(Settings.SIDE, name, value);
      } else if (key === "r" && value === "none") state.right = null;
      else if (key === "r" && value === "as-left") state.right = { ...start.left };
      else if (key === "e") state.edits = parts(value, EDIT);
      else if (key === "m") state.moved = parts(value, MOVE);
      else if (key === "t") state.t = whole("t", value, 0);
      else if (key === "n") state.node = whole("n", value, -1);
      else if (key === "p") {
        if (!(value in bases)) throw new RangeError(`no experiment is called "${value}"`);
      } else if (key === "hide") state.hide = value.split("_").filter(part => PARTS.includes(part));
      else throw new RangeError(`"${key}" is not known`);
    };
    for (const pair of text.split(";").filter(Boolean)) {
      const cut = pair.indexOf(":");
      try {
        if (cut < 0) throw new RangeError(`"${pair.slice(0, 40)}" is broken`);
        take(pair.slice(0, cut), decodeURIComponent(pair.slice(cut + 1)));
      } catch (error) {
        problems.push(error instanceof URIError ? `"${pair.slice(0, 40)}" is broken` : error.message);
      }
    }
    return { state, problems };
  };

  // The address's own parts, one a playground: `#karate=...&digits=...`.
  const entries = hash => hash.replace(/^#/, "").split("&").filter(Boolean).map(part => {
    const cut = part.indexOf("=");
    return cut < 0 ? [part, ""] : [part.slice(0, cut), part.slice(cut + 1)];
  });
  const find = (hash, name) => entries(hash).find(([key]) => key === name)?.[1] ?? null;
  const join = (hash, name, text) => {
    const rest = entries(hash).filter(([key, value]) => key !== name && value);
    const all = text ? [...rest, [name, text]] : rest;
    return all.length ? `#${all.map(([key, value]) => `${key}=${value}`).join("&")}` : "";
  };
  return { PARTS, write, read, find, join };
})();
