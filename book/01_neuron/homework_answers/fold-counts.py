"""Known answers to fold-counts: right ones in other shapes, and mistakes that people make."""


# %% counted by running | accept
def fold_counts(n):
    """Pieces of n folds, parameters of the folding network, and of a flat one."""
    pieces = 1
    for _ in range(n):
        pieces = 2 * pieces
    sizes = [1] + [2] * n + [1]
    folded = sum((a + 1) * b for a, b in zip(sizes[:-1], sizes[1:], strict=True))
    return [pieces, folded, (1 + 1) * pieces + (pieces + 1) * 1]


# %% closed forms | accept
def fold_counts(n):
    """Pieces of n folds, parameters of the folding network, and of a flat one."""
    return np.array([2**n, 6 * n + 1, 3 * 2**n + 1])


# %% two pieces more for each fold | killed-by: hidden
def fold_counts(n):
    """Pieces of n folds, parameters of the folding network, and of a flat one."""
    return 2 * n, 6 * n + 1, 6 * n + 1


# %% kinks for pieces | killed-by: visible
def fold_counts(n):
    """Pieces of n folds, parameters of the folding network, and of a flat one."""
    return 2**n - 1, 6 * n + 1, 3 * (2**n - 1) + 1


# %% biases forgotten | killed-by: visible
def fold_counts(n):
    """Pieces of n folds, parameters of the folding network, and of a flat one."""
    return 2**n, 4 * n, 2 * 2**n


# %% output bias forgotten | killed-by: visible
def fold_counts(n):
    """Pieces of n folds, parameters of the folding network, and of a flat one."""
    return 2**n, 6 * n, 3 * 2**n


# %% layers not merged | killed-by: hidden
def fold_counts(n):
    """Pieces of n folds, parameters of the folding network, and of a flat one."""
    return 2**n, 7 * n, 3 * 2**n + 1


# %% merged layers without their biases | killed-by: hidden
def fold_counts(n):
    """Pieces of n folds, parameters of the folding network, and of a flat one."""
    return 2**n, 7 + 4 * (n - 1), 3 * 2**n + 1


# %% one layer too many | killed-by: visible
def fold_counts(n):
    """Pieces of n folds, parameters of the folding network, and of a flat one."""
    return 2**n, 6 * n + 7, 3 * 2**n + 1


# %% teeth for pieces | killed-by: visible
def fold_counts(n):
    """Pieces of n folds, parameters of the folding network, and of a flat one."""
    return 2 ** (n - 1), 6 * n + 1, 3 * 2 ** (n - 1) + 1


# %% squares instead of powers | killed-by: hidden
def fold_counts(n):
    """Pieces of n folds, parameters of the folding network, and of a flat one."""
    return n**2 + 1, 6 * n + 1, 3 * (n**2 + 1) + 1


# %% another order | killed-by: hidden
def fold_counts(n):
    """Pieces of n folds, parameters of the folding network, and of a flat one."""
    return 2**n, 3 * 2**n + 1, 6 * n + 1
