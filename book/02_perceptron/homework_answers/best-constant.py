"""Known answers to best-constant: each section replaces the whole answer cell."""


# %% no square root | killed-by: visible
def best_constant(r, b, d):
    return r * abs(b), ((r + abs(b)) / d) ** 2


# %% geometric mean of the wrong two | killed-by: visible
def best_constant(r, b, d):
    return np.sqrt(r * d), ((r + abs(b)) / d) ** 2


# %% the constant as long as the longest row | killed-by: visible
def best_constant(r, b, d):
    return r, 2 * (r**2 + b**2) / d**2


# %% sum of squares for the square of the sum | killed-by: visible
def best_constant(r, b, d):
    return np.sqrt(r * abs(b)), (r**2 + b**2) / d**2


# %% bound not squared | killed-by: visible
def best_constant(r, b, d):
    return np.sqrt(r * abs(b)), (r + abs(b)) / d


# %% distance forgotten | killed-by: visible
def best_constant(r, b, d):
    return np.sqrt(r * abs(b)), (r + abs(b)) ** 2


# %% pair in the other order | killed-by: visible
def best_constant(r, b, d):
    return ((r + abs(b)) / d) ** 2, np.sqrt(r * abs(b))


# %% search among whole numbers | killed-by: hidden
def best_constant(r, b, d):
    c = np.arange(1.0, 1000.0)
    bounds = (r**2 + c**2) * (1 + b**2 / c**2) / d**2
    return c[np.argmin(bounds)], bounds.min()


# %% root of a negative number | killed-by: hidden
def best_constant(r, b, d):
    with np.errstate(invalid="ignore"):
        return np.sqrt(r * b), ((r + b) / d) ** 2


# %% sign of the bias kept in the bound | killed-by: hidden
def best_constant(r, b, d):
    return np.sqrt(r * abs(b)), ((r + b) / d) ** 2


# %% division by zero without a bias | killed-by: hidden
def best_constant(r, b, d):
    c = np.sqrt(r * abs(b))
    with np.errstate(divide="ignore", invalid="ignore"):
        return c, (r**2 + c**2) * (1 + np.float64(b) ** 2 / c**2) / d**2


# %% constant 1 where there is no best | killed-by: hidden
def best_constant(r, b, d):
    return np.sqrt(r * abs(b)) or 1.0, ((r + abs(b)) / d) ** 2


# %% from the derivative, put back into the bound | accept
def best_constant(r, b, d):
    if b == 0:
        return 0.0, (r / d) ** 2
    c = (r**2 * b**2) ** 0.25
    return c, (r**2 + c**2) * (1 + b**2 / c**2) / d**2


# %% multiplied out | accept
def best_constant(r, b, d):
    product = r * np.abs(b)
    return product**0.5, (r**2 + b**2 + 2 * product) / d**2


# %% a list instead of a pair | accept
def best_constant(r, b, d):
    return [float(np.sqrt(np.abs(r * b))), float((r + abs(b)) ** 2 / d**2)]
