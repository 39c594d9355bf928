// What a page sees.
const Engine = {
  graph: { karate, blockModel, digits, fromEdges, of: graphOf },
  make: (graph, settings = {}) => new Run(graph, settings),
  restore(graph, { settings, updates }) {
    const run = new Run(graph, settings);
    while (run.updates < updates && run.step());
    return run;
  },
  DEFAULTS,
  CHOICES: { ...CHOICES, learner: Object.keys(LEARNERS), backbone: Object.keys(BACKBONES),
    goodness: Object.keys(GOODNESS) },
};
