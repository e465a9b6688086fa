"""Known answers to mistake-bound: each section replaces the whole answer cell."""


# %% margin of a vector that is no unit vector | killed-by: visible
def mistake_bound(c, r, b, d):
    return (r**2 + c**2) / d**2


# %% constant 1, as in the chapter | killed-by: visible
def mistake_bound(c, r, b, d):
    return (r**2 + 1) * (1 + b**2) / d**2 + 0 * c


# %% bias not divided by the constant | killed-by: visible
def mistake_bound(c, r, b, d):
    return (r**2 + c**2) * (1 + b**2) / d**2


# %% bias multiplied by the constant | killed-by: visible
def mistake_bound(c, r, b, d):
    return (r**2 + c**2) * (1 + b**2 * c**2) / d**2


# %% ratio not squared | killed-by: visible
def mistake_bound(c, r, b, d):
    return np.sqrt((r**2 + c**2) * (1 + b**2 / c**2)) / d


# %% constant forgotten in the longest row | killed-by: visible
def mistake_bound(c, r, b, d):
    return r**2 * (1 + b**2 / c**2) / d**2


# %% lengths added before squaring | killed-by: visible
def mistake_bound(c, r, b, d):
    return (r + c) ** 2 * (1 + b**2 / c**2) / d**2


# %% margin multiplied by the length | killed-by: visible
def mistake_bound(c, r, b, d):
    gamma = d * np.sqrt(1 + b**2 / c**2)
    return (r**2 + c**2) / gamma**2


# %% numbers only, no array of constants | killed-by: visible
def mistake_bound(c, r, b, d):
    c = float(np.ravel(c)[0])
    return (r**2 + c**2) * (1 + b**2 / c**2) / d**2


# %% wrong for a negative bias | killed-by: hidden
def mistake_bound(c, r, b, d):
    return (r**2 + c**2) * (1 + max(b, 0) ** 2 / c**2) / d**2


# %% the best bound whatever the constant, at the visible numbers | killed-by: hidden
def mistake_bound(c, r, b, d):
    return np.where(c == 2, 16.25, 12.5)


# %% radius and margin, step by step | accept
def mistake_bound(c, r, b, d):
    radius = np.hypot(r, c)
    gamma = d / np.hypot(1, b / c)
    return (radius / gamma) ** 2


# %% multiplied out | accept
def mistake_bound(c, r, b, d):
    return (r**2 + b**2 + c**2 + (r * b / c) ** 2) / d**2


# %% one constant at a time | accept
def mistake_bound(c, r, b, d):
    c = np.asarray(c, dtype=float)
    bounds = [(r * r + a * a) * (a * a + b * b) / (a * a * d * d) for a in c.ravel()]
    return np.reshape(bounds, c.shape)
