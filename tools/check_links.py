"""Check, without a network, that every relative link of the built site resolves.

    python tools/check_links.py _build/html

Prints one line, then each broken link; exits with 1 if there is one.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The links of a page and the anchors that others may point to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and name in ("id", "name"):
                self.anchors.add(value)
            elif value and name in ("href", "src"):
                self.links.append(value)


def broken_links(root: Path) -> tuple[int, list[str]]:
    """Return how many internal links the site under ``root`` has, and each one that is broken."""
    root = root.resolve()
    pages = {p: Page(p) for p in root.rglob("*.html") if "_static" not in p.parts}
    count, broken = 0, []
    for path, page in pages.items():
        for link in page.links:
            url = urlsplit(link)
            if url.scheme or url.netloc or link.startswith("/"):
                continue
            count += 1
            target = (path.parent / unquote(url.path)).resolve() if url.path else path
            if target.is_dir():
                target /= "index.html"
            where = f"{path.relative_to(root)}: {link}"
            if not target.exists():
                broken.append(f"{where} (no such file)")
            elif target in pages and url.fragment:
                if unquote(url.fragment) not in pages[target].anchors:
                    broken.append(f"{where} (no such anchor)")
    return count, broken


if __name__ == "__main__":
    total, faults = broken_links(Path(sys.argv[1] if sys.argv[1:] else "_build/html"))
    print(f"{total} internal links, {len(faults)} broken")
    print("\n".join(faults[:50]))
    sys.exit(bool(faults) or not total)
