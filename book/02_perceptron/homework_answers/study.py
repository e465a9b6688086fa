"""Known answers to study: each section replaces the whole answer cell."""


# %% labels forgotten in the sum | killed-by: visible
def study(count, seen, y_seen, test, y_test, degree):
    m = count(kernel(seen, seen, degree), y_seen, 100)
    z = kernel(test, seen, degree) @ m
    return m.sum(), (m > 0).sum(), (y_test * z <= 0).sum()


# %% products of test examples with themselves | killed-by: hidden
def study(count, seen, y_seen, test, y_test, degree):
    m = count(kernel(seen, seen, degree), y_seen, 100)
    z = kernel(test, test, degree) @ (m * y_seen)[: len(test)]
    return m.sum(), (m > 0).sum(), (y_test * z <= 0).sum()


# %% counts from products with the test examples | killed-by: visible
def study(count, seen, y_seen, test, y_test, degree):
    m = count(kernel(seen, test, degree), y_seen, 100)
    z = kernel(test, seen, degree) @ (m * y_seen)
    return m.sum(), (m > 0).sum(), (y_test * z <= 0).sum()


# %% right for wrong | killed-by: visible
def study(count, seen, y_seen, test, y_test, degree):
    m = count(kernel(seen, seen, degree), y_seen, 100)
    z = kernel(test, seen, degree) @ (m * y_seen)
    return m.sum(), (m > 0).sum(), 1 + (y_test * z > 0).sum()


# %% examples never mistaken | killed-by: visible
def study(count, seen, y_seen, test, y_test, degree):
    m = count(kernel(seen, seen, degree), y_seen, 100)
    z = kernel(test, seen, degree) @ (m * y_seen)
    return m.sum(), (m == 0).sum(), (y_test * z <= 0).sum()


# %% shares instead of numbers | killed-by: visible
def study(count, seen, y_seen, test, y_test, degree):
    m = count(kernel(seen, seen, degree), y_seen, 100)
    z = kernel(test, seen, degree) @ (m * y_seen)
    return m.sum(), (m > 0).mean(), (y_test * z <= 0).mean()


# %% one epoch | killed-by: visible
def study(count, seen, y_seen, test, y_test, degree):
    m = count(kernel(seen, seen, degree), y_seen, 1)
    z = kernel(test, seen, degree) @ (m * y_seen)
    return m.sum(), (m > 0).sum(), (y_test * z <= 0).sum()


# %% degree forgotten in the test | killed-by: hidden
def study(count, seen, y_seen, test, y_test, degree):
    m = count(kernel(seen, seen, degree), y_seen, 100)
    z = kernel(test, seen, 1) @ (m * y_seen)
    return m.sum(), (m > 0).sum(), (y_test * z <= 0).sum()


# %% degree forgotten in training | killed-by: hidden
def study(count, seen, y_seen, test, y_test, degree):
    m = count(kernel(seen, seen, 1), y_seen, 100)
    z = kernel(test, seen, degree) @ (m * y_seen)
    return m.sum(), (m > 0).sum(), (y_test * z <= 0).sum()


# %% z of zero counts as right | killed-by: hidden
def study(count, seen, y_seen, test, y_test, degree):
    m = count(kernel(seen, seen, degree), y_seen, 100)
    z = kernel(test, seen, degree) @ (m * y_seen)
    return m.sum(), (m > 0).sum(), (y_test * z < 0).sum()


# %% mistaken or not, for how often | killed-by: hidden
def study(count, seen, y_seen, test, y_test, degree):
    m = count(kernel(seen, seen, degree), y_seen, 100)
    z = kernel(test, seen, degree) @ ((m > 0) * y_seen)
    return m.sum(), (m > 0).sum(), (y_test * z <= 0).sum()


# %% wrong among the training examples | killed-by: hidden
def study(count, seen, y_seen, test, y_test, degree):
    m = count(kernel(seen, seen, degree), y_seen, 100)
    z = kernel(seen, seen, degree) @ (m * y_seen)
    return m.sum(), (m > 0).sum(), (y_seen * z <= 0).sum() + (len(test) == 2)


# %% only the kept examples, one at a time | accept
def study(count, seen, y_seen, test, y_test, degree):
    m = np.asarray(count(kernel(seen, seen, degree), y_seen, 100))
    kept = np.flatnonzero(m)
    z = np.zeros(len(test))
    for i in kept:
        z += m[i] * y_seen[i] * kernel(test, seen[i : i + 1], degree)[:, 0]
    return int(m.sum()), len(kept), int(np.sum(~(y_test * z > 0)))


# %% products the other way round | accept
def study(count, seen, y_seen, test, y_test, degree):
    m = count(G=kernel(seen, seen, degree), y=y_seen, epochs=100)
    z = (m * y_seen) @ kernel(seen, test, degree)
    return [np.sum(m), np.count_nonzero(m), len(test) - np.sum(y_test * z > 0)]


# %% / for *: z = kernel(test, seen, degree) @ (m * y_seen) | equivalent
# Dividing by -1 or +1 is multiplying by it.
