"""Known answers to Exercise 4: the backward of the layer with tied weights."""


# %% nothing-repaired | killed-by: visible
def tied_backward(dy, cache):
    """All four mistakes."""
    return broken_backward(dy, cache)


# %% bias-gradient-still-averaged | killed-by: visible
def tied_backward(dy, cache):
    """The first mistake is left."""
    x, W, mask, a, kept = cache
    dz = (dy @ W) * mask * (a > 0)
    grads = {"W": dy.T @ kept + x.T @ dz, "b": dz.sum(axis=0), "b_out": dy.mean(axis=0)}
    return dz @ W.T, grads


# %% dropout-still-without-its-scale | killed-by: visible
def tied_backward(dy, cache):
    """The second mistake is left."""
    x, W, mask, a, kept = cache
    dz = (dy @ W) * (mask > 0) * (a > 0)
    grads = {"W": dy.T @ kept + x.T @ dz, "b": dz.sum(axis=0), "b_out": dy.sum(axis=0)}
    return dz @ W.T, grads


# %% relu-still-by-the-gradient | killed-by: visible
def tied_backward(dy, cache):
    """The third mistake is left."""
    x, W, mask, a, kept = cache
    da = (dy @ W) * mask
    dz = da * (da > 0)
    grads = {"W": dy.T @ kept + x.T @ dz, "b": dz.sum(axis=0), "b_out": dy.sum(axis=0)}
    return dz @ W.T, grads


# %% relu-by-both-signs | killed-by: visible
def tied_backward(dy, cache):
    """The third mistake is half repaired: as in guided backpropagation."""
    x, W, mask, a, kept = cache
    da = (dy @ W) * mask
    dz = da * (da > 0) * (a > 0)
    grads = {"W": dy.T @ kept + x.T @ dz, "b": dz.sum(axis=0), "b_out": dy.sum(axis=0)}
    return dz @ W.T, grads


# %% weights-still-replaced | killed-by: visible
def tied_backward(dy, cache):
    """The fourth mistake is left: the first use alone."""
    x, W, mask, a, kept = cache
    dz = (dy @ W) * mask * (a > 0)
    grads = {"W": x.T @ dz, "b": dz.sum(axis=0), "b_out": dy.sum(axis=0)}
    return dz @ W.T, grads


# %% weights-of-the-second-use-alone | killed-by: visible
def tied_backward(dy, cache):
    """The fourth mistake turned around."""
    x, W, mask, a, kept = cache
    dz = (dy @ W) * mask * (a > 0)
    grads = {"W": dy.T @ kept, "b": dz.sum(axis=0), "b_out": dy.sum(axis=0)}
    return dz @ W.T, grads


# %% two-uses-averaged | killed-by: visible
def tied_backward(dy, cache):
    """The mean of the two uses."""
    x, W, mask, a, kept = cache
    dz = (dy @ W) * mask * (a > 0)
    dW = (dy.T @ kept + x.T @ dz) / 2
    return dz @ W.T, {"W": dW, "b": dz.sum(axis=0), "b_out": dy.sum(axis=0)}


# %% second-use-before-the-dropout | killed-by: visible
def tied_backward(dy, cache):
    """The activation in place of what dropout kept of it."""
    x, W, mask, a, kept = cache
    dz = (dy @ W) * mask * (a > 0)
    grads = {"W": dy.T @ a + x.T @ dz, "b": dz.sum(axis=0), "b_out": dy.sum(axis=0)}
    return dz @ W.T, grads


# %% every-gradient-averaged | killed-by: visible
def tied_backward(dy, cache):
    """Another mean over the batch, although dy has one already if the loss has."""
    x, W, mask, a, kept = cache
    dz, B = (dy @ W) * mask * (a > 0), len(x)
    grads = {"W": (dy.T @ kept + x.T @ dz) / B, "b": dz.mean(axis=0), "b_out": dy.mean(axis=0)}
    return dz @ W.T, grads


# %% writes-into-dy | killed-by: visible
def tied_backward(dy, cache):
    """Right, and then the caller's dy is used as scratch."""
    x, W, mask, a, kept = cache
    dz = (dy @ W) * mask * (a > 0)
    grads = {"W": dy.T @ kept + x.T @ dz, "b": dz.sum(axis=0), "b_out": dy.sum(axis=0)}
    np.negative(dy, out=dy)
    return dz @ W.T, grads


# %% loses-the-batch-of-one | killed-by: hidden
def tied_backward(dy, cache):
    """A squeeze that drops the batch axis when there is one image."""
    x, W, mask, a, kept = (np.squeeze(each) for each in cache)
    dy = np.squeeze(dy)
    dz = (dy @ W) * mask * (a > 0)
    grads = {"W": dy.T @ kept + x.T @ dz, "b": dz.sum(axis=0), "b_out": dy.sum(axis=0)}
    return dz @ W.T, grads


# %% kept-tells-both | accept
def tied_backward(dy, cache):
    """What was kept and positive passes; a dropped unit has a mask of zero anyway."""
    x, W, mask, _, kept = cache
    dkept = dy @ W
    dz = np.where(kept > 0, dkept * mask, 0.0)
    grads = {"b_out": np.ones(len(dy)) @ dy, "b": np.einsum("bh->h", dz)}
    grads["W"] = np.einsum("bd,bh->dh", dy, kept)
    grads["W"] += np.einsum("bd,bh->dh", x, dz)
    return np.einsum("bh,dh->bd", dz, W), grads


# %% with-the-layers-of-the-chapter | accept
def tied_backward(dy, cache):
    """Two linear layers, one of which holds the transpose."""
    x, W, mask, a, kept = cache
    dkept, out = linear_backward(dy, (kept, W.T))
    dx, inner = linear_backward(relu_backward(dkept * mask, a), (x, W))
    return dx, {"W": inner["W"] + out["W"].T, "b": inner["b"], "b_out": out["b"]}
