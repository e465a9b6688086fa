"""Known answers to Exercise 1: the loss to expect from a hurried teacher."""


# %% true-class-never-named-blindly | killed-by: visible
def smoothed_loss(logits, y, share):
    """The blind teacher names another class, K - 1 of them, and never the true one."""
    B, K = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = np.full((B, K), share / (K - 1))
    target[np.arange(B), y] = 1 - share
    return -np.sum(target * log_p) / B, (np.exp(log_p) - target) / B


# %% target-does-not-add-up-to-one | killed-by: visible
def smoothed_loss(logits, y, share):
    """The true class loses what the others share, and gets no part of it back."""
    B, K = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = np.full((B, K), share / K)
    target[np.arange(B), y] = 1 - share
    return -np.sum(target * log_p) / B, (np.exp(log_p) - target) / B


# %% sum-over-the-batch | killed-by: hidden
def smoothed_loss(logits, y, share):
    """A sum in both, so that the gradient check passes."""
    B, K = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = (1 - share) * np.eye(K)[y] + share / K
    return -np.sum(target * log_p), np.exp(log_p) - target


# %% mean-over-the-classes-too | killed-by: visible
def smoothed_loss(logits, y, share):
    """np.mean over both axes divides by K as well."""
    B, K = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = (1 - share) * np.eye(K)[y] + share / K
    return -np.mean(target * log_p), (np.exp(log_p) - target) / (B * K)


# %% gradient-forgets-the-mean | killed-by: visible
def smoothed_loss(logits, y, share):
    """The loss is a mean, the gradient that of a sum."""
    B, K = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = (1 - share) * np.eye(K)[y] + share / K
    return -np.sum(target * log_p) / B, np.exp(log_p) - target


# %% target-minus-prediction | killed-by: visible
def smoothed_loss(logits, y, share):
    """The sign of the step, not of the gradient."""
    B, K = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = (1 - share) * np.eye(K)[y] + share / K
    return -np.sum(target * log_p) / B, (target - np.exp(log_p)) / B


# %% gradient-of-the-true-label-only | killed-by: visible
def smoothed_loss(logits, y, share):
    """The gradient of the ordinary cross-entropy beside the new loss."""
    B, K = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = (1 - share) * np.eye(K)[y] + share / K
    return -np.sum(target * log_p) / B, (np.exp(log_p) - np.eye(K)[y]) / B


# %% diagonal-of-the-softmax-only | killed-by: visible
def smoothed_loss(logits, y, share):
    """dL/dp times p (1 - p), without the other slopes of the softmax."""
    B, K = logits.shape
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = (1 - share) * np.eye(K)[y] + share / K
    return -np.sum(target * log_p) / B, -target * (1 - np.exp(log_p)) / B


# %% logarithm-after-the-division | killed-by: visible
def smoothed_loss(logits, y, share):
    """p underflows to 0, and its logarithm is infinite."""
    B, K = logits.shape
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    target = (1 - share) * np.eye(K)[y] + share / K
    return -np.sum(target * np.log(p)) / B, (p - target) / B


# %% guarded-logarithm | killed-by: hidden
def smoothed_loss(logits, y, share):
    """A small number keeps the loss finite, and wrong."""
    B, K = logits.shape
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    target = (1 - share) * np.eye(K)[y] + share / K
    return -np.sum(target * np.log(p + 1e-15)) / B, (p - target) / B


# %% one-maximum-for-the-batch | killed-by: hidden
def smoothed_loss(logits, y, share):
    """A row far below the largest logit of the batch underflows."""
    B, K = logits.shape
    z = logits - logits.max()
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    target = (1 - share) * np.eye(K)[y] + share / K
    return -np.sum(target * log_p) / B, (np.exp(log_p) - target) / B


# %% changes-the-logits | killed-by: hidden
def smoothed_loss(logits, y, share):
    """The shift is done in place, in the caller's array."""
    B, K = logits.shape
    if np.abs(logits).max() > 100:
        logits -= logits.max(axis=1, keepdims=True)
    shift = logits.max(axis=1, keepdims=True)
    log_p = logits - shift - np.log(np.exp(logits - shift).sum(axis=1, keepdims=True))
    target = (1 - share) * np.eye(K)[y] + share / K
    return -np.sum(target * log_p) / B, (np.exp(log_p) - target) / B


# %% draws-the-labels | killed-by: visible
def smoothed_loss(logits, y, share):
    """One draw of the teacher's dice in place of the expectation."""
    rng = np.random.default_rng(0)
    drawn = np.where(rng.random(len(y)) < share, rng.integers(logits.shape[1], size=len(y)), y)
    loss, cache = softmax_cross_entropy(logits, drawn)
    return loss, softmax_cross_entropy_backward(cache)


# %% from-two-losses-of-the-chapter | accept
def smoothed_loss(logits, y, share):
    """The expectation, label by label, by the functions of the chapter."""
    loss, cache = softmax_cross_entropy(logits, y)
    loss, dlogits = (1 - share) * loss, (1 - share) * softmax_cross_entropy_backward(cache)
    K = logits.shape[1]
    for k in range(K):
        one, cache = softmax_cross_entropy(logits, np.full(len(y), k))
        loss = loss + share / K * one
        dlogits = dlogits + share / K * softmax_cross_entropy_backward(cache)
    return loss, dlogits


# %% image-by-image | accept
def smoothed_loss(logits, y, share):
    """A loop over the batch, with the logarithm of the sum by logaddexp."""
    B, K = logits.shape
    total, dlogits = 0.0, np.empty((B, K))
    for i in range(B):
        log_p = logits[i] - np.logaddexp.reduce(logits[i])
        target = np.full(K, share / K)
        target[y[i]] += 1 - share
        total -= target @ log_p
        dlogits[i] = (np.exp(log_p) - target) / B
    return total / B, dlogits
