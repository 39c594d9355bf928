"""What each schematic says: its name, what it shows in words, and the method in a few lines."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """The words of a schematic.

    Attributes:
        title: stands above it.
        alt: what it shows.
        algorithm: lines `part | words`, the parts train, predict, passes and memory among them; a
            line without a part goes on with the one above.
    """

    title: str
    alt: str
    algorithm: str


WORDS = {
    "bp": Words(
        "Backpropagation and its tape",
        "A stack of three layers on the input X, with one cross-entropy on top. Solid arrows go "
        "up. What the layers make, H1 and H2, and the edges are put on a tape, shaded, and stay "
        "there until the way back. A red arrow, the gradient, runs down from the loss through "
        "layers 3, 2 and 1; nothing stops it.",
        """
train | H = X
| for l = 1, ..., L:
|   H = ReLU(conv(H, E)), on top no ReLU
|   H goes on the tape, but for the last
| loss = cross-entropy(H / τ, y), training nodes
| one gradient for all layers, one step
predict | arg max of the last layer's output
passes | an update: 1 up, 1 back; to predict: 1
memory | H of layers 1 to L − 1, all gradients, all of Adam's numbers
""",
    ),
    "checkpoint": Words(
        "Backpropagation with checkpoints",
        "Four layers in two segments, and one cross-entropy. On the way up only H2 is kept, "
        "shaded, where one segment ends and the next begins. On the way back layers 3 and 4 are "
        "computed again from H2, and the red gradient passes through them; then layers 1 and 2 "
        "are computed again from X. H3 and H1 are kept for a while only.",
        """
train | cut L layers into about √L segments
| go up, keep each segment's input alone
| for each segment, from the top:
|   compute it again, keep its H
|   gradient through it, free its H
| one step
predict | as without checkpoints
passes | an update: 2 up, 1 back; to predict: 1
memory | inputs of segments, H of one segment, all gradients, all of Adam's numbers
""",
    ),
    "ff": Words(
        "Forward-forward on images",
        "A positive input, an image with its true label, and a negative one, the image with a "
        "wrong label, are shaded: they stay in memory. Normalised, they go through layer 1. The "
        "goodness g, the sum of squares, of the positive is a bar that rises above the dotted "
        "threshold theta; that of the negative stays below. The loss compares both with theta; "
        "its red gradient goes back into layer 1 alone. On the way to layer 2 outputs are "
        "normalised, and bars stop the gradient.",
        """
train | for each layer, one after the other:
|   h = ReLU(W norm(input) + b)
|   g = Σ h²
|   loss = BCE(g⁺ − θ, 1)
|     + meanₖ BCE(g⁻ − θ, 0)
|   one step of this layer
| next input: h, detached
predict | write each class c in turn; add up g of all layers but the first; arg max over c
passes | an update: 1 + K inputs an image; to predict: C
memory | one layer: inputs, h, gradients, Adam
""",
    ),
    "norm": Words(
        "Normalisation, and the shortcut that it closes",
        "Left, outputs of layer 1 as they are: an arrow of goodness 4 for a positive, a shorter "
        "one of goodness 1 for a negative. Layer 2 can copy these lengths and learn nothing. "
        "Right, both end on a dotted circle: normalised, each has goodness 1, and only the "
        "direction is left; layer 2 must find something new. Bars stop the gradient between the "
        "layers in both.",
        """
train | h = output of the layer below, detached
| length = √(Σ h²) = √g
| u = h / (length + 10⁻⁸), row by row
| next input: u; its g is 1 (0 for a row of zeros)
predict | the same
passes | none of its own
memory | one number a row
""",
    ),
    "message-passing": Words(
        "One layer of message passing: GCN, GraphSAGE, GAT",
        "Node i with three neighbours j, three times. GCN: arrows from each j and from i itself, "
        "with fixed weights from the degrees. GraphSAGE: the mean of the j, and weights of their "
        "own for i itself, without a loop. GAT: arrows of different width, weights learned by "
        "attention, i itself counted. For GCN and GraphSAGE the product M X is shaded: it is made "
        "once, while X stays as it is; in GAT M depends on W, so that messages are made in every "
        "update.",
        """
GCN | hᵢ = Σⱼ Mᵢⱼ xⱼ W + b, i included
| Mᵢⱼ = 1 / √((dᵢ + 1) (dⱼ + 1))
SAGE | hᵢ = meanⱼ(xⱼ) W_near + xᵢ W_own + b
GAT | hᵢ = Σⱼ Mᵢⱼ xⱼ W + b, i included, four heads
| Mᵢⱼ = softmaxⱼ LeakyReLU(a_src·xⱼW + a_dst·xᵢW)
train | h = ReLU of that
predict | the same
passes | L layers reach L edges far
memory | GCN, SAGE: M X once, while X is constant; GAT: a message for every edge
""",
    ),
    "ff-la": Words(
        "Forward-forward with labels appended (FF-LA)",
        "Two versions of one graph. A small box beside a node is its label columns: in the "
        "positive graph training nodes carry their true labels, 0 and 1; in negative graph k "
        "wrong ones; all other nodes carry a question mark, 1/C for every class. Both, normalised "
        "and shaded, go through layer 1; the loss pulls the goodness of training nodes apart at "
        "theta, and its red gradient stays in layer 1. Bars stop it on the way to layer 2, where "
        "each graph goes normalised. To predict there is one graph per class, carried by all "
        "nodes without a label; training nodes keep theirs.",
        """
train | 1 + K graphs, input norm([X | label])
| for each layer, one after the other:
|   g = Σ h² of training nodes, in each graph
|   loss = BCE(g⁺ − θ, 1)
|     + meanₖ BCE(g⁻ − θ, 0)
|   one step of this layer
| next inputs: norm(h), detached, in each graph
predict | write c on all other nodes, for each c; add up g of all layers; arg max over c
passes | an update: 1 + K graphs; to predict: C
memory | one layer: 1 + K inputs, h, gradients, Adam
""",
    ),
    "virtual-nodes": Words(
        "Virtual nodes: a label becomes an edge",
        "Five nodes, circles, joined by edges. Two squares are the class nodes v0 and v1, with "
        "random features from N(0, 1) that are never trained. A dashed virtual edge joins each "
        "training node with the class node of its label; the node with a question mark has no "
        "label and no virtual edge. Shaded, what stays in memory: X with the C rows of the class "
        "nodes below.",
        """
train | V: C rows of N(0, 1), drawn once
| X′ = X, and V below it
| E′ = E, and for each training node i:
|   i → class node of yᵢ, and back
|   (one-way: only i → class node)
predict | FF-VN: join nodes with each class node in turn
| SF: no edge for a node to be predicted
passes | none of its own
memory | C rows, and two edges a training node
""",
    ),
    "ff-vn": Words(
        "Forward-forward with virtual nodes (FF-VN)",
        "Two versions of one graph that differ in their dashed virtual edges: in the positive "
        "graph each training node is joined with the square of its true class, in negative graph "
        "k with that of a wrong one. Both, shaded, go through layer 1; the loss pulls the "
        "goodness of training nodes apart at theta, and its red gradient stays in layer 1. Only "
        "the positive graph's output goes on to layer 2, past a bar that stops the gradient. To "
        "predict there is one graph per class c, in which all nodes without a label are joined "
        "with class node c.",
        """
train | 1 + K graphs: X′, and other virtual edges
| for each layer, one after the other:
|   g = Σ h² of training nodes, in each graph
|   loss = BCE(g⁺ − θ, 1)
|     + meanₖ BCE(g⁻ − θ, 0)
|   one step of this layer
| next input of all: norm(h) of the positive graph
predict | join the other nodes with class node c, for each c; add up g of all layers; arg max over c
passes | an update: 1 + K graphs; to predict: C
memory | one layer: 1 + K propagated inputs, h, gradients, Adam
""",
    ),
    "sf": Words(
        "Single-forward (SF)",
        "One graph with class nodes, squares, and dashed virtual edges to training nodes. Its "
        "normalised and propagated features, for the rows that the loss reads, are a shaded "
        "constant below layer 1. Layer 1 gives Z of training nodes and Z of class nodes, shaded; "
        "their products, divided by tau, go into a cross-entropy, and its red gradient goes back "
        "into layer 1 alone. Bars stop it below layer 1 and on the way to layer 2, which gets all "
        "rows once layer 1 has been trained.",
        """
train | one graph, X′ and E′
| for each layer, one after the other:
|   Z = ReLU(conv(input)), training and class rows
|   logits = Z_train Z_virtᵀ / τ
|   loss = cross-entropy(logits, y); one step
| next input: norm(Z) of all rows, detached
predict | add up softmax(Z Z_virtᵀ / τ) of all layers; arg max
passes | an update: 1, of one layer; to predict: 1
memory | one layer: constant input (with GAT also the edges), Z, gradients, Adam
""",
    ),
    "top-to-input": Words(
        "Top-to-input",
        "Three layers with a loss each. From every layer an arrow leads to its state S, shaded, "
        "and a bar stops the gradient there. A layer's input is the state below it and the state "
        "above it, side by side; below layer 1 stands X', above layer 3 the labels, known for "
        "training and class nodes. Red arrows go from each loss into its own layer alone.",
        """
train | one pass from the bottom, zeros above
| each step, layers 1, 3, ..., then 2, 4, ...:
|   Z = f([S below | S above], E′)
|   loss of SF on Z; one step of this layer
|   S = norm(Z), detached
predict | the pass, then 10 steps without learning
| add up the softmaxes of the last 8; arg max
passes | a step: 1, all layers; to predict: 1 + 10
memory | all S, all of Adam's numbers; Z and gradients of one layer
""",
    ),
    "top-to-loss": Words(
        "Top-to-loss",
        "Three layers with a loss each, and above each layer its state S, shaded; a bar stops the "
        "gradient on the way there. A layer's input is the state below it. Its loss reads the "
        "mean of its own output and of all states above it: arrows lead from S3 to losses 2 and "
        "1, and from S2 to loss 1. All states are those of the step before. Red arrows go from "
        "each loss into its own layer alone.",
        """
train | one pass from the bottom
| each step, all layers, from the last step's S:
|   Z = f(S below, E′)
|   V = mean(Z, all S above)
|   loss of SF on V; gradient cut to length 1
|   one step of this layer; S = norm(Z), detached
predict | one pass; add up softmax(V V_virtᵀ / τ) of all layers; arg max
passes | a step: 1, all layers; to predict: 1
memory | all S, old and new, all of Adam's numbers; Z and gradients of one layer
""",
    ),
    "links": Words(
        "Links, layer by layer",
        "A graph with a linked pair, nodes i and j, and a pair that is none, j and k, dotted. The "
        "normalised and propagated features of all nodes are a shaded constant below layer 1, "
        "which gives a row z for each node. For a pair, CE takes the dot product, FF the "
        "goodness, the sum of squares of the products, minus theta. Either is a logit a, and the "
        "loss compares it with link or not; its red gradient goes back into layer 1 alone. Bars "
        "stop it below layer 1 and on the way to layer 2.",
        """
train | pairs: links, and as many that are none
| for each layer, one after the other:
|   Z = ReLU(conv(input)), all nodes
|   CE: a = zᵢ · zⱼ / τ
|   FF: a = (Σ (zᵢ zⱼ)² − θ) / τ
|   loss = BCE(a, link or not); one step
| next input: norm(Z), detached
predict | mean of σ(a) over layers (BP: on top alone)
passes | an update: 1, of one layer; to predict: 1
memory | one layer: input, Z, gradients, Adam
""",
    ),
    "local-heads": Words(
        "Local heads",
        "Three layers; beside each its own linear head, and beside that a cross-entropy on the "
        "training nodes. Red arrows go from each loss through its head into its layer. On the way "
        "up outputs are normalised, and bars stop the gradient between layers. Shaded, the "
        "constant input of layer 1.",
        """
train | for each layer, one after the other:
|   H = ReLU(conv(input))
|   logits = H W + b, with the head's W and b
|   loss = cross-entropy(logits, y), training nodes
|   one step of this layer and its head
| next input: norm(H), detached
predict | add up softmax(logits) of all layers; arg max
passes | an update: 1, of one layer; to predict: 1
memory | one layer and head: input, H, gradients, Adam
""",
    ),
    "label-net": Words(
        "Counter-current learning",
        "Three layers on the left, three layers of a label net on the right; between each pair a "
        "cross-entropy on the training nodes. Red arrows go from each loss into both. Bars stop "
        "the gradient between layers, up the left side and down the right side. Shaded, the "
        "constant input of layer 1.",
        """
train | in each step, U from the top down, then for each layer:
|   Z = ReLU(conv(input)), U = ELU(U above V)
|   loss = cross-entropy(Z Uᵀ / τ, y), training nodes
|   one step of W, b and V
| next input: norm(Z), detached
predict | add up softmax(Z Uᵀ / τ) of all layers; arg max
passes | an update: 1 up, 1 down; to predict: the same
memory | one layer's Z and gradients; U of all layers, all of Adam's numbers
""",
    ),
    "dfa": Words(
        "Direct feedback alignment (DFA)",
        "Three layers; beside each, shaded, its input, which stays in memory. Solid arrows go up, "
        "to a cross-entropy loss. From there the error goes, in red, to layer 3 as it is, and to "
        "layers 2 and 1 through fixed random matrices B. Bars stop the gradient between layers.",
        """
train | H = X
| for l = 1, ..., L: H = conv(H, E), below the top ReLU
|   H goes on the tape
| E = (softmax(H / τ) - y) / T on training nodes
| for l < L: error = (Sᵀ)^(L - l) E B_l, B_l random and fixed
| all layers: one step, each with its own error
predict | arg max of the last layer's output
passes | an update: 1 up, none back; to predict: 1
memory | H of all layers, all gradients, all of Adam's numbers
""",
    ),
    "class-groups": Words(
        "A group of units for each class",
        "Layer 1 gets a constant, shaded input. Its units are parted into three groups, one per "
        "class, each with a goodness g. A cross-entropy over the groups sends its gradient, red, "
        "into layer 1. A bar stops the gradient on the way up to layer 2.",
        """
train | for each layer, one after the other:
|   Z = ReLU(conv(input)), training rows
|   g_c = mean of Z² over the units of class c
|   loss = cross-entropy(g / τ, y); one step
| next input: norm(Z) of all rows, detached
predict | add up softmax(g / τ) of all layers; arg max
passes | an update: 1, of one layer; to predict: 1
memory | one layer: constant input, Z, gradients, Adam
""",
    ),
    "whole": Words(
        "A class node for graphs, made in two orders",
        "Two ways to make the class node z, a square, of some training graphs, drawn with their "
        "nodes. On the left, single-forward: the mean of what the graphs give the layer, shaded, "
        "then the layer. On the right: first "
        "the layer, then the mean of what it makes of the graphs, shaded. Both go to one "
        "cross-entropy. From it red arrows, the gradient, run back into the layer; bars stop it "
        "between the layer and the nodes below. A dotted line parts the two.",
        """
train | r = mean over a graph's nodes of Z
| SF: z = ReLU(u W + b), u the mean of inputs
| or: z = the mean of r
| loss = cross-entropy(r zᵀ / τ, class)
| layer after layer, norm between them
predict | arg max of the sum of softmax(r zᵀ / τ)
passes | an update: 1 up; to predict: 1
memory | one layer's input, and what it makes; not the depth
""",
    ),
    "clusters": Words(
        "Single-forward whose classes are clusters",
        "Below, a graph of four nodes; a box with the word k-means gives each of them a dashed "
        "edge to one of two squares, the class nodes. The input of all rows, shaded, goes to layer "
        "1, whose rows of nodes and of class nodes are shaded, too. A cross-entropy compares them; "
        "its gradient, red, goes into layer 1 alone. Bars stop it below the layer and on the way "
        "to layer 2, for which the rows are clustered anew.",
        """
train | y = k-means of norm(Â² norm(X))
| for each layer, one after the other:
|   an edge from node i to class node y of i
|   loss = cross-entropy(Z Z_virtualᵀ / τ, y)
|   y = k-means of norm(Z), numbered as before
predict | k-means of the last layer's norm(Z)
passes | an update: 1; to predict: 1, and k-means
memory | one layer: constant input, Z, gradients, Adam
""",
    ),
    "dgi": Words(
        "A layer that tells a graph from a shuffle of it",
        "Two copies of a graph of four nodes; beside the nodes stand their features, a to d, in "
        "the second copy in another order. Both inputs, shaded, go through layer 1, with the same "
        "weights. Of the first output, shaded, a summary s is made. The rows of both outputs are "
        "compared with s, and one loss asks which of the two each row is from. Its gradient, red, "
        "goes into layer 1 alone. Bars stop it below the layer and on the way to layer 2.",
        """
train | for each layer, one after the other:
|   H₋: the same layer, on shuffled rows
|   s = σ(mean row of H₊)
|   g = h J s for each row, J is trained, too
|   loss = softplus(−g₊) + softplus(g₋), means
predict | k-means of the last layer's norm(H₊)
passes | an update: 2; to predict: 1, and k-means
memory | one layer: two constant inputs, H, gradients, Adam
""",
    ),
}
