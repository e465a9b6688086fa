"""Known answers to compose: right ones in other shapes, and mistakes that people make."""


# %% lists of layers | accept
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    layers = []
    for net in (first, second):
        layers.append([(net[f"W{i}"], net[f"b{i}"]) for i in range(1, len(net) // 2 + 1)])
    (*head, (W, b)), ((V, c), *tail) = layers
    everything = [*head, (W @ V, b @ V + c), *tail]
    return {
        f"{k}{i}": p
        for i, pair in enumerate(everything, 1)
        for k, p in zip("Wb", pair, strict=True)
    }


# %% the joint layer through linear | accept
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    n = len(first) // 2
    out = {key: value.copy() for key, value in first.items()}
    zero = np.zeros_like(second["b1"])
    out[f"W{n}"] = linear(out[f"W{n}"], second["W1"], zero)
    out[f"b{n}"] = linear(out[f"b{n}"], second["W1"], second["b1"])
    for key in second:
        if int(key[1:]) > 1:
            out[f"{key[0]}{int(key[1:]) + n - 1}"] = second[key].copy()
    return out


# %% one row at a time | accept
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    n, m = len(first) // 2, len(second) // 2
    joint = {}
    for i in range(1, n + m):
        for name in "Wb":
            joint[f"{name}{i}"] = first[f"{name}{i}"] if i < n else second[f"{name}{i - n + 1}"]
    joint[f"W{n}"] = np.array([row @ second["W1"] for row in first[f"W{n}"]])
    joint[f"b{n}"] = second["b1"] + (first[f"b{n}"][:, None] * second["W1"]).sum(axis=0)
    return joint


# %% layers not merged | killed-by: visible
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    joint, n = dict(first), len(first) // 2
    for i in range(1, len(second) // 2 + 1):
        joint[f"W{n + i}"], joint[f"b{n + i}"] = second[f"W{i}"], second[f"b{i}"]
    return joint


# %% bias of the first forgotten | killed-by: visible
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    joint, n = dict(first), len(first) // 2
    joint[f"W{n}"], joint[f"b{n}"] = first[f"W{n}"] @ second["W1"], second["b1"]
    for i in range(2, len(second) // 2 + 1):
        joint[f"W{n + i - 1}"], joint[f"b{n + i - 1}"] = second[f"W{i}"], second[f"b{i}"]
    return joint


# %% bias of the second forgotten | killed-by: visible
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    joint, n = dict(first), len(first) // 2
    joint[f"W{n}"], joint[f"b{n}"] = first[f"W{n}"] @ second["W1"], first[f"b{n}"] @ second["W1"]
    for i in range(2, len(second) // 2 + 1):
        joint[f"W{n + i - 1}"], joint[f"b{n + i - 1}"] = second[f"W{i}"], second[f"b{i}"]
    return joint


# %% biases added without the weights between them | killed-by: visible
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    joint, n = dict(first), len(first) // 2
    joint[f"W{n}"], joint[f"b{n}"] = first[f"W{n}"] @ second["W1"], first[f"b{n}"] + second["b1"]
    for i in range(2, len(second) // 2 + 1):
        joint[f"W{n + i - 1}"], joint[f"b{n + i - 1}"] = second[f"W{i}"], second[f"b{i}"]
    return joint


# %% networks in the other order | killed-by: visible
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    first, second = second, first
    joint, n = dict(first), len(first) // 2
    W, b = first[f"W{n}"], first[f"b{n}"]
    joint[f"W{n}"], joint[f"b{n}"] = W @ second["W1"], b @ second["W1"] + second["b1"]
    for i in range(2, len(second) // 2 + 1):
        joint[f"W{n + i - 1}"], joint[f"b{n + i - 1}"] = second[f"W{i}"], second[f"b{i}"]
    return joint


# %% weights entry by entry, right for one number between | killed-by: hidden
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    joint, n = dict(first), len(first) // 2
    W, b = first[f"W{n}"], first[f"b{n}"]
    joint[f"W{n}"], joint[f"b{n}"] = W * second["W1"], b * second["W1"][0] + second["b1"]
    for i in range(2, len(second) // 2 + 1):
        joint[f"W{n + i - 1}"], joint[f"b{n + i - 1}"] = second[f"W{i}"], second[f"b{i}"]
    return joint


# %% first has one layer | killed-by: visible
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    joint = dict(second)
    joint["W1"] = first["W1"] @ second["W1"]
    joint["b1"] = first["b1"] @ second["W1"] + second["b1"]
    return joint


# %% first has one layer or two, second any | killed-by: hidden
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    n = min(len(first) // 2, 2)
    joint = {key: first[key] for key in list(first)[: 2 * n]}
    W, b = first[f"W{n}"], first[f"b{n}"]
    joint[f"W{n}"], joint[f"b{n}"] = W @ second["W1"], b @ second["W1"] + second["b1"]
    for i in range(2, len(second) // 2 + 1):
        joint[f"W{n + i - 1}"], joint[f"b{n + i - 1}"] = second[f"W{i}"], second[f"b{i}"]
    return joint


# %% second has two layers at most | killed-by: hidden
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    joint, n = dict(first), len(first) // 2
    W, b = first[f"W{n}"], first[f"b{n}"]
    joint[f"W{n}"], joint[f"b{n}"] = W @ second["W1"], b @ second["W1"] + second["b1"]
    if "W2" in second:
        joint[f"W{n + 1}"], joint[f"b{n + 1}"] = second["W2"], second["b2"]
    return joint


# %% second must have two layers | killed-by: visible
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    joint, n = dict(first), len(first) // 2
    W, b = first[f"W{n}"], first[f"b{n}"]
    joint[f"W{n}"], joint[f"b{n}"] = W @ second["W1"], b @ second["W1"] + second["b1"]
    joint[f"W{n + 1}"], joint[f"b{n + 1}"] = second["W2"], second["b2"]
    return joint


# %% W transposed as PyTorch keeps it | killed-by: hidden
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    joint, n = dict(first), len(first) // 2
    W, b = first[f"W{n}"], first[f"b{n}"]
    V = second["W1"].T if len(set(second["W1"].shape)) == 1 else second["W1"]
    joint[f"W{n}"], joint[f"b{n}"] = W @ V, b @ V + second["b1"]
    for i in range(2, len(second) // 2 + 1):
        joint[f"W{n + i - 1}"], joint[f"b{n + i - 1}"] = second[f"W{i}"], second[f"b{i}"]
    return joint


# %% changes the dict of the first | killed-by: visible
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    joint, n = first, len(first) // 2
    W, b = first[f"W{n}"], first[f"b{n}"]
    joint[f"W{n}"], joint[f"b{n}"] = W @ second["W1"], b @ second["W1"] + second["b1"]
    for i in range(2, len(second) // 2 + 1):
        joint[f"W{n + i - 1}"], joint[f"b{n + i - 1}"] = second[f"W{i}"], second[f"b{i}"]
    return joint


# %% changes the biases of the second in place | killed-by: hidden
def compose(first, second):
    """Parameters of one ReLU network that computes second(first(x))."""
    joint, n = dict(first), len(first) // 2
    W, b, c = first[f"W{n}"], first[f"b{n}"], second["b1"]
    c += b @ second["W1"]
    joint[f"W{n}"], joint[f"b{n}"] = W @ second["W1"], c
    for i in range(2, len(second) // 2 + 1):
        joint[f"W{n + i - 1}"], joint[f"b{n + i - 1}"] = second[f"W{i}"], second[f"b{i}"]
    return joint
