"""Known answers to kinks: right ones in other shapes, and mistakes that people make."""


# %% a loop over points | accept
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    total, before = 0, None
    for t in np.linspace(0, 1, points):
        layers = forward((1 - t) * start[None, :] + t * end[None, :], params)[:-1]
        now = np.concatenate([layer[0] for layer in layers]) > 0
        if before is not None:
            total += np.count_nonzero(now != before)
        before = now
    return total


# %% layer by layer, from the activations | accept
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    t = np.arange(points)[:, None] / (points - 1)
    x, count = start + t * (end - start), 0
    for i in range(1, len(params) // 2):
        x = relu(x @ params[f"W{i}"] + params[f"b{i}"])
        count += int(np.abs(np.diff(np.sign(x), axis=0)).sum())
    return count


# %% output unit counted too | killed-by: visible
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    z = np.concatenate(forward(np.linspace(start, end, points), params), axis=1)
    return int(np.sum(np.diff(z > 0, axis=0)))


# %% on minus off | killed-by: visible
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    z = np.concatenate(forward(np.linspace(start, end, points), params)[:-1], axis=1)
    return int(np.sum(np.diff((z > 0).astype(int), axis=0)))


# %% only switching on | killed-by: visible
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    z = np.concatenate(forward(np.linspace(start, end, points), params)[:-1], axis=1)
    return int(np.sum((z[1:] > 0) & (z[:-1] <= 0)))


# %% differences over the units | killed-by: visible
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    z = np.concatenate(forward(np.linspace(start, end, points), params)[:-1], axis=1)
    return int(np.sum(np.diff(z > 0, axis=1)))


# %% points on instead of switches | killed-by: visible
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    z = np.concatenate(forward(np.linspace(start, end, points), params)[:-1], axis=1)
    return int(np.sum(z > 0))


# %% first hidden layer only | killed-by: hidden
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    z = forward(np.linspace(start, end, points), params)[0]
    return int(np.sum(np.diff(z > 0, axis=0)))


# %% last hidden layer only | killed-by: hidden
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    z = forward(np.linspace(start, end, points), params)[-2]
    return int(np.sum(np.diff(z > 0, axis=0)))


# %% only the two ends compared | killed-by: hidden
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    z = np.concatenate(forward(np.stack([start, end]), params)[:-1], axis=1)
    return int(np.sum((z[0] > 0) != (z[1] > 0)))


# %% places, not units | killed-by: visible
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    z = np.concatenate(forward(np.linspace(start, end, points), params)[:-1], axis=1)
    return int(np.sum(np.any(np.diff(z > 0, axis=0), axis=1)))


# %% units that switch, each once | killed-by: hidden
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    z = np.concatenate(forward(np.linspace(start, end, points), params)[:-1], axis=1)
    return int(np.sum(np.any(np.diff(z > 0, axis=0), axis=0)))


# %% end left out | killed-by: visible
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    x = np.linspace(start, end, points, endpoint=False)
    z = np.concatenate(forward(x, params)[:-1], axis=1)
    return int(np.sum(np.diff(z > 0, axis=0)))


# %% number of points ignored | killed-by: hidden
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    z = np.concatenate(forward(np.linspace(start, end, 501), params)[:-1], axis=1)
    return int(np.sum(np.diff(z > 0, axis=0)))


# %% bends of the output | killed-by: visible
def kinks(start, end, params, points=501):
    """Number of times that hidden units switch on the way from start to end."""
    z = forward(np.linspace(start, end, points), params)[-1][:, 0]
    return int(np.sum(np.abs(np.diff(z, 2)) > 1e-9))


# %% arguments swapped: x = np.linspace(start, end, points) | equivalent
# The way back has as many switches as the way there.
