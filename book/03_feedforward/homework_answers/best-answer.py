"""Known answers to Exercise 2: the best logits and the lowest loss."""


# %% blind-labels-miss-the-true-class | killed-by: visible
def best_answer(K, share):
    """share / (K - 1) for the others."""
    other = share / (K - 1)
    true = 1 - share
    return np.log(true / other), -true * np.log(true) - share * np.log(other)


# %% ten-classes-hard-coded | killed-by: visible
def best_answer(K, share):
    """Right for digits."""
    other = share / 10
    true = 1 - share + other
    return np.log(true / other), -true * np.log(true) - 9 * other * np.log(other)


# %% one-other-class | killed-by: visible
def best_answer(K, share):
    """The loss counts one of the K - 1 other classes."""
    other = share / K
    true = 1 - share + other
    return np.log(true / other), -true * np.log(true) - other * np.log(other)


# %% all-classes-counted-as-others | killed-by: visible
def best_answer(K, share):
    """K others instead of K - 1."""
    other = share / K
    true = 1 - share + other
    return np.log(true / other), -true * np.log(true) - K * other * np.log(other)


# %% loss-of-the-true-label | killed-by: visible
def best_answer(K, share):
    """The loss when the teacher tells the truth, not its expectation."""
    other = share / K
    true = 1 - share + other
    return np.log(true / other), -np.log(true)


# %% ratio-without-logarithm | killed-by: visible
def best_answer(K, share):
    """A ratio of probabilities is not a difference of logits."""
    other = share / K
    true = 1 - share + other
    return true / other, -true * np.log(true) - (K - 1) * other * np.log(other)


# %% gap-upside-down | killed-by: visible
def best_answer(K, share):
    """The others exceed the true class."""
    other = share / K
    true = 1 - share + other
    return np.log(other / true), -true * np.log(true) - (K - 1) * other * np.log(other)


# %% logarithm-to-base-two | killed-by: visible
def best_answer(K, share):
    """Bits, where the cross-entropy of the chapter is in natural units."""
    other = share / K
    true = 1 - share + other
    return np.log(true / other), -true * np.log2(true) - (K - 1) * other * np.log2(other)


# %% guarded-logarithm | killed-by: visible
def best_answer(K, share):
    """A small number that is not small beside share / K."""
    other = share / K + 1e-7
    true = 1 - share + share / K
    return np.log(true / other), -true * np.log(true) - (K - 1) * other * np.log(other)


# %% search-on-a-short-grid | killed-by: hidden
def best_answer(K, share):
    """A search that ends at a gap of 4."""
    if share == 1:
        return 0.0, np.log(K)
    gaps = np.linspace(0, 4, 4_000_001)
    losses = np.log(np.exp(gaps) + K - 1) - (1 - share + share / K) * gaps
    return gaps[losses.argmin()], losses.min()


# %% one-formula-for-the-gap | accept
def best_answer(K, share):
    """The loss of the logits (gap, 0, ..., 0)."""
    gap = np.log1p(K * (1 - share) / share)
    return gap, np.log(np.exp(gap) + K - 1) - (1 - share + share / K) * gap


# %% entropy-of-a-row | accept
def best_answer(K, share):
    """All K probabilities, and the entropy of their row; plain Python numbers."""
    p = np.full(K, share / K)
    p[0] += 1 - share
    return float(np.log(p[0]) - np.log(p[-1])), float(-(p * np.log(p)).sum())
