"""Known answers to table: each section replaces the whole answer cell."""

# %% rows multiplied by the constant | killed-by: hidden
table = np.zeros((3, 6))
for row, x in enumerate(hours.values()):
    for column, c in enumerate(constants[:2]):
        paths = [perceptron(*shuffled(x[:, None] * c, july, seed))[0] for seed in range(3)]
        table[row, column] = np.median([len(path) for path in paths])
table[:, 2:] = table[:, 1:2]

# %% constant appended, and the chapter's 1 beside it | killed-by: hidden
table = np.zeros((3, 6))
for row, x in enumerate(hours.values()):
    for column, c in enumerate(constants):
        rows = np.c_[x, np.full(len(x), c)] if c > 1 else x[:, None]
        paths = [perceptron(*shuffled(rows, july, seed))[0] for seed in range(3)]
        table[row, column] = np.median([len(path) for path in paths])

# %% constant appended everywhere, and the chapter's 1 beside it | killed-by: visible
table = np.zeros((3, 6))
for row, x in enumerate(hours.values()):
    for column, c in enumerate(constants):
        rows = np.c_[x, np.full(len(x), c)]
        paths = [perceptron(*shuffled(rows, july, seed))[0] for seed in range(3)]
        table[row, column] = np.median([len(path) for path in paths])

# %% mean for median | killed-by: visible
table = np.zeros((3, 6))
for row, x in enumerate(hours.values()):
    for column, c in enumerate(constants):
        paths = [perceptron(*shuffled(x[:, None] / c, july, seed))[0] for seed in range(3)]
        table[row, column] = np.mean([len(path) for path in paths])

# %% epochs for mistakes | killed-by: visible
table = np.zeros((3, 6))
for row, x in enumerate(hours.values()):
    for column, c in enumerate(constants):
        runs = [perceptron(*shuffled(x[:, None] / c, july, seed)) for seed in range(3)]
        table[row, column] = np.median([epochs for _, epochs in runs])

# %% the first order alone | killed-by: hidden
table = np.zeros((3, 6))
for row, x in enumerate(hours.values()):
    for column, c in enumerate(constants):
        path, _ = perceptron(*shuffled(x[:, None] / c, july, 0))
        table[row, column] = len(path)

# %% seeds 1, 2 and 3 | killed-by: visible
table = np.zeros((3, 6))
for row, x in enumerate(hours.values()):
    for column, c in enumerate(constants):
        paths = [perceptron(*shuffled(x[:, None] / c, july, seed))[0] for seed in (1, 2, 3)]
        table[row, column] = np.median([len(path) for path in paths])

# %% the order of the file | killed-by: visible
table = np.zeros((3, 6))
for row, x in enumerate(hours.values()):
    for column, c in enumerate(constants):
        table[row, column] = len(perceptron(x[:, None] / c, july, epochs=20)[0])

# %% units in columns | killed-by: visible
table = np.zeros((6, 3))
for column, x in enumerate(hours.values()):
    for row, c in enumerate(constants):
        paths = [perceptron(*shuffled(x[:, None] / c, july, seed))[0] for seed in range(3)]
        table[row, column] = np.median([len(path) for path in paths])

# %% one unit for all | killed-by: hidden
table = np.zeros((3, 6))
for column, c in enumerate(constants):
    x = hours["Celsius"]
    paths = [perceptron(*shuffled(x[:, None] / c, july, seed))[0] for seed in range(3)]
    table[:, column] = np.median([len(path) for path in paths])

# %% constants in the other order | killed-by: visible
table = np.zeros((3, 6))
for row, x in enumerate(hours.values()):
    for column, c in enumerate(constants[::-1]):
        paths = [perceptron(*shuffled(x[:, None] / c, july, seed))[0] for seed in range(3)]
        table[row, column] = np.median([len(path) for path in paths])

# %% stopped after ten epochs | killed-by: hidden
table = np.zeros((3, 6))
for row, x in enumerate(hours.values()):
    for column, c in enumerate(constants):
        paths = [perceptron(*shuffled(x[:, None] / c, july, s), epochs=10)[0] for s in range(3)]
        table[row, column] = np.median([len(path) for path in paths])

# %% only the constant 1, the others left | killed-by: visible
table = np.zeros((3, 6))
for row, x in enumerate(hours.values()):
    paths = [perceptron(*shuffled(x[:, None], july, seed))[0] for seed in range(3)]
    table[row, 0] = np.median([len(path) for path in paths])

# %% the rule written out on rows (x, c) | accept
table = np.zeros((3, 6))
for row, x in enumerate(hours.values()):
    for column, c in enumerate(constants):
        counts = []
        for seed in range(3):
            S, labels = shuffled(np.c_[x, np.full(len(x), float(c))], july, seed)
            v, m, before = np.zeros(2), 0, -1
            while m > before:
                before = m
                for s, y in zip(S, labels, strict=True):
                    if y * (s @ v) <= 0:
                        v, m = v + y * s, m + 1
            counts.append(m)
        table[row, column] = sorted(counts)[1]

# %% a bias that moves by c squared | accept
table = np.zeros((3, 6))
for row, x in enumerate(hours.values()):
    for column, c in enumerate(constants.tolist()):
        counts = []
        for seed in range(3):
            w = b = 0.0
            m, before = 0, -1
            X, labels = shuffled(x, july, seed)
            while m > before:
                before = m
                for x_i, y_i in zip(X.tolist(), labels.tolist(), strict=True):
                    if y_i * (w * x_i + b) <= 0:
                        w, b, m = w + y_i * x_i, b + y_i * c * c, m + 1
            counts.append(m)
        table[row, column] = np.median(counts)

# %% measured, then entered as numbers | accept
table = np.array(
    [[57, 31, 6, 19, 289, 4567], [245, 137, 10, 5, 45, 679], [17298, 4210, 1384, 146, 82, 293]]
)

# %% ones for zeros: table = np.zeros((3, 6)) | equivalent
# Every entry is overwritten.
