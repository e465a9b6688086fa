"""Known answers to max-network: right ones in other shapes, and mistakes that people make."""


# %% the other input passes | accept
def max_network():
    """Parameters of a 2-3-1 ReLU network whose output is the larger input."""
    W1 = np.array([[-1, 1, -1], [1, 0, 0]])  # relu(x2 - x1) + x1
    return {"W1": W1, "b1": np.zeros(3), "W2": np.array([[1], [1], [-1]]), "b2": np.zeros(1)}


# %% other scales and order, lists | accept
def max_network():
    """Parameters of a 2-3-1 ReLU network whose output is the larger input."""
    W1, W2 = [[0.0, 2.0, 0.0], [-3.0, -2.0, 5.0]], [[-1 / 3], [0.5], [0.2]]
    return {"W1": W1, "b1": [0.0, 0.0, 0.0], "W2": W2, "b2": [0.0]}


# %% larger minus what is too much | accept
def max_network():
    """Parameters of a 2-3-1 ReLU network whose output is the larger input."""
    W1 = np.stack([[-1.0, 1.0], [1.0, 0.0], [-1.0, 0.0]], axis=1)
    W2 = np.array([1.0, 1.0, -1.0]).reshape(3, 1)
    return dict(W1=W1, b1=np.zeros(3), W2=W2, b2=np.zeros(1))


# %% negative numbers lost | killed-by: visible
def max_network():
    """Parameters of a 2-3-1 ReLU network whose output is the larger input."""
    W1 = np.array([[1.0, 0.0, 0.0], [-1.0, 1.0, 0.0]])
    W2 = np.array([[1.0], [1.0], [0.0]])
    return {"W1": W1, "b1": np.zeros(3), "W2": W2, "b2": np.zeros(1)}


# %% half the sum and half the gap, the sum through one ReLU | killed-by: visible
def max_network():
    """Parameters of a 2-3-1 ReLU network whose output is the larger input."""
    W1 = np.array([[1.0, 1.0, -1.0], [1.0, -1.0, 1.0]])
    W2 = np.full((3, 1), 0.5)
    return {"W1": W1, "b1": np.zeros(3), "W2": W2, "b2": np.zeros(1)}


# %% smaller instead of larger | killed-by: visible
def max_network():
    """Parameters of a 2-3-1 ReLU network whose output is the larger input."""
    W1 = np.array([[1.0, 1.0, -1.0], [-1.0, 0.0, 0.0]])
    W2 = np.array([[-1.0], [1.0], [-1.0]])
    return {"W1": W1, "b1": np.zeros(3), "W2": W2, "b2": np.zeros(1)}


# %% W1 transposed, one row per unit | killed-by: visible
def max_network():
    """Parameters of a 2-3-1 ReLU network whose output is the larger input."""
    W1 = np.array([[1.0, -1.0], [0.0, 1.0], [0.0, -1.0]])
    W2 = np.array([[1.0], [1.0], [-1.0]])
    return {"W1": W1, "b1": np.zeros(3), "W2": W2, "b2": np.zeros(1)}


# %% flat output weights | killed-by: visible
def max_network():
    """Parameters of a 2-3-1 ReLU network whose output is the larger input."""
    W1 = np.array([[1.0, 0.0, 0.0], [-1.0, 1.0, -1.0]])
    return {"W1": W1, "b1": np.zeros(3), "W2": np.array([1.0, 1.0, -1.0]), "b2": np.zeros(1)}


# %% wrong input added | killed-by: visible
def max_network():
    """Parameters of a 2-3-1 ReLU network whose output is the larger input."""
    W1 = np.array([[1.0, 1.0, -1.0], [-1.0, 0.0, 0.0]])
    W2 = np.array([[1.0], [1.0], [-1.0]])
    return {"W1": W1, "b1": np.zeros(3), "W2": W2, "b2": np.zeros(1)}


# %% a large bias keeps the second input positive | killed-by: hidden
def max_network():
    """Parameters of a 2-3-1 ReLU network whose output is the larger input."""
    W1 = np.array([[1.0, 0.0, 0.0], [-1.0, 1.0, 0.0]])
    W2 = np.array([[1.0], [1.0], [0.0]])
    return {"W1": W1, "b1": np.array([0.0, 100.0, 0.0]), "W2": W2, "b2": np.array([-100.0])}


# %% fitted to the three examples | killed-by: hidden
def max_network():
    """Parameters of a 2-3-1 ReLU network whose output is the larger input."""
    W1 = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
    x = np.array([[3.0, 5.0], [5.0, 3.0], [-1.0, -2.0]])
    W2 = np.linalg.solve(np.maximum(x @ W1, 0), x.max(axis=1))
    return {"W1": W1, "b1": np.zeros(3), "W2": W2[:, None], "b2": np.zeros(1)}


# %% a small slip in a weight | killed-by: hidden
def max_network():
    """Parameters of a 2-3-1 ReLU network whose output is the larger input."""
    W1 = np.array([[1.0, 0.0, 1e-6], [-1.0, 1.0, -1.0]])
    W2 = np.array([[1.0], [1.0], [-1.0]])
    return {"W1": W1, "b1": np.array([0.0, 0.0, 1e-6]), "W2": W2, "b2": np.zeros(1)}
