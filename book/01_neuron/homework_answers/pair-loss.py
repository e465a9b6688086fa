"""Known answers to pair-loss: right ones in other shapes, and mistakes that people make."""


# %% differences of the emails | accept
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    x = spam - good
    z = x @ w
    dz = -sigmoid(-z) / len(x)
    return np.logaddexp(0, -z).mean(), {"w": x.T @ dz, "b": 0.0}


# %% by hand without logaddexp | accept
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam - good) @ w
    far = np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z)))
    share = np.exp(-np.logaddexp(0, z)) / z.size
    dw = (good * share[:, None]).sum(axis=0) - (spam * share[:, None]).sum(axis=0)
    return float(np.mean(far)), {"w": dw, "b": np.sum(share) - np.sum(share)}


# %% two halves chosen by where | accept
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = spam @ w - good @ w
    with np.errstate(over="ignore"):
        losses = np.where(z > 0, np.log1p(np.exp(-z)), np.log1p(np.exp(z)) - z)
    mean = np.einsum("bd,b->d", good - spam, sigmoid(-z)) / z.shape[0]
    return losses.mean(), {"w": mean, "b": np.zeros(())}


# %% the given function, nothing repaired | killed-by: visible
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = spam @ w + b - good @ w + b
    loss = np.mean(np.log(1 + np.exp(-z)))
    dz = -sigmoid(-z)
    grads = {}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = x.T @ ds
        grads["b"] = ds.sum()
    return loss, grads


# %% parentheses missing | killed-by: visible
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = spam @ w + b - good @ w + b
    loss = np.mean(np.logaddexp(0, -z))
    dz = -sigmoid(-z) / len(z)
    grads = {"w": np.zeros(len(w)), "b": 0.0}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = grads["w"] + x.T @ ds
        grads["b"] = grads["b"] + ds.sum()
    return loss, grads


# %% overflow left in | killed-by: hidden
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    loss = np.mean(np.log(1 + np.exp(-z)))
    dz = -sigmoid(-z) / len(z)
    grads = {"w": np.zeros(len(w)), "b": 0.0}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = grads["w"] + x.T @ ds
        grads["b"] = grads["b"] + ds.sum()
    return loss, grads


# %% overflow clipped away | killed-by: hidden
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    loss = np.mean(np.log(1 + np.exp(np.clip(-z, -700, 700))))
    dz = -sigmoid(-z) / len(z)
    grads = {"w": np.zeros(len(w)), "b": 0.0}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = grads["w"] + x.T @ ds
        grads["b"] = grads["b"] + ds.sum()
    return loss, grads


# %% log of the sigmoid | killed-by: hidden
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    loss = -np.mean(np.log(sigmoid(z)))
    dz = -sigmoid(-z) / len(z)
    grads = {"w": np.zeros(len(w)), "b": 0.0}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = grads["w"] + x.T @ ds
        grads["b"] = grads["b"] + ds.sum()
    return loss, grads


# %% a guard against log of zero | killed-by: hidden
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    loss = -np.mean(np.log(sigmoid(z) + 1e-12))
    dz = -sigmoid(-z) / len(z)
    grads = {"w": np.zeros(len(w)), "b": 0.0}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = grads["w"] + x.T @ ds
        grads["b"] = grads["b"] + ds.sum()
    return loss, grads


# %% gradient is a sum, not a mean | killed-by: hidden
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    loss = np.mean(np.logaddexp(0, -z))
    dz = -sigmoid(-z)
    grads = {"w": np.zeros(len(w)), "b": 0.0}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = grads["w"] + x.T @ ds
        grads["b"] = grads["b"] + ds.sum()
    return loss, grads


# %% gradient divided by the features | killed-by: visible
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    loss = np.mean(np.logaddexp(0, -z))
    dz = -sigmoid(-z) / spam.shape[1]
    grads = {"w": np.zeros(len(w)), "b": 0.0}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = grads["w"] + x.T @ ds
        grads["b"] = grads["b"] + ds.sum()
    return loss, grads


# %% gradients set, not added | killed-by: visible
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    loss = np.mean(np.logaddexp(0, -z))
    dz = -sigmoid(-z) / len(z)
    grads = {}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = x.T @ ds
        grads["b"] = ds.sum()
    return loss, grads


# %% only the bias is added | killed-by: visible
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    dz = -sigmoid(-z) / len(z)
    grads = {"b": 0.0}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = x.T @ ds
        grads["b"] += ds.sum()
    return np.mean(np.logaddexp(0, -z)), grads


# %% only the weights are added | killed-by: hidden
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    dz = -sigmoid(-z) / len(z)
    dw = np.zeros(len(w))
    for x, ds in ((spam, dz), (good, -dz)):
        dw += x.T @ ds
        db = ds.sum()
    return np.mean(np.logaddexp(0, -z)), {"w": dw, "b": db}


# %% both paths with one sign | killed-by: visible
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    loss = np.mean(np.logaddexp(0, -z))
    dz = -sigmoid(-z) / len(z)
    grads = {"w": np.zeros(len(w)), "b": 0.0}
    for x, ds in ((spam, dz), (good, dz)):
        grads["w"] = grads["w"] + x.T @ ds
        grads["b"] = grads["b"] + ds.sum()
    return loss, grads


# %% gradient of the other sign | killed-by: visible
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    loss = np.mean(np.logaddexp(0, -z))
    dz = sigmoid(-z) / len(z)
    grads = {"w": np.zeros(len(w)), "b": 0.0}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = grads["w"] + x.T @ ds
        grads["b"] = grads["b"] + ds.sum()
    return loss, grads


# %% sigmoid of z for sigmoid of minus z | killed-by: visible
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    loss = np.mean(np.logaddexp(0, -z))
    dz = -sigmoid(z) / len(z)
    grads = {"w": np.zeros(len(w)), "b": 0.0}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = grads["w"] + x.T @ ds
        grads["b"] = grads["b"] + ds.sum()
    return loss, grads


# %% sum of the losses | killed-by: visible
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    loss = np.sum(np.logaddexp(0, -z))
    dz = -sigmoid(-z) / len(z)
    grads = {"w": np.zeros(len(w)), "b": 0.0}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = grads["w"] + x.T @ ds
        grads["b"] = grads["b"] + ds.sum()
    return loss, grads


# %% loss of the other order | killed-by: visible
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b) - (good @ w + b)
    loss = np.mean(np.logaddexp(0, z))
    dz = -sigmoid(-z) / len(z)
    grads = {"w": np.zeros(len(w)), "b": 0.0}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = grads["w"] + x.T @ ds
        grads["b"] = grads["b"] + ds.sum()
    return loss, grads


# %% all pairs of the batch | killed-by: hidden
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam @ w + b)[:, None] - (good @ w + b)
    dz = -sigmoid(-z) / z.size
    dw = spam.T @ dz.sum(axis=1) - good.T @ dz.sum(axis=0)
    return np.mean(np.logaddexp(0, -z)), {"w": dw, "b": 0.0}


# %% differences in place | killed-by: visible
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    spam -= good
    z = spam @ w
    dz = -sigmoid(-z) / len(z)
    return np.mean(np.logaddexp(0, -z)), {"w": spam.T @ dz, "b": 0.0}


# %% bias of one score only | killed-by: visible
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = spam @ w + b - good @ w
    loss = np.mean(np.logaddexp(0, -z))
    dz = -sigmoid(-z) / len(z)
    grads = {"w": np.zeros(len(w)), "b": 0.0}
    for x, ds in ((spam, dz), (good, -dz)):
        grads["w"] = grads["w"] + x.T @ ds
        grads["b"] = grads["b"] + ds.sum()
    return loss, grads


# %% no gradient of the bias | killed-by: visible
def pair_loss(spam, good, w, b):
    """Mean loss of a batch of pairs, and its gradients with respect to w and b."""
    z = (spam - good) @ w
    dz = -sigmoid(-z) / len(z)
    return np.mean(np.logaddexp(0, -z)), {"w": (spam - good).T @ dz}


# %% deleted: grads["b"] = grads["b"] + ds.sum() | equivalent
# The gradient of the bias is zero: it starts at zero, and the two paths cancel.

# %% - for +: grads["b"] = grads["b"] + ds.sum() | equivalent
# Two numbers that cancel cancel with the other sign too.

# %% mean for sum: grads["b"] = grads["b"] + ds.sum() | equivalent
# Two means that cancel are as good as two sums.
