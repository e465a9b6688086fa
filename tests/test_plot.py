"""Figures hold what they were given, in the colors of the book."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

from nbhelpers import plot


@pytest.fixture(autouse=True)
def close_figures():
    plot.use_style()
    yield
    plt.close("all")


def test_style_is_opaque_white_without_top_and_right_spines():
    fig, ax = plt.subplots()
    assert fig.get_facecolor() == (1, 1, 1, 1) and tuple(fig.get_size_inches()) == (6, 2.8)
    assert not ax.spines["top"].get_visible() and not ax.spines["right"].get_visible()


def test_curves_draw_what_they_get():
    x, y = np.arange(3), np.array([3.0, 1.0, 2.0])
    ax = plot.curves(x, {"a": y, "b": -y}, "T", "x", "y", bands={"a": (y - 1, y + 1)}, logy=True)
    assert [line.get_ydata().tolist() for line in ax.lines] == [y.tolist(), (-y).tolist()]
    colors = [to_hex(line.get_color()).upper() for line in ax.lines]
    assert colors == ["#0072B2", "#D55E00"]
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()
    assert (ax.get_title(loc="left"), ax.get_xlabel(), ax.get_yscale()) == ("T", "x", "log")
    assert len(ax.collections) == 1 and ax.get_legend() is not None


def test_colors_are_chosen_by_meaning():
    ax = plot.curves([0, 1], {"baseline": [1, 1]}, colors=["baseline"])
    assert to_hex(ax.lines[0].get_color()).upper() == plot.COLORS["baseline"]
    with pytest.raises(ValueError, match="No color is called 'pink': choose from ours"):
        plot.curves([0], {"a": [0]}, colors=["pink"])
    with pytest.raises(ValueError, match="6 things but 5 colors"):
        plot.curves([0], {str(i): [0] for i in range(6)})


def test_scatter_separates_the_classes():
    points, labels = np.arange(8.0).reshape(4, 2), np.array([-1, 1, 1, -1])
    ax = plot.scatter(points, labels, {-1: "no", 1: "yes"}, "T")
    assert [len(c.get_offsets()) for c in ax.collections] == [2, 2]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["no", "yes"]


def test_regions():
    values = np.array([[0, 0, 1], [0, 1, 1]])
    ax = plot.regions(np.arange(3), np.arange(2), values, "T")
    assert len(ax.collections) == 2


def test_matrix_writes_legible_numbers():
    ax = plot.matrix(np.array([[0, 9], [1, 2]]), rows=["a", "b"], columns=["c", "d"], annotate="d")
    assert [t.get_text() for t in ax.texts] == ["0", "9", "1", "2"]
    assert ax.texts[0].get_color() == "white" and ax.texts[1].get_color() == "black"
    signed = plot.matrix(np.array([[-1.0, 3.0]]), signed=True)
    assert signed.images[0].get_clim() == (-3, 3)


@pytest.mark.parametrize("count", [1, 3, 8, 9])
def test_images_shows_each_once(count):
    pictures = np.arange(count * 4.0).reshape(count, 2, 2)
    fig = plot.images(pictures, titles=[str(i) for i in range(count)], title="T")
    shown = [ax.images[0].get_array() for ax in fig.axes if ax.images]
    assert np.array_equal(np.array(shown), pictures)


def test_bars_and_gradient_flow():
    ax = plot.bars({"up": 2.0, "down": -1.0}, "T", annotate="+.1f")
    assert [p.get_width() for p in ax.patches] == [2.0, -1.0]
    assert [t.get_text() for t in ax.texts] == ["+2.0", "-1.0"]
    ax = plot.gradient_flow({"plain": np.array([1e-3, 1.0]), "skip": np.ones(2)}, "T")
    assert ax.get_yscale() == "log" and ax.lines[0].get_xdata().tolist() == [1, 2]
