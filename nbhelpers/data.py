"""Named data sets as NumPy arrays, with their license and source.

What the chapters need by default is carried in ``nbhelpers/datasets`` and needs no network:

====================  ==================================================================
``load(...)``         fields of the result
====================  ==================================================================
``"penguins"``        ``X (344, 4)`` float64, NaN where missing; ``y (344,)`` int64;
                      ``species`` 3 names; ``features`` 4 names; ``island``, ``sex`` str
``"spambase"``        ``X (4601, 57)`` float64; ``y (4601,)`` int64, 1 = spam;
                      ``features`` 57 names
``"breast_cancer"``   ``X (569, 30)`` float64; ``y (569,)`` int64, 1 = malignant;
                      ``features`` 30 names
``"mnist10k"``        ``X (10000, 28, 28)`` uint8, sorted by class; ``y (10000,)`` int64
``"fashion"``         ``X_train (10000, 28, 28)``, ``X_test (2000, 28, 28)`` uint8;
                      ``y_train``, ``y_test`` int64; ``classes`` 10 names
``"photo"``           ``X (213, 320, 3)`` uint8, one photograph: red, green, blue
``"sentiment"``       ``texts`` 10,605 sentences; ``rating (10605,)`` float64 in [-4, 4]
``"surnames"``        ``names`` 13,009 surnames; ``y (13009,)`` int64; ``classes`` 16 languages
``"first_names"``     ``names`` 5,494 names; ``y (5494,)`` int64; ``classes`` F, M
``"bikeshare"``       ``time (8645,)`` datetime64[h]; ``season``, ``day`` of the year, ``hr``,
                      ``holiday``, ``weekday``, ``workingday``, ``casual``, ``registered``,
                      ``bikers`` int64; ``temp``, ``atemp``, ``hum``, ``windspeed`` float64;
                      ``mnth``, ``weathersit`` str
``"nyse"``            ``date (6051,)`` datetime64[D]; ``dj_return``, ``log_volume``,
                      ``log_volatility`` float64; ``day_of_week`` str; ``train`` bool
``"electricity"``     ``date (4032,)`` datetime64[s], half-hourly; ``value`` int64, demand in MW
``"stocks"``          ``ticker (12154,)`` str; ``date`` datetime64[D]; ``open``, ``high``,
                      ``low``, ``close``, ``adj_close`` float64; ``volume`` int64
====================  ==================================================================

``text("austen")`` and ``text("shakespeare")`` return a str; ``pairs("bible")`` and
``pairs("gnome_help")`` a list of (English, French).

After an explicit ``download(name)`` these are read from the cache: ``load("mnist")`` and
``load("fashion_mnist")`` with the fields of ``"fashion"`` (MNIST without ``classes``);
``load("cifar10")`` with the same, its images ``(N, 3, 32, 32)``; ``load("sms_spam")`` with
``texts``, ``y`` and ``classes`` ham, spam; ``pairs("tatoeba")``; ``text("tiny_shakespeare")``.
``download("imdb")`` fetches an archive that is not read here.  No data set ever stands in for
another.

The one registry is ``datasets/SOURCES.md``: it says what each data set is, and holds the address
and the digest of each of its files.
"""

import contextlib
import csv
import functools
import gzip
import hashlib
import io
import os
import re
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np

__all__ = ["DataError", "Dataset", "about", "batches", "download", "load", "names", "pairs", "text"]

FOLDER = Path(__file__).parent / "datasets"


class DataError(RuntimeError):
    """A data set is unknown, absent, damaged or cannot be fetched; the message says what to do."""


class Dataset(SimpleNamespace):
    """The named arrays and lists of one data set; its repr gives their shapes and dtypes."""

    def __repr__(self) -> str:
        def line(value):
            array = isinstance(value, np.ndarray)
            return f"{value.shape} {value.dtype}" if array else f"list of {len(value)} str"

        return "\n".join(f"{name:<15} {line(value)}" for name, value in vars(self).items())


# ---- What there is: datasets/SOURCES.md ----

_FILE = re.compile(r"^- File: [`<](\S+)[`>] (\w+)( of the unpacked file)? `(\w+)`$", re.M)


@functools.cache
def _registry(folder: Path) -> dict[str, str]:
    """The sections of ``SOURCES.md`` by name."""
    content = (folder / "SOURCES.md").read_text(encoding="utf-8")
    return dict(part.split("\n", 1) for part in re.split(r"^## ", content, flags=re.M)[1:])


def _section(name: str) -> str:
    """The section on one data set."""
    registry = _registry(FOLDER)
    if name not in registry:
        import difflib

        close = difflib.get_close_matches(str(name), registry)
        hint = f"did you mean {' or '.join(map(repr, close))}; " if close else ""
        raise DataError(f"There is no data set {name!r}: {hint}there are {', '.join(registry)}.")
    return registry[name]


def _files(name: str) -> list[tuple[Path, str, list[str]]]:
    """Of each file: where it belongs, its name in ``datasets`` or URL, and the check on it."""
    return [
        ((_cache() / name if "://" in address else FOLDER) / address.split("/")[-1], address, check)
        for address, *check in _FILE.findall(_section(name))
    ]


def _cache() -> Path:
    """The folder for downloads: ``NBHELPERS_CACHE``, or the platform's."""
    linux = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    windows = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    base = {"darwin": "~/Library/Caches", "win32": windows}.get(sys.platform, linux)
    return Path(os.environ.get("NBHELPERS_CACHE") or f"{base}/nbhelpers").expanduser()


def names() -> list[str]:
    """Names of all data sets, carried and downloadable."""
    return list(_registry(FOLDER))


def about(name: str) -> None:
    """Print what a data set is: content, size, source, license, citation and cautions.

    Raises
    ------
    DataError
        If the name is unknown.
    """
    print(name, re.sub(r"^(- File: .*)?\n", "", _section(name), flags=re.M).strip(), sep="\n")


# ---- Files ----

_trusted: set[Path] = set()  # verified in this process


def _intact(path: Path, algorithm: str, unpacked: str, digest: str) -> bool:
    """Whether a file is there and it, or what gunzip makes of it, has its digest."""
    new = functools.partial(hashlib.new, algorithm, usedforsecurity=False)
    try:
        with (gzip.open if unpacked else open)(path, "rb") as stream:
            return hashlib.file_digest(stream, new).hexdigest() == digest
    except (OSError, EOFError, zlib.error):
        return False


def _verified(name: str) -> list[Path]:
    """Paths of the files of a data set, each verified once in a process."""
    files = _files(name)
    for path, address, check in files:
        if path not in _trusted and not _intact(path, *check):
            state = "damaged" if path.exists() else "missing"
            advice = "restore nbhelpers/datasets with `git checkout` or install nbhelpers again"
            if "://" in address:
                size = re.search(r"^- Size: (\S+ \SB)", _section(name), re.M)[1]
                advice = f"call data.download({name!r}) to fetch it ({size})"
            raise DataError(f"{path} is {state}: {advice}.")
        _trusted.add(path)
    return [path for path, *_ in files]


# ---- Downloads ----

_PAUSES = 0, 1, 2, 4, 8  # seconds to wait before each attempt
_TIMEOUT = 30.0  # seconds without a byte that end an attempt


def download(name: str) -> Path:
    """Fetch the files of a data set into the cache, unless they are there, and verify them.

    A transfer that breaks is resumed, or begun again where the server cannot resume.  A file gets
    its name only once it is whole and has its digest: nothing half-written is ever read, and two
    processes may fetch the same file.

    Returns
    -------
    Path
        The folder that holds the files.

    Raises
    ------
    DataError
        If the name is unknown or carried, or a file cannot be fetched, verified or written.
    """
    for path, address, check in _files(name):
        if "://" not in address:
            raise DataError(f"{name!r} is carried by nbhelpers: read it, with no download.")
        if not _intact(path, *check):
            try:
                _fetch(name, path, address, check)
            except OSError as error:  # of the disk: those of the network are DataErrors by now
                raise DataError(
                    f"{path.parent} cannot be written ({error.strerror or error}): "
                    "free some space or set NBHELPERS_CACHE to another folder."
                ) from error
    return path.parent


def _fetch(name: str, path: Path, url: str, check: list[str]) -> None:
    """Fetch one file in a temporary folder beside its place, verify it and move it there."""
    import tempfile

    from tqdm import tqdm

    advice = f"check the network and call data.download({name!r}) again, or put the file at {path}"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".part-") as folder:
        part = Path(folder) / path.name
        # disable=None: a bar in a terminal only, so that no notebook stores one
        with open(part, "wb") as out, tqdm(desc=path.name, unit="B", disable=None) as bar:
            for offset, total, chunk in _stream(url, advice):
                out.seek(offset)
                out.truncate()
                out.write(chunk)
                bar.total = total
                bar.update(offset + len(chunk) - bar.n)
            out.flush()
            os.fsync(out.fileno())
        if not _intact(part, *check):
            raise DataError(f"{url} is not the registered file: {advice}.")
        os.replace(part, path)


def _stream(url: str, advice: str) -> Iterator[tuple[int, int, bytes]]:
    """Yield (offset, total size, bytes) until all has come, over several attempts.

    An attempt resumes where the last one broke; one that cannot begins again at offset 0.
    """
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    have = 0
    for pause in _PAUSES:
        time.sleep(pause)
        headers = {"User-Agent": "nbhelpers"} | ({"Range": f"bytes={have}-"} if have else {})
        try:
            with urlopen(Request(url, headers=headers), timeout=_TIMEOUT) as reply:
                if not reply.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
                    have = 0
                total = have + (reply.length or 0)
                while chunk := reply.read(1 << 16):
                    yield have, total, chunk
                    have += len(chunk)
            if have >= total:
                return
            problem = f"broke off after {have:,} of {total:,} bytes"
        except HTTPError as error:
            problem = f"answered {error.code} {error.reason}"
            if error.code < 500 and error.code not in (408, 429):
                break
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            problem = f"cannot be read ({getattr(reason, 'strerror', None) or reason})"
    raise DataError(f"{url} {problem}: {advice}.")


# ---- Readers ----


def load(name: str) -> Dataset:
    """Load a data set as named arrays; the table at the top of this module lists the fields.

    Images are uint8, labels int64, measurements float64 with NaN where missing, dates datetime64.

    Raises
    ------
    DataError
        If the name is unknown, or a file is missing, damaged or not yet downloaded.
    """
    return _read("load", name)


def text(name: str) -> str:
    """Load a text: ``"austen"``, ``"shakespeare"`` or, once downloaded, ``"tiny_shakespeare"``.

    Raises
    ------
    DataError
        As for `load`.
    """
    return _read("text", name)


def pairs(name: str) -> list[tuple[str, str]]:
    """Load (English, French) pairs: ``"bible"``, ``"gnome_help"`` or, downloaded, ``"tatoeba"``.

    One English sentence may have several translations: split by English sentence.

    Raises
    ------
    DataError
        As for `load`.
    """
    return _read("pairs", name)


def batches(n: int, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Shuffle the indices 0…n−1 and cut them into batches.

    Parameters
    ----------
    n : int
        Number of examples.
    size : int
        Batch size; the last batch is shorter where ``size`` does not divide ``n``.
    rng : numpy.random.Generator
        Source of the order.

    Returns
    -------
    iterator of ndarray, shape (size,)
        Every index once.

    Raises
    ------
    ValueError
        If ``size`` is below 1.
    """
    if size < 1:
        raise ValueError(f"The batch size is {size}: give at least 1.")
    order = rng.permutation(n)
    return (order[start : start + size] for start in range(0, n, size))


def _read(kind: str, name: str):
    """Read a data set with the function named for it, such as ``_load_penguins``."""
    _section(name)  # raises if there is no such data set
    reader = globals().get(f"_{kind}_{name}")
    if reader is None:
        raise DataError(f"{name!r} is not for data.{kind}: see data.about({name!r}).")
    return reader(*_verified(name))


def _content(path: Path) -> str:
    """The text of a file; of a packed one, unpacked; of a zip archive, its longest member."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read(max(archive.infolist(), key=lambda m: m.file_size)).decode()
    if path.suffix == ".xz":
        import lzma  # not in every browser's Python

        return lzma.decompress(path.read_bytes()).decode()
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()


def _rows(content: str) -> list[tuple[str, ...]]:
    """The first two of the tab-separated values of each line."""
    return [tuple(line.split("\t")[:2]) for line in content.split("\n") if line]


def _table(path: Path) -> dict[str, np.ndarray]:
    """Columns of a file with comma-separated values, by the names in its first line."""
    header, *rows = csv.reader(io.StringIO(_content(path), newline=""))
    return dict(zip(header, map(_column, zip(*rows, strict=True)), strict=True))


def _column(values: tuple[str, ...]) -> np.ndarray:
    """The first of bool, int64, float64 (NaN where empty), datetime64 and str that fits all."""
    if set(values) == {"TRUE", "FALSE"}:
        return np.equal(values, "TRUE")
    for convert in (int, float, lambda stamp: np.datetime64(stamp.removesuffix("Z"))):
        with contextlib.suppress(ValueError):
            return np.array([convert(value or "nan") for value in values])
    return np.array(values)


def _split(X_train, y_train, X_test, y_test, **more) -> Dataset:
    """A data set that comes in two parts."""
    y_train, y_test = np.array(y_train, int), np.array(y_test, int)
    return Dataset(X_train=X_train, y_train=y_train, X_test=X_test, y_test=y_test, **more)


def _load_penguins(path):
    table = _table(path)
    species, y = np.unique(table.pop("species"), return_inverse=True)
    more = {name: table.pop(name) for name in ("island", "sex")}
    X = np.stack(list(table.values()), axis=1)  # (344, 4)
    return Dataset(X=X, y=y, species=species.tolist(), features=list(table), **more)


def _load_spambase(path):
    table = _table(path)
    y = (table.pop("type") == "spam").astype(int)
    X = np.stack(list(table.values()), axis=1, dtype=float)  # (4601, 57)
    return Dataset(X=X, y=y, features=list(table))


def _load_breast_cancer(path):
    table = _table(path)
    y = (table.pop("diagnosis") == "malignant").astype(int)
    X = np.stack(list(table.values()), axis=1, dtype=float)  # (569, 30)
    return Dataset(X=X, y=y, features=list(table))


def _load_mnist10k(path):
    with np.load(path, allow_pickle=False) as arrays:
        return Dataset(X=arrays["x"], y=arrays["y"].astype(int))


def _load_fashion(path):
    with np.load(path, allow_pickle=False) as arrays:
        parts = {name.replace("x", "X"): arrays[name] for name in arrays}
    return _split(**parts, classes=_CLOTHES)


def _load_photo(path):
    from PIL import Image

    return Dataset(X=np.array(Image.open(path)))


def _load_sentiment(path):
    table = _table(path)
    return Dataset(texts=table["text"].tolist(), rating=table["rating"])


def _load_surnames(path):
    names, column = zip(*_rows(_content(path)), strict=True)
    classes, y = np.unique(column, return_inverse=True)
    return Dataset(names=list(names), y=y, classes=classes.tolist())


def _load_nyse(path):
    columns = _table(path).items()
    return Dataset(**{name.lower().replace(" ", "_"): column for name, column in columns})


def _load_bikeshare(path):
    data = _load_nyse(path)
    data.time = np.datetime64("2011-01-01T00") + 24 * (data.day - 1) + data.hr
    return data


def _idx(path: Path) -> np.ndarray:
    """An IDX file: two zeros, a type, the number of dimensions, big-endian sizes, uint8 values."""
    raw = gzip.decompress(path.read_bytes())
    sizes = np.frombuffer(raw, ">i4", raw[3], offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(sizes).copy()


def _load_mnist(*paths):
    return _split(*map(_idx, paths))


def _load_fashion_mnist(*paths):
    return _split(*map(_idx, paths), classes=_CLOTHES)


def _load_cifar10(path):
    batches = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    with tarfile.open(path) as archive:
        raw = [archive.extractfile(f"cifar-10-batches-bin/{name}.bin").read() for name in batches]
    records = np.frombuffer(b"".join(raw), np.uint8).reshape(-1, 1 + 3 * 32 * 32)
    X, y, test = records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0], len(raw[-1]) // 3073
    return _split(X[:-test], y[:-test], X[-test:], y[-test:], classes=_ANIMALS_AND_VEHICLES)


def _load_sms_spam(path):
    column, texts = zip(*_rows(_content(path)), strict=True)
    classes, y = np.unique(column, return_inverse=True)
    return Dataset(texts=list(texts), y=y, classes=classes.tolist())


def _pairs_bible(path):
    return _rows(_content(path))


_load_first_names = _load_surnames
_load_electricity = _load_stocks = _load_nyse
_pairs_gnome_help = _pairs_tatoeba = _pairs_bible
_text_austen = _text_shakespeare = _text_tiny_shakespeare = _content

_CLOTHES = "T-shirt Trouser Pullover Dress Coat Sandal Shirt Sneaker Bag Boot".split()
_ANIMALS_AND_VEHICLES = "airplane automobile bird cat deer dog frog horse ship truck".split()
