// One run of the page's engine, in a process that has run nothing before, as a page has not.
// node in_page.js CASE.json: {source, graph, settings} -> {updates, seconds, cpu_seconds, ...}
const fs = require("node:fs");
const { source, graph, settings } = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const Engine = new Function(`${source}\nreturn Engine;`)();
const run = Engine.make(Engine.graph.of(graph), settings);
const times = [], used = process.cpuUsage(), start = performance.now();
for (let record; (record = run.step()); ) times.push(record.ms);
const seconds = (performance.now() - start) / 1000, { user, system } = process.cpuUsage(used);
times.sort((a, b) => a - b);
console.log(JSON.stringify({
  updates: run.updates,
  seconds,
  cpu_seconds: (user + system) / 1e6,
  update_ms: times[times.length >> 1],
  test_accuracy: run.accuracy("test"),
  node: process.version,
}));
