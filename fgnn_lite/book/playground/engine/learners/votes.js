// What layers vote for, and their votes added up.

// Single-forward's vote, softmax(Z_nodes Z_virtual^T / tau) [., C].
function sfVote(run, z) {
  const vote = sfLogits(run, z, "working");
  softmax(vote);
  return vote;
}

// The votes of layers 1..number, from those of the layers below [., C] and this one's own.
function addVote({ settings: { accumulate } }, votes, vote, number) {
  const first = accumulate === "skip-first" ? 2 : accumulate === "last" ? number : 1;
  if (votes && number > first) for (let i = 0; i < vote.a.length; i++) vote.a[i] += votes.a[i];
  return vote;
}

// The votes of layers 1..l, for l = 1..L.
function votesOf(run, each) {
  each.forEach((vote, l) => addVote(run, each[l - 1], vote, l + 1));
  return each.map(vote => vote.a);
}
