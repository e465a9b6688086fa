"""The built pages, opened in a real browser, as a reader would: wide and narrow, light and dark.

These tests need ``make book`` first.  Without Chromium or Chrome they are skipped, except where
``CI`` is set: there a missing browser is a fault.
"""

import functools
import http.server
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml
from support import BOOK, BROWSER, BROWSER_FLAGS, ROOT, SITE, toc_files

pytestmark = pytest.mark.site
PAGES = toc_files()
PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
SERIOUS = {"serious", "critical"}
WIDE_FORMULAS = """inline => [...document.querySelectorAll('article mjx-container')]
  .filter(m => inline !== m.hasAttribute('display') && m.querySelector('mjx-math'))
  .map(m => ({width: Math.round(m.querySelector('mjx-math').getBoundingClientRect().width),
              room: (inline ? m.closest('p, li, td, dd, div') : m).clientWidth,
              text: m.innerText.replace(/\\s/g, '')}))
  .filter(m => m.room && m.width > m.room + 1)"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def site():
    if not (SITE / "index.html").is_file():
        pytest.fail("There is no built book: run make book first.")
    handler = functools.partial(Quiet, directory=SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    if BROWSER is None:
        if os.environ.get("CI"):
            pytest.fail("No browser: the built pages cannot be tested.")
        pytest.skip("No Chromium or Chrome is installed.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=BROWSER_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, site):
    """A fresh page that remembers what went wrong and what was asked of other hosts."""
    context = browser.new_context(viewport=LAPTOP, color_scheme="light")
    page = context.new_page()
    page.faults, page.elsewhere = [], []
    page.on("console", lambda m: page.faults.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: page.faults.append(str(e)))
    page.on("response", lambda r: page.faults.append(r.url) if r.status >= 400 else None)
    page.on("request", lambda r: None if _local(r.url, site) else page.elsewhere.append(r.url))
    yield page
    context.close()


def _local(url, site):
    return url.startswith((site, "data:", "blob:", "about:"))


def test_every_link_resolves():
    command = [sys.executable, str(ROOT / "tools" / "check_links.py"), str(SITE)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_the_link_check_can_fail(tmp_path):
    (tmp_path / "a.html").write_text('<a href="b.html">b</a> <a href="#x">x</a> <i id="y"></i>')
    command = [sys.executable, str(ROOT / "tools" / "check_links.py"), str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 1
    assert "no such file" in run.stdout and "no such anchor" in run.stdout


@pytest.mark.parametrize("name", PAGES)
def test_page(page, site, name):
    page.goto(f"{site}/{name}.html")
    page.wait_for_load_state("networkidle")
    page.evaluate("() => (window.MathJax && MathJax.startup) ? MathJax.startup.promise : null")
    page.evaluate(  # images load lazily, or not at all
        "() => Promise.all([...document.images].map(i => { i.loading = 'eager'; return i.decode()"
        ".catch(() => 0) }))"
    )
    broken = "() => [...document.images].filter(i => !i.naturalWidth).map(i => i.src.slice(0, 99))"
    assert page.evaluate(broken) == []
    assert page.evaluate("() => document.querySelectorAll('mjx-merror').length") == 0
    assert (
        page.evaluate("() => [...document.querySelectorAll('article img:not([alt])')].length") == 0
    )
    assert page.evaluate(WIDE_FORMULAS, False) == [], "a displayed formula is cut on a laptop"
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(100)
    assert page.evaluate(WIDE_FORMULAS, True) == [], "an inline formula is cut on a phone"
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= PHONE["width"], f"the page scrolls sideways on a phone: {wide} px"
    assert page.faults == []
    assert page.elsewhere == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_accessibility(page, site, name, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    page.goto(f"{site}/{name}.html")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("() => document.documentElement.dataset.theme") == scheme
    found = Axe().run(page, context="article").response["violations"]
    serious = [
        f"{v['id']}: {node['html'][:200]}: {node.get('failureSummary', '')[:200]}"
        for v in found
        if v["impact"] in SERIOUS
        for node in v["nodes"]
    ]
    assert serious == []


def test_explorable_figures_move(page, site):
    moved = 0
    for name in PAGES:
        page.goto(f"{site}/{name}.html")
        for figure in page.query_selector_all("figure:has(input[type=range]), .nbh-explore"):
            slider = figure.query_selector("input[type=range]")
            picture = figure.query_selector("img")
            if slider is None or picture is None:
                continue
            before = picture.get_attribute("src"), picture.get_attribute("alt")
            slider.focus()
            page.keyboard.press("End")
            after = picture.get_attribute("src"), picture.get_attribute("alt")
            page.keyboard.press("Home")
            start = picture.get_attribute("src"), picture.get_attribute("alt")
            assert before != after or before != start
            assert after != start, name
            moved += 1
    assert moved >= 2


def test_search_finds_a_word(page, site):
    page.goto(f"{site}/search.html?q=perceptron")
    page.wait_for_selector("#search-results li a")
    links = [a.get_attribute("href") for a in page.query_selector_all("#search-results li a")]
    assert any("02_perceptron/perceptron_numpy" in link for link in links)
    assert page.faults == []


def test_theme_button_switches_and_is_remembered(page, site):
    page.goto(f"{site}/index.html")
    before = page.evaluate("() => document.documentElement.dataset.theme")
    for _ in range(3):
        page.locator(".theme-switch-button:visible").first.click()
        if page.evaluate("() => document.documentElement.dataset.theme") != before:
            break
    after = page.evaluate("() => document.documentElement.dataset.theme")
    assert after != before
    page.goto(f"{site}/notation.html")
    assert page.evaluate("() => document.documentElement.dataset.theme") == after


def test_one_address_turns_on_buttons_and_sitemap(tmp_path):
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    config["repository"]["url"] = "https://github.com/someone/somebook"
    folder = config["sphinx"]["local_extensions"]
    config["sphinx"]["local_extensions"] = {k: str(ROOT / v) for k, v in folder.items()}
    (tmp_path / "_config.yml").write_text(yaml.safe_dump(config))
    command = [f"{Path(sys.executable).parent}/jupyter-book", "build", str(BOOK), "--all", "-W"]
    command += ["-n", "--keep-going", "--config", str(tmp_path / "_config.yml")]
    build = subprocess.run(
        [*command, "--path-output", str(tmp_path)], capture_output=True, text=True
    )
    assert build.returncode == 0, build.stdout[-2000:] + build.stderr[-2000:]
    built = tmp_path / "_build" / "html"
    home = "https://someone.github.io/somebook/"
    assert home + "01_neuron/neuron_numpy.html" in (built / "sitemap.xml").read_text()
    with_address = (built / "01_neuron" / "neuron_numpy.html").read_text()
    without = (SITE / "01_neuron" / "neuron_numpy.html").read_text()
    links = [
        "https://mybinder.org/v2/gh/someone/somebook/main?urlpath=lab/tree/book/01_neuron",
        "https://colab.research.google.com/github/someone/somebook/blob/main/book/01_neuron",
        "https://github.com/someone/somebook/issues/new",
        "https://github.com/someone/somebook/edit/main/book/01_neuron",
        f'<meta property="og:url" content="{home}01_neuron/neuron_numpy.html"',
    ]
    assert [link for link in links if link not in with_address] == []
    assert "mybinder.org" not in without and "someone" not in without
    assert '<meta property="og:title"' in without and not (SITE / "sitemap.xml").exists()
