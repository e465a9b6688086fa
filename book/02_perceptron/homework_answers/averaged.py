"""Known answers to averaged: each section replaces the whole answer cell."""


# %% as it was | killed-by: visible
def averaged(X, y, epochs):
    return averaged_by_a_colleague(X, y, epochs)


# %% z of zero still right | killed-by: visible
def averaged(X, y, epochs):
    w, b, stretch = np.zeros(X.shape[1]), 0.0, 0
    total_w, total_b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            if y_i * (x_i @ w + b) < 0:
                total_w = total_w + stretch * w
                total_b = total_b + stretch * b
                w, b, stretch = w + y_i * x_i, b + y_i, 0
            stretch += 1
    n = epochs * len(y)
    return (total_w + stretch * w) / n, (total_b + stretch * b) / n


# %% bias still once for each stretch | killed-by: hidden
def averaged(X, y, epochs):
    w, b, stretch = np.zeros(X.shape[1]), 0.0, 0
    total_w, total_b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            if y_i * (x_i @ w + b) <= 0:
                total_w = total_w + stretch * w
                total_b = total_b + b
                w, b, stretch = w + y_i * x_i, b + y_i, 0
            stretch += 1
    n = epochs * len(y)
    return (total_w + stretch * w) / n, (total_b + stretch * b) / n


# %% stretch still lost where an epoch ends | killed-by: hidden
def averaged(X, y, epochs):
    w, b = np.zeros(X.shape[1]), 0.0
    total_w, total_b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        stretch = 0
        for x_i, y_i in zip(X, y, strict=True):
            if y_i * (x_i @ w + b) <= 0:
                total_w = total_w + stretch * w
                total_b = total_b + stretch * b
                w, b, stretch = w + y_i * x_i, b + y_i, 0
            stretch += 1
    n = epochs * len(y)
    return (total_w + stretch * w) / n, (total_b + stretch * b) / n


# %% last stretch still forgotten | killed-by: hidden
def averaged(X, y, epochs):
    w, b, stretch = np.zeros(X.shape[1]), 0.0, 0
    total_w, total_b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            if y_i * (x_i @ w + b) <= 0:
                total_w = total_w + stretch * w
                total_b = total_b + stretch * b
                w, b, stretch = w + y_i * x_i, b + y_i, 0
            stretch += 1
    return total_w / (epochs * len(y)), total_b / (epochs * len(y))


# %% last stretch added for w alone | killed-by: hidden
def averaged(X, y, epochs):
    w, b, stretch = np.zeros(X.shape[1]), 0.0, 0
    total_w, total_b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            if y_i * (x_i @ w + b) <= 0:
                total_w = total_w + stretch * w
                total_b = total_b + stretch * b
                w, b, stretch = w + y_i * x_i, b + y_i, 0
            stretch += 1
    n = epochs * len(y)
    return (total_w + stretch * w) / n, total_b / n


# %% the sign of z repaired, nothing else | killed-by: hidden
def averaged(X, y, epochs):
    w, b = np.zeros(X.shape[1]), 0.0
    total_w, total_b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        stretch = 0
        for x_i, y_i in zip(X, y, strict=True):
            if y_i * (x_i @ w + b) <= 0:
                total_w = total_w + stretch * w
                total_b = total_b + b
                w, b, stretch = w + y_i * x_i, b + y_i, 0
            stretch += 1
    return total_w / (epochs * len(y)), total_b / (epochs * len(y))


# %% mean over mistakes | killed-by: hidden
def averaged(X, y, epochs):
    w, b, kept = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            w, b, mistake = update(w, b, x_i, y_i)
            if mistake:
                kept.append(np.r_[w, b])
    mean = np.mean(kept, axis=0)
    return mean[:-1], mean[-1]


# %% every stretch one short | killed-by: visible
def averaged(X, y, epochs):
    w, b, stretch = np.zeros(X.shape[1]), 0.0, 0
    total_w, total_b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            if y_i * (x_i @ w + b) <= 0:
                total_w = total_w + stretch * w
                total_b = total_b + stretch * b
                w, b, stretch = w + y_i * x_i, b + y_i, 0
            else:
                stretch += 1
    n = epochs * len(y)
    return (total_w + stretch * w) / n, (total_b + stretch * b) / n


# %% weights before each example | killed-by: hidden
def averaged(X, y, epochs):
    w, b, total_w, total_b = np.zeros(X.shape[1]), 0.0, 0.0, 0.0
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            total_w, total_b = total_w + w, total_b + b
            w, b, _ = update(w, b, x_i, y_i)
    return total_w / (epochs * len(y)), total_b / (epochs * len(y))


# %% the last weights, no average | killed-by: visible
def averaged(X, y, epochs):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            w, b, _ = update(w, b, x_i, y_i)
    return w, b


# %% mean of one epoch | killed-by: hidden
def averaged(X, y, epochs):
    w, b, total_w, total_b = np.zeros(X.shape[1]), 0.0, 0.0, 0.0
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            w, b, _ = update(w, b, x_i, y_i)
            total_w, total_b = total_w + w, total_b + b
    return total_w / len(y), total_b / len(y)


# %% total and weights are one array | killed-by: visible
def averaged(X, y, epochs):
    w, b = np.zeros(X.shape[1]), 0.0
    total_w, total_b = w, 0.0
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            if y_i * (x_i @ w + b) <= 0:
                w += y_i * x_i
                b += y_i
            total_w += w
            total_b += b
    return total_w / (epochs * len(y)), total_b / (epochs * len(y))


# %% signed examples made in place | killed-by: hidden
def averaged(X, y, epochs):
    X *= y[:, None]
    v, total = np.zeros(X.shape[1] + 1), 0.0
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            s = np.r_[x_i, y_i]
            v = v + s * (s @ v <= 0)
            total = total + v
    return total[:-1] / (epochs * len(y)), total[-1] / (epochs * len(y))


# %% a new order in every epoch | killed-by: visible
def averaged(X, y, epochs):
    w, b, total_w, total_b = np.zeros(X.shape[1]), 0.0, 0.0, 0.0
    rng = run.rng(0)
    for _ in range(epochs):
        for i in rng.permutation(len(y)):
            w, b, _ = update(w, b, X[i], y[i])
            total_w, total_b = total_w + w, total_b + b
    return total_w / (epochs * len(y)), total_b / (epochs * len(y))


# %% each update weighted by the examples still to come | accept
def averaged(X, y, epochs):
    n = epochs * len(y)
    w, b, mean_w, mean_b, left = np.zeros(X.shape[1]), 0.0, np.zeros(X.shape[1]), 0.0, n
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            if y_i * (x_i @ w + b) <= 0:
                w, b = w + y_i * x_i, b + y_i
                mean_w, mean_b = mean_w + left / n * y_i * x_i, mean_b + left / n * y_i
            left -= 1
    return mean_w, mean_b


# %% last weights minus a correction counted at each mistake | accept
def averaged(X, y, epochs):
    w, b, late_w, late_b, t = np.zeros(X.shape[1]), 0.0, np.zeros(X.shape[1]), 0.0, 0
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            if y_i * (x_i @ w + b) <= 0:
                w, b = w + y_i * x_i, b + y_i
                late_w, late_b = late_w + t * y_i * x_i, late_b + t * y_i
            t += 1
    return w - late_w / t, b - late_b / t


# %% a sum after every example | accept
def averaged(X, y, epochs):
    S = y[:, None] * np.c_[X, np.ones(len(y))]
    v, total = np.zeros(S.shape[1]), np.zeros(S.shape[1])
    for _ in range(epochs):
        for s in S:
            if s @ v <= 0:
                v = v + s
            total += v
    mean = total / (epochs * len(y))
    return mean[:-1], mean[-1]


# %% every weight kept, which the text asks not to do | survives
def averaged(X, y, epochs):
    w, b, W, bs = np.zeros(X.shape[1]), 0.0, [], []
    for _ in range(epochs):
        for x_i, y_i in zip(X, y, strict=True):
            w, b, _ = update(w, b, x_i, y_i)
            W.append(w)
            bs.append(b)
    return np.mean(W, axis=0), np.mean(bs)


# %% 1 for 0: w, b, stretch = np.zeros(X.shape[1]), 0.0, 0 | equivalent
# The weights before the first example are zero, and so is their sum however often they are counted.
