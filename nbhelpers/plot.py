"""The book's figures: one look, one meaning per color.

Every function takes arrays that are already computed and draws them; none trains, predicts or
reads a model.  Each accepts ``ax``, to draw into a figure of your own, and returns what it drew
on.  A cell that draws ends with ``plt.show()``.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = [
    "COLORS", "STYLES", "use_style", "curves", "scatter", "regions", "matrix", "images",
    "bars", "gradient_flow",
]  # fmt: skip

COLORS = {
    "ours": "#0072B2",  # ours, training
    "error": "#D55E00",  # validation, error, gradient
    "reference": "#009E73",  # PyTorch, reference
    "fourth": "#CC79A7",
    "baseline": "#666666",
}
"""The palette (Okabe and Ito, safe for color-blind readers) by meaning."""

STYLES = dict(zip(COLORS, ["-", "--", "-.", (0, (4, 1, 1, 1, 1, 1)), ":"], strict=True))
"""Each color's own line style, so that no figure depends on color alone."""

MARKERS = dict(zip(COLORS, "os^Dx", strict=True))
TINTS = ["#CFE3F1", "#FBE0CC", "#CDEBE1", "#F4E1EC", "#E2E2E2"]  # COLORS, mixed with white


def use_style() -> None:
    """Give Matplotlib the look of the book, for the rest of the session."""
    plt.rcParams.update(
        {
            "figure.figsize": (6, 2.8),
            "figure.dpi": 140,
            "figure.facecolor": "white",
            "savefig.facecolor": "white",
            "figure.constrained_layout.use": True,
            "axes.prop_cycle": plt.cycler(color=COLORS.values(), linestyle=STYLES.values()),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 11,
            "axes.labelsize": 10,
            "axes.axisbelow": True,
            "font.size": 10,
            "legend.frameon": False,
            "legend.fontsize": 9,
            "lines.linewidth": 1.8,
            "image.cmap": "viridis",
        }
    )
    try:  # in a notebook: keep the full width of every figure instead of cropping each differently
        from IPython import get_ipython
        from matplotlib_inline.config import InlineBackend
    except ImportError:
        return
    if get_ipython() is not None:
        InlineBackend.instance(parent=get_ipython()).print_figure_kwargs = {"bbox_inches": None}


def _axes(ax: Axes | None) -> Axes:
    return plt.subplots()[1] if ax is None else ax


def _label(ax: Axes, title: str | None, xlabel: str | None, ylabel: str | None) -> Axes:
    ax.set(title=title or "", xlabel=xlabel or "", ylabel=ylabel or "")
    return ax


def _roles(count: int, colors: Sequence[str] | None) -> list[str]:
    """Names of ``COLORS``, one per thing drawn."""
    roles = list(COLORS) if colors is None else list(colors)
    unknown = [r for r in roles if r not in COLORS]
    if unknown:
        raise ValueError(f"No color is called {unknown[0]!r}: choose from {', '.join(COLORS)}.")
    if count > len(roles):
        raise ValueError(f"{count} things but {len(roles)} colors: draw fewer in one figure.")
    return roles[:count]


def curves(
    x: np.ndarray,
    ys: Mapping[str, np.ndarray],
    title: str | None = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    ax: Axes | None = None,
    colors: Sequence[str] | None = None,
    bands: Mapping[str, tuple[np.ndarray, np.ndarray]] | None = None,
    logx: bool = False,
    logy: bool = False,
) -> Axes:
    """Draw one line per entry of ``ys``, each with its own color and line style.

    Parameters
    ----------
    x : array, shape (T,)
    ys : mapping of label to array, shape (T,)
    colors : names of :data:`COLORS`, one per line; by default in the palette's order.
    bands : mapping of label to (low, high), each of shape (T,), shaded behind that line, for
        instance the range over seeds.
    logx, logy : logarithmic axes.

    Raises
    ------
    ValueError
        If a color has no such name, or there are more lines than colors.
    """
    ax = _axes(ax)
    for role, (label, y) in zip(_roles(len(ys), colors), ys.items(), strict=True):
        ax.plot(x, y, color=COLORS[role], linestyle=STYLES[role], label=label)
        if bands and label in bands:
            ax.fill_between(x, *bands[label], color=COLORS[role], alpha=0.2, linewidth=0)
    if logx:
        ax.set_xscale("log")
    if logy:
        ax.set_yscale("log")
    if len(ys) > 1:
        ax.legend()
    return _label(ax, title, xlabel, ylabel)


def scatter(
    points: np.ndarray,
    labels: np.ndarray,
    names: Mapping[int, str] | Sequence[str],
    title: str | None = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    ax: Axes | None = None,
    colors: Sequence[str] | None = None,
) -> Axes:
    """Draw labeled points in the plane, one color and marker per class.

    Parameters
    ----------
    points : array, shape (B, 2)
    labels : array of int, shape (B,)
    names : the name of each label, as a mapping or as a sequence indexed by label.
    """
    ax = _axes(ax)
    items = names.items() if isinstance(names, Mapping) else enumerate(names)
    for role, (value, name) in zip(_roles(len(names), colors), items, strict=True):
        x, y = points[labels == value].T
        edge = {} if MARKERS[role] == "x" else {"edgecolors": "white", "linewidths": 0.5}
        ax.scatter(x, y, s=22, color=COLORS[role], marker=MARKERS[role], label=name, **edge)
    ax.legend()
    return _label(ax, title, xlabel, ylabel)


def regions(
    grid_x: np.ndarray,
    grid_y: np.ndarray,
    values: np.ndarray,
    title: str | None = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Tint the plane by predicted class and draw the boundaries between the classes.

    Parameters
    ----------
    grid_x, grid_y : arrays, shape (n,) and (m,)
    values : array of int, shape (m, n): the class 0, 1, ... predicted at each grid point.
        Classes take the colors of :data:`COLORS` in order, paler.
    """
    ax = _axes(ax)
    count = int(values.max()) + 1
    levels = np.arange(count + 1) - 0.5
    ax.contourf(grid_x, grid_y, values, levels=levels, colors=TINTS[:count])
    ax.contour(grid_x, grid_y, values, levels=levels[1:-1], colors="black", linewidths=1)
    return _label(ax, title, xlabel, ylabel)


def matrix(
    values: np.ndarray,
    title: str | None = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    ax: Axes | None = None,
    signed: bool = False,
    annotate: str | None = None,
) -> Axes:
    """Draw a matrix as a heat map: weights, attention, a confusion matrix.

    Parameters
    ----------
    values : array, shape (n, m)
    rows, columns : tick labels.
    signed : center a diverging color map at 0; otherwise dark is small and bright is large.
    annotate : a format for the number in each cell, for instance ``"d"`` or ``".2f"``.
    """
    ax = _axes(ax)
    top = np.abs(values).max() or 1.0
    limits = {"cmap": "RdBu_r", "vmin": -top, "vmax": top} if signed else {"cmap": "viridis"}
    picture = ax.imshow(values, aspect="auto", **limits)
    ax.spines[:].set_visible(False)
    for axis, names in ((ax.xaxis, columns), (ax.yaxis, rows)):
        if names is not None:
            axis.set_ticks(range(len(names)), names)
            axis.set_tick_params(length=0)
    if annotate is None:
        ax.figure.colorbar(picture, ax=ax, shrink=0.9)
        return _label(ax, title, xlabel, ylabel)
    for (i, j), value in np.ndenumerate(values):
        r, g, b, _ = picture.cmap(picture.norm(value))
        ink = "black" if 0.299 * r + 0.587 * g + 0.114 * b > 0.5 else "white"
        ax.text(j, i, format(value, annotate), ha="center", va="center", color=ink, size=8)
    return _label(ax, title, xlabel, ylabel)


def images(
    pictures: np.ndarray,
    titles: Sequence[str] | None = None,
    title: str | None = None,
    columns: int = 8,
    signed: bool = False,
) -> Figure:
    """Draw a sheet of small images.

    Parameters
    ----------
    pictures : array, shape (B, h, w) or (B, h, w, 3)
    titles : one short title per image.
    columns : images per row.
    signed : center a diverging color map at 0, for filters and differences.
    """
    rows = -(-len(pictures) // columns)
    side = 6 / columns
    height = rows * side * (1.25 if titles is not None else 1.05) + (0.4 if title else 0.1)
    fig, axes = plt.subplots(rows, columns, figsize=(6, height), squeeze=False)
    top = np.abs(pictures).max() or 1.0
    limits = {"cmap": "RdBu_r", "vmin": -top, "vmax": top} if signed else {"cmap": "gray"}
    for ax in axes.flat:
        ax.set_axis_off()
    for i, (ax, picture) in enumerate(zip(axes.flat, pictures, strict=False)):
        ax.imshow(picture, **limits)
        if titles is not None:
            ax.set_title(titles[i], loc="center", size=8, pad=3)
    if title:
        fig.suptitle(title, x=0.01, ha="left", size=11)
    return fig


def bars(
    values: Mapping[str, float],
    title: str | None = None,
    xlabel: str | None = None,
    ax: Axes | None = None,
    color: str = "ours",
    annotate: str | None = None,
) -> Axes:
    """Draw one horizontal bar per entry, the first on top.

    Parameters
    ----------
    values : mapping of label to number; negative bars run to the left of the axis.
    color : a name of :data:`COLORS`, for all bars; negative ones are drawn in ``"error"``.
    annotate : a format for the number written beside each bar, for instance ``".2f"``.
    """
    ax = _axes(ax)
    names, heights = list(values), np.array(list(values.values()), dtype=float)
    inks = [COLORS["error"] if v < 0 else COLORS[_roles(1, [color])[0]] for v in heights]
    drawn = ax.barh(names, heights, color=inks, height=0.7)
    if annotate:
        ax.bar_label(drawn, [format(v, annotate) for v in heights], padding=3, size=9)
        ax.margins(x=0.15)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.invert_yaxis()
    return _label(ax, title, xlabel, None)


def gradient_flow(
    norms: Mapping[str, np.ndarray],
    title: str | None = None,
    xlabel: str = "layer",
    ylabel: str = "size of the gradient",
    ax: Axes | None = None,
    colors: Sequence[str] | None = None,
) -> Axes:
    """Draw the size of the gradient that reaches each layer, on one logarithmic axis.

    Parameters
    ----------
    norms : mapping of label to array, shape (number of layers,): first entry, layer 1.
    """
    ax = _axes(ax)
    for role, (label, sizes) in zip(_roles(len(norms), colors), norms.items(), strict=True):
        style = {"linestyle": STYLES[role], "marker": MARKERS[role], "markersize": 4}
        ax.semilogy(np.arange(1, len(sizes) + 1), sizes, color=COLORS[role], label=label, **style)
    ax.legend()
    return _label(ax, title, xlabel, ylabel)
