"""Known answers to Exercise 6: what the networks say about the labels."""

# %% smallest-losses-suspected | killed-by: visible
caught, honest = np.empty(20), np.empty(20)
for epoch, params in enumerate(nets):
    logits, _ = mlp(X, params)
    p = softmax_cross_entropy(logits, labels)[1][0]
    suspects = np.argsort(-p[np.arange(len(X)), labels])[: lies.sum()]
    caught[epoch] = lies[suspects].mean()
    honest[epoch] = np.mean(logits[lies].argmax(axis=1) == truth[lies])
crossing = 1 + int(np.argmax(losses < FLOOR))

# %% crossing-counted-from-zero | killed-by: visible
caught, honest = np.empty(20), np.empty(20)
for epoch, params in enumerate(nets):
    logits, _ = mlp(X, params)
    p = softmax_cross_entropy(logits, labels)[1][0]
    suspects = np.argsort(p[np.arange(len(X)), labels])[: lies.sum()]
    caught[epoch] = lies[suspects].mean()
    honest[epoch] = np.mean(logits[lies].argmax(axis=1) == truth[lies])
crossing = int(np.argmax(losses < FLOOR))

# %% crossing-from-the-end | killed-by: visible
caught, honest = np.empty(20), np.empty(20)
for epoch, params in enumerate(nets):
    logits, _ = mlp(X, params)
    p = softmax_cross_entropy(logits, labels)[1][0]
    suspects = np.argsort(p[np.arange(len(X)), labels])[: lies.sum()]
    caught[epoch] = lies[suspects].mean()
    honest[epoch] = np.mean(logits[lies].argmax(axis=1) == truth[lies])
crossing = int(np.argmin(losses)) + 1

# %% last-network-only | killed-by: visible
logits, _ = mlp(X, nets[-1])
p = softmax_cross_entropy(logits, labels)[1][0]
suspects = np.argsort(p[np.arange(len(X)), labels])[: lies.sum()]
caught = lies[suspects].mean()
honest = np.mean(logits[lies].argmax(axis=1) == truth[lies])
crossing = 1 + int(np.argmax(losses < FLOOR))

# %% loss-of-the-true-class | killed-by: hidden
caught, honest = np.empty(20), np.empty(20)
for epoch, params in enumerate(nets):
    logits, _ = mlp(X, params)
    p = softmax_cross_entropy(logits, truth)[1][0]
    suspects = np.argsort(p[np.arange(len(X)), truth])[: lies.sum()]
    caught[epoch] = lies[suspects].mean()
    honest[epoch] = np.mean(logits[lies].argmax(axis=1) == truth[lies])
crossing = 1 + int(np.argmax(losses < FLOOR))

# %% least-certain-suspected | killed-by: hidden
caught, honest = np.empty(20), np.empty(20)
for epoch, params in enumerate(nets):
    logits, _ = mlp(X, params)
    p = softmax_cross_entropy(logits, labels)[1][0]
    suspects = np.argsort(p.max(axis=1))[: lies.sum()]
    caught[epoch] = lies[suspects].mean()
    honest[epoch] = np.mean(logits[lies].argmax(axis=1) == truth[lies])
crossing = 1 + int(np.argmax(losses < FLOOR))

# %% logit-of-the-label-in-place-of-its-loss | killed-by: hidden
caught, honest = np.empty(20), np.empty(20)
for epoch, params in enumerate(nets):
    logits, _ = mlp(X, params)
    suspects = np.argsort(logits[np.arange(len(X)), labels])[: lies.sum()]
    caught[epoch] = lies[suspects].mean()
    honest[epoch] = np.mean(logits[lies].argmax(axis=1) == truth[lies])
crossing = 1 + int(np.argmax(losses < FLOOR))

# %% disagreement-in-place-of-the-loss | killed-by: hidden
caught, honest = np.empty(20), np.empty(20)
for epoch, params in enumerate(nets):
    said = mlp(X, params)[0].argmax(axis=1)
    caught[epoch] = lies[said != labels].mean()
    honest[epoch] = np.mean(said[lies] == truth[lies])
crossing = 1 + int(np.argmax(losses < FLOOR))

# %% a-hundred-suspects | killed-by: hidden
caught, honest = np.empty(20), np.empty(20)
for epoch, params in enumerate(nets):
    logits, _ = mlp(X, params)
    p = softmax_cross_entropy(logits, labels)[1][0]
    suspects = np.argsort(p[np.arange(len(X)), labels])[:100]
    caught[epoch] = lies[suspects].mean()
    honest[epoch] = np.mean(logits[lies].argmax(axis=1) == truth[lies])
crossing = 1 + int(np.argmax(losses < FLOOR))

# %% honest-over-all-images | killed-by: visible
caught, honest = np.empty(20), np.empty(20)
for epoch, params in enumerate(nets):
    logits, _ = mlp(X, params)
    p = softmax_cross_entropy(logits, labels)[1][0]
    suspects = np.argsort(p[np.arange(len(X)), labels])[: lies.sum()]
    caught[epoch] = lies[suspects].mean()
    honest[epoch] = accuracy(X, truth, params)
crossing = 1 + int(np.argmax(losses < FLOOR))

# %% honest-if-it-does-not-repeat-the-lie | killed-by: hidden
caught, honest = np.empty(20), np.empty(20)
for epoch, params in enumerate(nets):
    logits, _ = mlp(X, params)
    p = softmax_cross_entropy(logits, labels)[1][0]
    suspects = np.argsort(p[np.arange(len(X)), labels])[: lies.sum()]
    caught[epoch] = lies[suspects].mean()
    honest[epoch] = np.mean(logits[lies].argmax(axis=1) != labels[lies])
crossing = 1 + int(np.argmax(losses < FLOOR))

# %% honest-among-the-suspects | killed-by: visible
caught, honest = np.empty(20), np.empty(20)
for epoch, params in enumerate(nets):
    logits, _ = mlp(X, params)
    p = softmax_cross_entropy(logits, labels)[1][0]
    suspects = np.argsort(p[np.arange(len(X)), labels])[: lies.sum()]
    caught[epoch] = lies[suspects].mean()
    honest[epoch] = np.mean(logits[suspects].argmax(axis=1) == truth[suspects])
crossing = 1 + int(np.argmax(losses < FLOOR))

# %% lists-and-a-loop-for-the-crossing | accept
caught, honest = [], []
for params in nets:
    logits = mlp(X, params)[0].astype(float)
    each = np.logaddexp.reduce(logits, axis=1) - logits[np.arange(3_000), labels]
    worst = sorted(range(3_000), key=lambda i, each=each: each[i], reverse=True)[: sum(lies)]
    caught.append(np.mean([lies[i] for i in worst]))
    honest.append(accuracy(X[lies], truth[lies], params))
caught, honest = np.array(caught), np.array(honest)
crossing = 1
while losses[crossing - 1] >= FLOOR:
    crossing += 1

# %% all-networks-at-once | accept
logits = np.stack([mlp(X, params)[0] for params in nets]).astype(float)
e = np.exp(logits - logits.max(axis=2, keepdims=True))
named = e[:, np.arange(3_000), labels] / e.sum(axis=2)
order = np.argpartition(named, lies.sum(), axis=1)[:, : lies.sum()]
caught = lies[order].mean(axis=1)
honest = (logits.argmax(axis=2) == truth)[:, lies].mean(axis=1)
crossing = np.flatnonzero(losses < FLOOR)[0] + 1

# %% upper bound -1: suspects = np.argsort(p[np.arange(len(X)), labels])[:lies.s… | equivalent
# One suspect fewer of 825 moves a share by less than the tolerance, which leaves room for losses
# that rounding puts in another order.

# %% <= for <: crossing = 1 + int(np.argmax(losses < FLOOR)) | equivalent
# No measured loss equals the floor to the last digit.
