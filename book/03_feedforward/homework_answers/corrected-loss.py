"""Known answers to Exercise 3: the loss that knows the teacher's habits."""


# %% noise-transposed | killed-by: visible
def corrected_loss(logits, labels, noise):
    """Rows and columns of the matrix mistaken for each other."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    joint = p * noise[labels]
    chance = joint.sum(axis=1, keepdims=True)
    return -np.mean(np.log(chance)), (p - joint / chance) / len(labels)


# %% diagonal-of-the-softmax-only | killed-by: visible
def corrected_loss(logits, labels, noise):
    """dL/dp times p (1 - p), without the other slopes of the softmax."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    chance = np.sum(p * noise[:, labels].T, axis=1, keepdims=True)
    dp = -noise[:, labels].T / chance / len(labels)
    return -np.mean(np.log(chance)), dp * p * (1 - p)


# %% noise-in-the-loss-only | killed-by: visible
def corrected_loss(logits, labels, noise):
    """The gradient of the ordinary cross-entropy."""
    loss, (p, y) = softmax_cross_entropy(logits, labels)
    chance = np.sum(p * noise[:, labels].T, axis=1)
    return -np.mean(np.log(chance)), softmax_cross_entropy_backward((p, y))


# %% joint-not-divided-by-the-chance | killed-by: visible
def corrected_loss(logits, labels, noise):
    """Bayes' rule without its denominator."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    joint = p * noise[:, labels].T
    return -np.mean(np.log(joint.sum(axis=1))), (p - joint) / len(labels)


# %% column-scaled-to-one | killed-by: visible
def corrected_loss(logits, labels, noise):
    """The second term from the noise alone, without the prediction."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    chance = np.sum(p * noise[:, labels].T, axis=1)
    column = noise / noise.sum(axis=0)
    return -np.mean(np.log(chance)), (p - column[:, labels].T) / len(labels)


# %% sum-over-the-batch | killed-by: hidden
def corrected_loss(logits, labels, noise):
    """A sum in both, so that the gradient check passes."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    joint = p * noise[:, labels].T
    chance = joint.sum(axis=1, keepdims=True)
    return -np.sum(np.log(chance)), p - joint / chance


# %% gradient-forgets-the-mean | killed-by: visible
def corrected_loss(logits, labels, noise):
    """The loss is a mean, the gradient that of a sum."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    joint = p * noise[:, labels].T
    chance = joint.sum(axis=1, keepdims=True)
    return -np.mean(np.log(chance)), p - joint / chance


# %% logits-mixed-in-place-of-probabilities | killed-by: visible
def corrected_loss(logits, labels, noise):
    """The teacher's matrix applied before the softmax."""
    loss, cache = softmax_cross_entropy(logits @ noise, labels)
    return loss, softmax_cross_entropy_backward(cache) @ noise.T


# %% mean-before-the-logarithm | killed-by: visible
def corrected_loss(logits, labels, noise):
    """The logarithm of the mean chance."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    joint = p * noise[:, labels].T
    chance = joint.sum(axis=1, keepdims=True)
    return -np.log(np.mean(chance)), (p - joint / chance) / len(labels)


# %% softmax-without-a-shift | killed-by: visible
def corrected_loss(logits, labels, noise):
    """Overflows above 709."""
    e = np.exp(logits)
    p = e / e.sum(axis=1, keepdims=True)
    joint = p * noise[:, labels].T
    chance = joint.sum(axis=1, keepdims=True)
    return -np.mean(np.log(chance)), (p - joint / chance) / len(labels)


# %% softmax-along-the-batch | killed-by: visible
def corrected_loss(logits, labels, noise):
    """The wrong axis."""
    e = np.exp(logits - logits.max(axis=0))
    p = e / e.sum(axis=0)
    joint = p * noise[:, labels].T
    chance = joint.sum(axis=1, keepdims=True)
    return -np.mean(np.log(chance)), (p - joint / chance) / len(labels)


# %% changes-the-noise | killed-by: visible
def corrected_loss(logits, labels, noise):
    """Scales the rows of the caller's matrix, which add up to 1 up to rounding, and more."""
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    joint = p * noise[:, labels].T
    chance = joint.sum(axis=1, keepdims=True)
    noise[:] = np.round(noise)
    return -np.mean(np.log(chance)), (p - joint / chance) / len(labels)


# %% back-through-the-matrix-product | accept
def corrected_loss(logits, labels, noise):
    """A layer at a time: softmax, matrix product, logarithm, and back."""
    B = len(labels)
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    q = p @ noise
    dq = np.zeros_like(q)
    dq[np.arange(B), labels] = -1 / (B * q[np.arange(B), labels])
    dp = dq @ noise.T
    dlogits = p * (dp - np.sum(dp * p, axis=1, keepdims=True))
    return -np.log(q[np.arange(B), labels]).mean(), dlogits


# %% whole-jacobian | accept
def corrected_loss(logits, labels, noise):
    """The (K, K) matrix of slopes, image by image."""
    B, K = logits.shape
    loss, dlogits = 0.0, np.empty((B, K))
    for i in range(B):
        p = np.exp(logits[i] - logits[i].max())
        p /= p.sum()
        column = noise[:, labels[i]]
        jacobian = np.diag(p) - np.outer(p, p)
        loss -= np.log(p @ column) / B
        dlogits[i] = -jacobian @ column / (p @ column) / B
    return loss, dlogits


# %% one-minus-a-ratio | accept
def corrected_loss(logits, labels, noise):
    """p (1 - noise / chance), in logarithms as far as they go."""
    log_p = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    column = noise.T[labels]
    chance = np.einsum("bk,bk->b", np.exp(log_p), column)
    return np.mean(-np.log(chance)), np.exp(log_p) * (1 - column / chance[:, None]) / len(labels)
