"""Known answers to mistake-counts: each section replaces the whole answer cell."""


# %% z of zero counts as right | killed-by: visible
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs):
        for i in range(len(y)):
            if y[i] * np.sum(m * y * G[i]) < 0:
                m[i] += 1
    return m


# %% labels forgotten in the sum | killed-by: visible
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs):
        for i in range(len(y)):
            if y[i] * (m @ G[i]) <= 0:
                m[i] += 1
    return m


# %% own label forgotten in the question | killed-by: visible
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs):
        for i in range(len(y)):
            if (m * y) @ G[i] <= 0:
                m[i] += 1
    return m


# %% counts of the last epoch, a whole epoch at a time | killed-by: visible
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs):
        m = m + (y * (G @ (m * y)) <= 0)
    return m


# %% started again in each epoch | killed-by: visible
def mistake_counts(G, y, epochs):
    for _ in range(epochs):
        m = np.zeros(len(y), dtype=int)
        for i in range(len(y)):
            if y[i] * ((m * y) @ G[i]) <= 0:
                m[i] += 1
    return m


# %% mistaken or not, for how often | killed-by: visible
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs):
        for i in range(len(y)):
            if y[i] * ((m * y) @ G[i]) <= 0:
                m[i] = 1
    return m


# %% one epoch too many | killed-by: visible
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs + 1):
        for i in range(len(y)):
            if y[i] * ((m * y) @ G[i]) <= 0:
                m[i] += 1
    return m


# %% total instead of counts | killed-by: visible
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs):
        for i in range(len(y)):
            if y[i] * ((m * y) @ G[i]) <= 0:
                m[i] += 1
    return m.sum()


# %% stops at the first right example | killed-by: visible
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs):
        for i in range(len(y)):
            if y[i] * ((m * y) @ G[i]) > 0:
                return m
            m[i] += 1
    return m


# %% backward through the examples | killed-by: visible
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs):
        for i in reversed(range(len(y))):
            if y[i] * ((m * y) @ G[i]) <= 0:
                m[i] += 1
    return m


# %% two examples, hard-coded | killed-by: hidden
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs):
        for i in range(min(2, len(y))):
            if y[i] * ((m * y) @ G[i]) <= 0:
                m[i] += 1
    return m


# %% signs put into G in place | killed-by: hidden
def mistake_counts(G, y, epochs):
    G *= y[:, None] * y
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs):
        for i in range(len(y)):
            if G[i] @ m <= 0:
                m[i] += 1
    return m


# %% y overwritten in the end | killed-by: hidden
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y), dtype=int)
    signs = y.copy()
    for _ in range(epochs):
        for i in range(len(y)):
            if signs[i] * ((m * signs) @ G[i]) <= 0:
                m[i] += 1
    y *= 0
    y += 1
    return m


# %% a bias of its own besides the constant in G | killed-by: visible
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs):
        for i in range(len(y)):
            if y[i] * ((m * y) @ (G[i] + 1)) <= 0:
                m[i] += 1
    return m


# %% first mistakes of an epoch end it | killed-by: hidden
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs):
        mistakes = 0
        for i in range(len(y)):
            if mistakes < 5 and y[i] * ((m * y) @ G[i]) <= 0:
                m[i] += 1
                mistakes += 1
    return m


# %% a sum for each example, no early stop | accept
def mistake_counts(G, y, epochs):
    m = np.zeros(len(y))
    for _ in range(epochs):
        for i in range(len(y)):
            z = sum(m[j] * y[j] * G[j, i] for j in range(len(y)))
            m[i] += y[i] * z <= 0
    return m


# %% signed products on a copy | accept
def mistake_counts(G, y, epochs):
    signed = G * y[:, None] * y
    m = np.zeros(len(y), dtype=int)
    for _ in range(epochs):
        before = m.copy()
        for i in range(len(y)):
            if signed[i] @ m <= 0:
                m[i] += 1
        if np.array_equal(m, before):
            break
    return m


# %% coefficients m y, and their size in the end | accept
def mistake_counts(G, y, epochs):
    a, quiet, step = np.zeros(len(y)), 0, 0
    while quiet < len(y) and step < epochs * len(y):
        i = step % len(y)
        wrong = y[i] * (a @ G[:, i]) <= 0
        a[i] += y[i] * wrong
        quiet = 0 if wrong else quiet + 1
        step += 1
    return np.abs(a).astype(int)


# %% without dtype: m, z = np.zeros(len(y), dtype=int), np.zeros(len(y)) | equivalent
# The counts are whole numbers, and floats hold them exactly.

# %% mean for sum: before = m.sum() | equivalent
# A sum is equal to a mean only if no mistake was ever made or there is one example; else training
# goes on through epochs without a mistake, which change nothing.

# %% mean for sum: if m.sum() == before: | equivalent
# The same: at worst it runs on without a mistake. With one example sum and mean are equal.

# %% deleted: if m.sum() == before: | equivalent
# Stopping early saves time; an epoch without a mistake changes nothing, and so do all that follow.

# %% deleted: break | equivalent
# As above.
