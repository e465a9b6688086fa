"""Known answers to survey: right ones in other shapes, and mistakes that people make."""

# %% more digits | accept
survey = {1: (10.945, 10), 2: (10.5875, 10), 4: (10.78, 10), 8: (10.8625, 6)}

# %% measured in the cell | accept
survey = {}
for layers in (8, 4, 2, 1):
    counts = []
    for start, end, params in walks(layers):
        x, count = np.linspace(start, end, 501), 0
        for z in forward(x, params)[:-1]:
            count += np.sum((z[1:] > 0) ^ (z[:-1] > 0))
        counts.append(count)
    survey[layers] = [round(np.mean(counts), 1), round(np.median(counts), 1)]

# %% only the means | killed-by: visible
survey = {1: (10.9,), 2: (10.6,), 4: (10.8,), 8: (10.9,)}

# %% as a list | killed-by: visible
survey = [(10.9, 10.0), (10.6, 10.0), (10.8, 10.0), (10.9, 6.0)]

# %% widths for depths | killed-by: visible
survey = {64: (10.9, 10.0), 32: (10.6, 10.0), 16: (10.8, 10.0), 8: (10.9, 6.0)}

# %% largest for median | killed-by: visible
survey = {1: (10.9, 27), 2: (10.6, 31), 4: (10.8, 44), 8: (10.9, 84)}

# %% median first | killed-by: hidden
survey = {1: (10.0, 10.9), 2: (10.0, 10.6), 4: (10.0, 10.8), 8: (6.0, 10.9)}

# %% what one expects, doubling with depth | killed-by: hidden
survey = {1: (5.0, 5.0), 2: (10.0, 10.0), 4: (20.0, 20.0), 8: (40.0, 40.0)}

# %% means of the eight layers taken for all | killed-by: hidden
survey = {1: (10.9, 6.0), 2: (10.9, 6.0), 4: (10.9, 6.0), 8: (10.9, 6.0)}

# %% divided by the units | killed-by: hidden
survey = {1: (0.2, 0.2), 2: (0.2, 0.2), 4: (0.2, 0.2), 8: (0.2, 0.1)}

# %% two ends only | killed-by: hidden
survey = {}
for layers in (1, 2, 4, 8):
    counts = []
    for start, end, params in walks(layers):
        z = np.hstack(forward(np.stack([start, end]), params)[:-1]) > 0
        counts.append(np.sum(z[0] != z[1]))
    survey[layers] = (np.mean(counts), np.median(counts))

# %% last hidden layer only | killed-by: visible
survey = {}
for layers in (1, 2, 4, 8):
    counts = []
    for start, end, params in walks(layers):
        z = forward(np.linspace(start, end, 501), params)[-2] > 0
        counts.append(np.sum(np.diff(z, axis=0)))
    survey[layers] = (np.mean(counts), np.median(counts))

# %% mean off by a tenth | killed-by: hidden
survey = {1: (10.9, 10.0), 2: (10.6, 10.0), 4: (10.8, 10.0), 8: (11.0, 6.0)}
