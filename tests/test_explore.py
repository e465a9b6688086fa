"""Figures with sliders: what is stored, what a browser makes of it, and the live widgets."""

import base64
import io
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import ipywidgets as widgets
import matplotlib.pyplot as plt
import nbformat
import nbformat.v4 as nbf
import numpy as np
import pytest
from PIL import Image
from support import BROWSER, BROWSER_FLAGS

from nbhelpers import explore, plot

plt.switch_backend("agg")

BIAS = np.linspace(-3, 3, 7)
X = np.linspace(-5, 5, 100)
ALT = "Line for bias {bias:.1f}"
VOID = {"img", "input"}
WIDGET = "application/vnd.jupyter.widget-view+json"


def draw_line(bias):
    fig, ax = plt.subplots(figsize=(6, 2.8))
    ax.plot(X, np.tanh(X + bias), color="#0072B2")
    ax.set(ylim=(-1.1, 1.1), title=f"The curve for bias {bias:.1f}", xlabel="x", ylabel="y")
    return fig


def draw_dot(radius, learning_rate):
    fig, ax = plt.subplots(figsize=(2, 1))
    ax.plot(radius, learning_rate, "o")
    return fig


@pytest.fixture(autouse=True)
def style():
    plt.close("all")
    with plt.rc_context():
        plot.use_style()
        yield


@pytest.fixture
def shown(monkeypatch):
    """Return a function that calls explore and gives back the MIME bundle it displays."""

    def call(*args, **kwargs):
        bundles = []
        with monkeypatch.context() as patch:
            patch.setattr(explore, "display", lambda bundle, raw: bundles.append(bundle))
            explore.explore(*args, **kwargs)
        assert len(bundles) == 1
        return bundles[0]

    return call


def stored(html):
    """Return what the script holds: frames, alternative texts, sliders' texts, start."""
    return json.loads(re.search(r"\}\)\((\[.*\])\)</script>", html)[1])


class Strict(HTMLParser):
    """Fails on a tag that is not closed where it should be; collects every element."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, name):
        return [attrs for tag, attrs in self.elements if tag == name]


# What is stored


def test_every_frame_is_stored_with_its_alternative_text(shown):
    bundle = shown(draw_line, alt=ALT, bias=BIAS)
    frames, alts, texts, start = stored(bundle["text/html"])
    assert len(frames) == 7 and start == 3
    assert alts == [f"Line for bias {b:.1f}" for b in BIAS]
    assert texts == [[f"{b:.1f}" for b in BIAS]]
    (image,) = Strict(bundle["text/html"]).all("img")
    assert image["alt"] == "Line for bias 0.0"
    frames[start] = image["src"]
    assert len(set(frames)) == 7
    for frame in frames:
        head, data = frame.split(",")
        assert head == "data:image/webp;base64"
        data = base64.b64decode(data)
        assert len(data) < 8000
        picture = Image.open(io.BytesIO(data)).convert("RGB")
        assert picture.size == (int(image["width"]), int(image["height"])) == (840, 392)
        assert picture.getpixel((0, 0)) == (255, 255, 255)


def test_colors_stay_what_they_are(shown):
    drawn = np.asarray(explore.picture(draw_line, {"bias": 0.0}).convert("RGB")).astype(int)
    figure = draw_line(0.0)
    figure.canvas.draw()
    wanted = np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)
    plt.close(figure)
    assert np.abs(drawn - wanted).max() <= 12


def test_bundle_has_a_view_for_every_reader(shown):
    bundle = shown(draw_line, alt=ALT, bias=BIAS)
    assert set(bundle) == {"text/plain", "text/html", "image/png", WIDGET}
    assert bundle["text/plain"] == "Figure with sliders: bias"
    png = base64.b64decode(bundle["image/png"])
    assert Image.open(io.BytesIO(png)).format == "PNG"


def test_html_is_well_formed_and_labeled(shown):
    page = Strict(shown(draw_dot, "{radius}", radius=[1, 2], learning_rate=[0.1])["text/html"])
    labels, inputs = page.all("label"), page.all("input")
    assert [label["for"] for label in labels] == [each["id"] for each in inputs]
    assert len({each["id"] for each in inputs}) == 2
    assert [each["type"] for each in inputs] == ["range", "range"]
    assert [each["max"] for each in inputs] == ["1", "0"]
    assert [each["value"] for each in inputs] == ["1", "0"]
    assert [each["aria-valuetext"] for each in inputs] == ["2", "0.1"]
    assert not [attrs for _, attrs in page.elements if "http" in str(attrs)]


def test_frames_follow_every_control(shown):
    html = shown(draw_dot, "{radius} {learning_rate}", radius=[1, 2, 3], learning_rate=[0.1, 1.0])
    frames, alts, texts, start = stored(html["text/html"])
    assert alts == ["1 0.1", "1 1.0", "2 0.1", "2 1.0", "3 0.1", "3 1.0"]
    assert texts == [["1", "2", "3"], ["0.1", "1.0"]]
    assert start == 3 and len(frames) == 6
    assert ">learning rate<" in html["text/html"]


def test_everything_is_escaped(shown):
    alt = 'Is {bias:.0f} < 3 & "so" on</script><!-- {word}'
    html = shown(
        lambda bias, word: draw_line(bias), alt, bias=[0.0, 1.0], word=["<b>", '"&</script>']
    )["text/html"]
    page = Strict(html)
    assert html.count("</script>") == 1 and "<!--" not in html and "<b>" not in html
    assert page.all("img")[0]["alt"] == alt.format(bias=1.0, word='"&</script>')
    assert page.all("input")[1]["aria-valuetext"] == '"&</script>'
    assert stored(html)[1][0] == alt.format(bias=0.0, word="<b>")


def test_text_is_the_same_on_every_run_and_differs_between_figures(shown):
    first = shown(draw_line, alt=ALT, bias=BIAS)["text/html"]
    assert shown(draw_line, alt=ALT, bias=BIAS)["text/html"] == first
    other = shown(lambda bias: draw_line(bias), alt=ALT, bias=BIAS)["text/html"]
    key = re.compile(r"explore-[0-9a-f]{8}")
    assert len(set(key.findall(first))) == 1
    assert key.search(first)[0] != key.search(other)[0]


# Mistakes


@pytest.mark.parametrize(
    ("controls", "alt", "message"),
    [
        ({}, "A line", "Give each control values"),
        ({"bias": []}, ALT, "Give each control values"),
        ({"bias": np.zeros(61)}, ALT, "61 frames, more than 60"),
        ({"bias": range(8), "width": range(8)}, ALT, "64 frames, more than 60"),
        ({"bias": BIAS}, "Line for {weight:.1f}", "alt names 'weight', but the controls are bias"),
        ({"bias": BIAS}, "Line for {}", "alt names '', but the controls are bias"),
    ],
)
def test_mistakes_get_one_clear_sentence(controls, alt, message):
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        explore.explore(draw_line, alt, **controls)
    assert "\n" not in str(error.value)
    assert plt.get_fignums() == []


def test_draw_must_return_a_figure():
    with pytest.raises(TypeError, match="draw must return a figure, but returned Axes"):
        explore.explore(lambda bias: draw_line(bias).axes[0], ALT, bias=BIAS)
    with pytest.raises(TypeError, match="returned NoneType"):
        explore.explore(lambda bias: None, ALT, bias=BIAS)
    assert plt.get_fignums() == []


def test_figures_are_closed_and_others_are_left_alone(shown):
    kept = plt.figure()

    def careless(bias):
        plt.figure()
        return draw_line(bias)

    def broken(bias):
        plt.figure()
        raise RuntimeError("no luck")

    shown(careless, ALT, bias=BIAS)
    with pytest.raises(RuntimeError, match="no luck"):
        explore.explore(broken, ALT, bias=BIAS)
    assert plt.get_fignums() == [kept.number]
    plt.close(kept)


# The live widgets


@pytest.mark.parametrize(
    ("values", "kind", "traits"),
    [
        (BIAS, widgets.FloatSlider, {"min": -3, "max": 3, "step": 0.1, "readout_format": ".1f"}),
        (range(1, 8, 2), widgets.IntSlider, {"min": 1, "max": 7, "step": 2, "value": 5}),
        (np.logspace(-3, 0, 4), widgets.SelectionSlider, {"value": 0.1}),
        ([2.0, 1.0, 0.0], widgets.SelectionSlider, {"value": 1.0}),
        (["relu", "tanh"], widgets.SelectionSlider, {"value": "tanh"}),
        ([False, True], widgets.SelectionSlider, {"value": True}),
        ([0.5], widgets.SelectionSlider, {"value": 0.5}),
    ],
)
def test_sliders_suit_the_values(values, kind, traits):
    values = np.ravel(values).tolist()
    made = explore.slider("bias", values, [str(v) for v in values])
    assert type(made) is kind
    assert {name: getattr(made, name) for name in traits} == pytest.approx(traits)


KERNEL_CELL = """
import matplotlib.pyplot as plt
from nbhelpers import explore

def draw(bias):
    fig, ax = plt.subplots(figsize=(2, 1))
    ax.plot([0, 1], [bias, 1])
    return fig

explore.explore(draw, alt="Bias {bias:.2f}", bias=[0.0, 0.5, 1.0])
"""


def iopub(client, parent):
    """Yield the kernel's messages in answer to one of ours, until it is idle."""
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != parent:
            continue
        if message["content"].get("execution_state") == "idle":
            return
        yield message["msg_type"], message["content"]


def test_a_live_kernel_draws_when_the_slider_moves():
    manager, client = pytest.importorskip("jupyter_client.manager").start_new_kernel()
    try:
        models, bundle = {}, {}
        for kind, content in iopub(client, client.execute(KERNEL_CELL)):
            assert kind != "error", content
            if kind == "comm_open":
                state = content["data"]["state"]
                models[state["_model_name"]] = content["comm_id"], state
            if kind == "display_data":
                bundle = content["data"]
        assert bundle[WIDGET]["model_id"] == models["VBoxModel"][0]
        assert 'alt="Bias 0.50"' in bundle["text/html"]
        slider, _ = models["FloatSliderModel"]
        view, before = models["HTMLModel"]
        update = {"method": "update", "state": {"value": 0.55}, "buffer_paths": []}
        move = client.session.msg("comm_msg", {"comm_id": slider, "data": update})
        client.shell_channel.send(move)
        after = [
            content["data"]["state"]["value"]
            for kind, content in iopub(client, move["msg_id"])
            if kind == "comm_msg" and content["comm_id"] == view
        ]
        assert 'alt="Bias 0.55"' in after[-1] and 'alt="Bias 0.50"' in before["value"]
        source = re.compile(r"base64,[^\"]+")
        assert source.search(after[-1])[0] != source.search(before["value"])[0]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


# In a browser

CHROMIUM = os.environ.get("CHROMIUM", BROWSER)
needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium or Chrome: install one, or name it in CHROMIUM"
)
DOCUMENT = '<!doctype html><html lang="en"><title>Test</title><main><h1>Test</h1>{}</main></html>'


@pytest.fixture(scope="module")
def chromium():
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_FLAGS)
        yield browser
        browser.close()


@needs_browser
def test_sliders_move_their_own_pictures(chromium, shown):
    line = shown(draw_line, alt=ALT, bias=BIAS)["text/html"]
    dots = {"radius": [1, 2, 3], "learning_rate": [0.1, 1.0]}
    dot = shown(draw_dot, "{radius} {learning_rate}", **dots)["text/html"]
    page = chromium.new_page(viewport={"width": 390, "height": 800})
    faults, requests = [], []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.set_content(DOCUMENT.format(line + dot + line))
    images = page.locator("img")

    def seen():
        return [images.nth(i).get_attribute("alt") for i in range(3)]

    start = ["Line for bias 0.0", "2 1.0", "Line for bias 0.0"]
    assert seen() == start
    sources = [images.nth(i).get_attribute("src") for i in range(3)]
    bias = page.get_by_role("slider", name="bias", exact=True)
    assert bias.count() == 2

    bias.nth(0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert seen() == ["Line for bias 2.0", *start[1:]]
    assert bias.nth(0).get_attribute("aria-valuetext") == "2.0"
    assert page.locator("output").first.inner_text() == "2.0"
    assert images.nth(0).get_attribute("src") == stored(line)[0][5] != sources[0]
    assert images.nth(0).evaluate("image => image.decode().then(() => image.naturalWidth)") == 840

    page.get_by_text("bias", exact=True).nth(1).click()  # the second figure's own label
    page.keyboard.press("Home")
    assert seen() == ["Line for bias 2.0", "2 1.0", "Line for bias -3.0"]
    page.get_by_label("learning rate").press("ArrowLeft")
    page.get_by_label("radius").press("End")
    assert seen() == ["Line for bias 2.0", "3 0.1", "Line for bias -3.0"]
    bias.nth(0).fill("3")
    assert seen()[0] == start[0] and images.nth(0).get_attribute("src") == sources[0]

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert faults == [] and [url for url in requests if not url.startswith("data:")] == []
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    assert [each["id"] for each in axe.run(page).response["violations"]] == []
    page.close()


@needs_browser
def test_without_scripts_the_picture_stands_alone(chromium, shown):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(DOCUMENT.format(shown(draw_line, alt=ALT, bias=BIAS)["text/html"]))
    assert page.get_by_alt_text("Line for bias 0.0").is_visible()
    assert not page.locator("input").is_visible()
    context.close()


# In the book


def test_a_pdf_takes_the_picture_and_a_page_the_sliders(shown):
    render = pytest.importorskip("myst_nb.core.render")
    bundle = shown(draw_dot, "{radius}", radius=[1, 2], learning_rate=[0.1])
    for builder, wanted in [("html", "text/html"), ("epub", "text/html"), ("latex", "image/png")]:
        order = [kind for kind in render.get_mime_priority(builder, []) if kind != WIDGET]
        assert next(kind for kind in order if kind in bundle) == wanted


def test_the_book_makes_a_numbered_figure_of_it(shown, tmp_path):
    pytest.importorskip("myst_nb")
    cell = nbf.new_code_cell("explore.explore(draw_dot, ...)", execution_count=1)
    cell.metadata["mystnb"] = {"figure": {"name": "fig-dot", "caption": "A *dot*, {ref}`top`."}}
    bundle = shown(draw_dot, "{radius}", radius=[1, 2], learning_rate=[0.1])
    del bundle[WIDGET]
    cell.outputs = [nbf.new_output("display_data", bundle)]
    text = nbf.new_markdown_cell("(top)=\n# Title\n\nSee {numref}`fig-dot`.")
    known = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    notebook = nbf.new_notebook(cells=[text, cell], metadata=known)
    nbformat.write(notebook, tmp_path / "index.ipynb")
    options = "-C -W -n -q -D extensions=myst_nb -D nb_execution_mode=off -D numfig=1".split()
    command = [sys.executable, "-m", "sphinx", *options, tmp_path, tmp_path / "out"]
    build = subprocess.run(command, capture_output=True, text=True)
    assert build.returncode == 0, build.stderr
    page = (tmp_path / "out" / "index.html").read_text()
    assert re.search(r'See <a[^>]*href="#fig-dot"><span[^>]*>Fig. 1<', page)
    (figure,) = re.findall(r'<figure[^>]*id="fig-dot">.*?</figure>', page, re.DOTALL)
    assert '<div class="explorable' in figure and "<figcaption>" in figure
    assert "A <em>dot</em>, <a" in figure
