// What can be set: its name, its values in the menus, what is allowed, and whom it concerns.
const Settings = (() => {
  const SF = ["sf", "sf-top-to-input", "sf-top-to-loss"], FF = ["ff-la", "ff-vn"];
  const METHODS = { sf: ["SF", 0], bp: ["BP", 1], "ff-la": ["FF-LA", 2], "ff-vn": ["FF-VN", 3],
    "sf-top-to-input": ["top-to-input", 4], "sf-top-to-loss": ["top-to-loss", 5],
    "local-heads": ["local heads", 0, 1], "class-groups": ["class groups", 2, 1] }; // name, hue, a variant?
  const WORDS = { gcn: "GCN", sage: "GraphSAGE", gat: "GAT", "sum-squares": "sum of squares",
    "mean-squares": "mean of squares", "sum-abs": "sum of absolute values", ff: "threshold θ",
    symba: "compare (SymBa)", true: "both ways", false: "to the class node", joint: "all at once", single: "one by one",
    none: "as they are", sum: "sum 1", l2: "length 1" };
  const FRACTIONS = { 0.0625: "1/16", 0.125: "1/8", 0.25: "1/4", 0.5: "1/2" };

  const SIDE = [
    { key: "learner", label: "Learner", values: Object.keys(METHODS) },
    { key: "backbone", label: "Backbone", values: ["gcn", "sage", "gat"] },
    { key: "depth", label: "Layers", values: [1, 2, 3, 4, 5, 6, 7, 8, 16], range: [1, 16] },
    { key: "temperature", label: "Temperature τ", values: [0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 16, 64],
      range: [0.001, 1000], real: true },
    { key: "theta", label: "Threshold θ", values: [0.25, 0.5, 1, 2, 4, 8], range: [-100, 100],
      real: true, of: FF },
    { key: "loss", label: "Loss", values: ["ff", "symba"], of: FF },
    { key: "goodness", label: "Goodness", values: ["sum-squares", "mean-squares", "sum-abs"], of: FF },
    { key: "negatives", label: "Negatives", values: [0, 1, 2, 3], range: [0, 20], of: FF },
    { key: "hypotheses", label: "Hypotheses", values: ["joint", "single"], of: FF },
    { key: "above", label: "From above", values: ["all", "states", "labels", "nothing"], of: ["sf-top-to-input"] },
    { key: "both_ways", label: "Virtual edges", values: [true, false], of: [...SF, "ff-vn"] },
    { key: "hidden", label: "Hidden width", values: [4, 8, 16, 32, 64], range: [4, 128] },
    { key: "features", label: "Input rows", values: ["none", "sum", "l2"] },
    { key: "epochs", label: "Updates a layer", values: [20, 50, 100, 200, 400], range: [1, 2000] },
    { key: "lr", label: "Step size", values: [0.001, 0.003, 0.01, 0.03, 0.1], range: [1e-6, 10],
      real: true },
    { key: "weight_decay", label: "Weight decay", values: [0, 0.0005, 0.005, 0.05], range: [0, 10],
      real: true },
    { key: "seed", label: "Seed", values: [0, 1, 2, 3, 4], range: [0, 1e6] },
  ];
  const SBM = [
    { key: "nodes", label: "Nodes", range: [24, 400], step: 8 },
    { key: "classes", label: "Classes", range: [2, 8], step: 1 },
    { key: "homophily", label: "Homophily", range: [0, 1], step: 0.05, real: true },
    { key: "degree", label: "Neighbours", range: [0, 12], step: 1 },
    { key: "features", label: "Features", range: [1, 64], step: 1 },
    { key: "seed", label: "Draw", range: [0, 99], step: 1 },
  ];
  const GRAPHS = { karate: "Karate club", sbm: "Block model", digits: "Digits", data: "This graph",
    paste: "Your own" };

  const named = (key, value) => {
    if (key === "learner") return METHODS[value][0];
    if (key === "negatives" && value === 0) return "all";
    if (key === "temperature") return FRACTIONS[value] ?? String(value);
    return WORDS[value] ?? String(value);
  };
  const listed = values => values.map(value => `"${value}"`).join(", ");

  // The value as it may be used; a RangeError says in words what is wrong with it.
  const checked = (fields, key, value) => {
    const field = fields.find(each => each.key === key);
    if (!field) throw new RangeError(`"${key}" is no setting; there are ${listed(fields.map(f => f.key))}`);
    if (!field.range) {
      const found = field.values.find(each => String(each) === String(value));
      if (found === undefined)
        throw new RangeError(`${key} must be one of ${listed(field.values)}; got "${value}"`);
      return found;
    }
    const [low, high] = field.range, number = String(value).trim() === "" ? NaN : Number(value);
    if (!(number >= low && number <= high) || (!field.real && !Number.isInteger(number)))
      throw new RangeError(`${key} must be a ${field.real ? "" : "whole "}number from ${low} to ${high};`
        + ` got "${value}"`);
    return number;
  };
  const symba = side => FF.includes(side.learner) && side.loss === "symba"; // compares, and has no threshold
  const concerns = (field, side) => (!field.of || field.of.includes(side.learner)) && !(field.key === "theta" && symba(side));
  const method = side => (([name, hue, variant = 0]) => ({ name, hue, variant }))(METHODS[side.learner]);
  const said = side => `${method(side).name}, ${named("backbone", side.backbone)}, `
    + `${Dom.many(side.depth, "layer")}`;
  // In what a net differs from another one of the same method, in words.
  const apart = (side, other) => SIDE.filter(field => field.key !== "learner" && concerns(field, side)
    && side[field.key] !== other?.[field.key]).map(({ key, label }) => `${label.toLowerCase()}: ${named(key, side[key])}`).join(", ");
  const virtual = side => SF.includes(side.learner) || side.learner === "ff-vn";
  return { symba, SIDE, SBM, GRAPHS, METHODS, FF, named, checked, concerns, method, said, apart, virtual };
})();
