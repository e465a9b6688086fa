"""A figure with sliders from one draw function: in print, on the web, and live.

:func:`explore` draws every frame once and stores them in the cell's output under plain sliders, so
that a published page needs no kernel and no network.  Where a kernel is running, JupyterLab shows
live widgets in their place, which draw as they are moved.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from html import escape
from io import BytesIO
from itertools import product
from string import Formatter, Template

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from PIL import Image

__all__ = ["explore"]

LIMIT = 60  # frames, of about 7 kB each

PICTURE = """<img src="data:image/webp;base64,{}" alt="{}" width="{}" height="{}"
 style="display: block; max-width: 100%; height: auto; background: #fff">"""
SLIDER = """<label for="{0}" style="margin: 0">{1}</label><input type="range" id="{0}"
 max="{2}" value="{3}" aria-valuetext="{4}" autocomplete="off" data-lm-suppress-shortcuts
 style="width: 100%; height: 1.6em; margin: .3em 0; accent-color: #0072B2">
<output aria-live="off">{4}</output>"""
PAGE = Template("""<div class="explorable $key" role="group" aria-label="Figure with sliders">
<div hidden="hidden"><div style="display: grid; gap: 0 .8em; place-items: center start;
 grid: auto / auto minmax(5em, 24em) minmax(4em, 1fr)">$sliders</div></div>
$picture<script>(([frames, alts, texts, start]) => {
const box = document.querySelector(".$key > [hidden]");  // the same figure may stand here twice
const image = box.nextElementSibling, inputs = box.querySelectorAll("input");
frames[start] = image.src;
box.oninput = () => {
  let frame = 0;
  inputs.forEach((input, i) => {
    input.ariaValueText = input.nextElementSibling.value = texts[i][input.value];
    frame = frame * texts[i].length + Number(input.value);
  });
  [image.src, image.alt] = [frames[frame], alts[frame]];
};
for (const input of inputs) input.previousElementSibling.htmlFor = input.id += Math.random();
box.hidden = false;
})($data)</script></div>""")


def explore(draw: Callable[..., Figure], alt: str, **controls: Sequence) -> None:
    """Display a figure with one slider per control.

    Each slider starts at the middle of its values: that frame is also what a PDF shows, and a page
    where scripts do not run.

    Parameters
    ----------
    draw : called with a value of every control, by name; makes and returns one figure.  Fix the
        limits of its axes, so that only what depends on a control moves.
    alt : what the figure shows, in words, with the values as in :meth:`str.format`:
        ``"Boundary for bias {bias:.1f}: ..."``.  The page writes each value as ``alt`` does.
    **controls : the values of each control, shape (N,).  Every combination is a frame; there may
        be 60.

    Raises
    ------
    ValueError
        If there is no control, one of them has no values, ``alt`` names something else, or there
        are more than 60 frames.
    TypeError
        If ``draw`` returns something other than a figure.
    """
    controls = {name: np.ravel(values).tolist() for name, values in controls.items()}
    if not controls or not all(controls.values()):
        raise ValueError("Give each control values, for instance bias=np.linspace(-3, 3, 13).")
    formats = {name: spec for _, name, spec, _ in Formatter().parse(alt) if name is not None}
    if unknown := formats.keys() - controls:
        raise ValueError(f"alt names {min(unknown)!r}, but the controls are {', '.join(controls)}.")
    cases = [dict(zip(controls, case, strict=True)) for case in product(*controls.values())]
    if len(cases) > LIMIT:
        raise ValueError(f"These controls make {len(cases)} frames, more than {LIMIT}: thin them.")
    texts = {n: [format(v, formats.get(n, "")) for v in vs] for n, vs in controls.items()}
    start = cases.index({name: values[len(values) // 2] for name, values in controls.items()})
    alts = [alt.format(**case) for case in cases]
    images = [picture(draw, case) for case in cases]
    shown = html(images[start], alts[start])
    sliders = {name: slider(name, values, texts[name]) for name, values in controls.items()}
    output = live(draw, alt, sliders, shown)._repr_mimebundle_() | {
        "text/html": page(getattr(draw, "__name__", ""), images, alts, texts, shown, start),
        "image/png": encode(images[start], "png"),  # for LaTeX
        "text/plain": f"Figure with sliders: {', '.join(controls)}",
    }
    display(output, raw=True)


def picture(draw: Callable[..., Figure], case: dict) -> Image.Image:
    """Draw one frame, and close the figures that ``draw`` opened.

    A frame has 128 colors, chosen for it: none moves visibly, and the size is halved.
    """
    before = plt.get_fignums()
    try:
        figure = draw(**case)
        if not isinstance(figure, Figure):
            raise TypeError(f"draw must return a figure, but returned {type(figure).__name__}.")
        figure.canvas.draw()
        image = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    finally:
        for number in set(plt.get_fignums()).difference(before):
            plt.close(number)
    return image.quantize(128, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


def encode(image: Image.Image, kind: str = "webp") -> str:
    """Compress a frame without loss."""
    buffer = BytesIO()
    image.save(buffer, kind, lossless=True, optimize=True)
    return b64encode(buffer.getvalue()).decode()


def html(image: Image.Image, alt: str) -> str:
    """Write one frame as HTML."""
    return PICTURE.format(encode(image), escape(alt), *image.size)


def page(name: str, images: list, alts: list, texts: dict, shown: str, start: int) -> str:
    """Write the figure as HTML: the frame ``start`` and, where scripts run, the sliders.

    The text depends on ``name``, ``alts`` and ``texts`` alone, except for the pictures.  An input
    with ``data-lm-suppress-shortcuts`` keeps its arrow keys from JupyterLab's shortcuts.
    """
    key = "explore-" + sha256(repr((name, alts, texts)).encode()).hexdigest()[:8]
    sliders = ""
    for number, (control, each) in enumerate(texts.items()):
        title, at = escape(control.replace("_", " ")), len(each) // 2
        sliders += SLIDER.format(f"{key}-{number}-", title, len(each) - 1, at, escape(each[at]))
    frames = ["data:image/webp;base64," + encode(image) for image in images]
    frames[start] = ""  # the picture shown has it
    data = json.dumps([frames, alts, [*texts.values()], start]).replace("<", "\\u003c")
    return PAGE.substitute(key=key, sliders=sliders, picture=shown, data=data)


def slider(name: str, values: list, texts: list[str]) -> widgets.Widget:
    """Make a live slider: ten times finer than the page's where the values are even floats."""
    options = {"description": name.replace("_", " "), "style": {"description_width": "initial"}}
    kind = type(values[0])
    steps = np.diff(values) if kind in (int, float) else np.zeros(1)
    if not steps.size or steps.min() <= 0 or np.ptp(steps) > 1e-6 * steps[0]:
        pairs = list(zip(texts, values, strict=True))
        return widgets.SelectionSlider(options=pairs, index=len(values) // 2, **options)
    options |= {"value": values[len(values) // 2], "min": values[0], "max": values[-1]}
    if kind is int:
        return widgets.IntSlider(step=int(steps[0]), **options)
    digits = max(0, -int(np.floor(np.log10(steps[0] / 10))))
    return widgets.FloatSlider(step=steps[0] / 10, readout_format=f".{digits}f", **options)


def live(draw: Callable[..., Figure], alt: str, sliders: dict, shown: str) -> widgets.VBox:
    """Put the sliders over a picture that is drawn again whenever one of them moves."""
    view = widgets.HTML(shown)

    def redraw(change):
        case = {name: slider.value for name, slider in sliders.items()}
        view.value = html(picture(draw, case), alt.format(**case))

    for each in sliders.values():
        each.observe(redraw, names="value")
    return widgets.VBox([*sliders.values(), view])
