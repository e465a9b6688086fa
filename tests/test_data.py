"""The carried data sets, their registry, and downloads from a server that misbehaves."""

import gzip
import hashlib
import io
import os
import pickle
import re
import shutil
import socket
import struct
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from nbhelpers import data

FOLDER = data.FOLDER
BODY = np.random.default_rng(0).bytes(200_000)
DOWNLOADS = "mnist fashion_mnist cifar10 sms_spam imdb tatoeba tiny_shakespeare".split()
CARRIED = [name for name in data.names() if name not in DOWNLOADS]


def sentence(failure, *words):
    """The message of a DataError: one sentence which contains the given words."""
    message = str(failure.value)
    assert message.endswith(".") and "\n" not in message and ". " not in message, message
    for word in words:
        assert str(word) in message, message
    return message


# ---- The carried data sets ----


def test_penguins():
    penguins = data.load("penguins")
    assert penguins.X.shape == (344, 4) and penguins.X.dtype == np.float64
    assert penguins.species == ["Adelie", "Chinstrap", "Gentoo"]
    assert np.bincount(penguins.y).tolist() == [152, 68, 124]
    assert penguins.features[0] == "bill_length_mm" and len(penguins.features) == 4
    assert penguins.X[0].tolist() == [39.1, 18.7, 181, 3750]
    missing = np.isnan(penguins.X)
    assert missing.all(1).sum() == 2 and missing.sum() == 8
    assert set(penguins.island) == {"Biscoe", "Dream", "Torgersen"}
    assert (penguins.sex == "").sum() == 11


def test_spambase():
    spam = data.load("spambase")
    assert spam.X.shape == (4601, 57) and spam.X.dtype == np.float64
    assert np.isfinite(spam.X).all() and (spam.X >= 0).all()
    assert spam.y.dtype == np.int64 and np.bincount(spam.y).tolist() == [2788, 1813]
    assert (np.diff(spam.y) <= 0).all()  # sorted by class, as SOURCES.md warns
    assert len(spam.features) == 57 == len(set(spam.features))
    assert {"free", "money", "charDollar", "george", "hp"} <= set(spam.features)
    assert spam.X[0, spam.features.index("capitalTotal")] == 278


def test_breast_cancer():
    biopsies = data.load("breast_cancer")
    assert biopsies.X.shape == (569, 30) and biopsies.X.dtype == np.float64
    assert np.isfinite(biopsies.X).all() and (biopsies.X >= 0).all()
    assert biopsies.y.dtype == np.int64 and np.bincount(biopsies.y).tolist() == [357, 212]
    assert len(biopsies.features) == 30 == len(set(biopsies.features))
    assert biopsies.features[::10] == ["mean radius", "radius error", "worst radius"]
    assert biopsies.X[0, :3].tolist() == [17.99, 10.38, 122.8] and biopsies.y[0] == 1


def test_mnist10k():
    digits = data.load("mnist10k")
    assert digits.X.shape == (10_000, 28, 28) and digits.X.dtype == np.uint8
    assert digits.X.min() == 0 and digits.X.max() == 255
    assert np.bincount(digits.y)[[0, 1, 5]].tolist() == [1001, 1127, 863]
    assert digits.y.dtype == np.int64 and (np.diff(digits.y) >= 0).all()


def test_fashion():
    fashion = data.load("fashion")
    assert fashion.X_train.shape == (10_000, 28, 28) and fashion.X_test.shape == (2000, 28, 28)
    assert fashion.X_train.dtype == fashion.X_test.dtype == np.uint8
    assert fashion.y_train.shape == (10_000,) and fashion.y_test.shape == (2000,)
    assert set(fashion.y_train) == set(fashion.y_test) == set(range(10))
    assert len(fashion.classes) == 10 and fashion.classes[fashion.y_train[0]] == "Boot"


def test_sentiment():
    movies = data.load("sentiment")
    assert len(movies.texts) == 10_605 == len(movies.rating) and movies.rating.dtype == float
    assert abs(movies.rating).max() <= 4 and (abs(movies.rating) >= 1).sum() == 9173
    assert all(isinstance(text, str) and text for text in movies.texts)
    assert movies.texts[1].startswith("The gorgeously elaborate continuation")


def test_names():
    surnames, first = data.load("surnames"), data.load("first_names")
    assert len(surnames.names) == 13_009 == len(set(surnames.names)) == len(surnames.y)
    assert len(surnames.classes) == 16 and surnames.classes == sorted(surnames.classes)
    counts = np.bincount(surnames.y)
    assert counts.max() / 13_009 == pytest.approx(0.183, abs=5e-4)
    assert surnames.classes[counts.argmax()] == "Irish" and counts.min() == 152
    assert surnames.classes[surnames.y[surnames.names.index("Abičić")]] == "Croatian"
    assert len(first.names) == 5494 and len(set(first.names)) == 5163
    assert first.classes == ["F", "M"] and np.bincount(first.y).tolist() == [4275, 1219]


def test_bikeshare():
    bikes = data.load("bikeshare")
    assert bikes.time.dtype == np.dtype("datetime64[h]") and len(bikes.time) == 8645
    assert (bikes.time[0], bikes.time[-1]) == (np.datetime64("2011-01-01T00"),) + (
        np.datetime64("2011-12-31T23"),
    )
    assert (np.diff(bikes.time) > np.timedelta64(0)).all()
    weekday = (bikes.time.astype("datetime64[D]").astype(int) + 4) % 7  # day 0 was a Thursday
    assert (weekday == bikes.weekday).all()
    months = dict.fromkeys(bikes.mnth.tolist())
    month = bikes.time.astype("datetime64[M]").astype(int) % 12
    assert (np.array(list(months))[month] == bikes.mnth).all()
    assert (bikes.casual + bikes.registered == bikes.bikers).all() and bikes.bikers.min() >= 1
    for name in ("temp", "atemp", "hum", "windspeed"):
        assert 0 <= getattr(bikes, name).min() <= getattr(bikes, name).max() <= 1
    assert set(bikes.weathersit) > {"clear", "cloudy/misty"} and bikes.hr.max() == 23


def test_series():
    nyse, demand = data.load("nyse"), data.load("electricity")
    assert len(nyse.date) == 6051 and nyse.train.dtype == bool and nyse.train.sum() == 4281
    assert nyse.train[:4281].all() and (np.diff(nyse.date) > np.timedelta64(0)).all()
    for series in (nyse.dj_return, nyse.log_volume, nyse.log_volatility):
        assert series.shape == (6051,) and np.isfinite(series).all()
    assert len(set(nyse.day_of_week)) == 5 and nyse.day_of_week[0] == "mon"
    assert demand.value.shape == (4032,) and demand.value[0] == 22262
    assert set(np.diff(demand.date)) == {np.timedelta64(1800, "s")}
    assert demand.date[0] == np.datetime64("2000-06-05T00:00")


def test_series_reach_their_published_baselines():
    demand = data.load("electricity").value
    test = demand[int(0.8 * len(demand)) :]
    assert np.sqrt(np.mean(np.diff(test) ** 2)) == pytest.approx(905, abs=1)
    nyse = data.load("nyse")
    series = np.stack([nyse.dj_return, nyse.log_volume, nyse.log_volatility], axis=1)
    series = (series - series.mean(0)) / series.std(0)
    past = np.hstack([series[5 - lag : -lag] for lag in range(1, 6)] + [np.ones((6046, 1))])
    train, target = nyse.train[5:], series[5:, 1]
    weights = np.linalg.lstsq(past[train], target[train], rcond=None)[0]
    error = target[~train] - past[~train] @ weights
    assert 1 - error.var() / target[~train].var() == pytest.approx(0.413, abs=0.002)


def test_stocks():
    stocks = data.load("stocks")
    assert dict(zip(*np.unique(stocks.ticker, return_counts=True), strict=True)) == {
        "AAPL": 3270, "FB": 196, "GOOG": 2148, "IBM": 3270, "MSFT": 3270,
    }  # fmt: skip
    assert stocks.date.max() == np.datetime64("2013-03-01")
    assert (stocks.low <= stocks.high).all() and stocks.volume.dtype == np.int64
    assert np.isfinite(stocks.adj_close).all() and (stocks.adj_close > 0).all()


def test_texts_and_pairs():
    austen, shakespeare = data.text("austen"), data.text("shakespeare")
    assert len(austen) == 4_025_034 and len(set(austen)) == 81 and austen.startswith("EMMA")
    assert len(shakespeare) == 5_057_281 and len(set(shakespeare)) == 84
    bible, gnome = data.pairs("bible"), data.pairs("gnome_help")
    assert len(bible) == 7770 and len(gnome) == 3243
    assert len({english for english, _ in bible}) == 7530
    assert max(len(english.split()) for english, _ in bible) == 16
    assert bible[0][1] == "Au commencement, Dieu créa les cieux et la terre."
    for english, french in bible + gnome:
        assert english.strip() and french.strip()


def test_a_data_set_shows_its_fields_and_is_the_callers_own():
    spam = data.load("spambase")
    assert repr(spam).splitlines() == [
        "X               (4601, 57) float64",
        "y               (4601,) int64",
        "features        list of 57 str",
    ]
    spam.X[:] = 0
    assert data.load("spambase").X.any()


@pytest.mark.parametrize("call", [data.load, data.text, data.pairs, data.about, data.download])
def test_unknown_name(call):
    with pytest.raises(data.DataError) as failure:
        call("spambas")
    sentence(failure, "'spambas'", "did you mean 'spambase'", ", ".join(data.names()))
    with pytest.raises(data.DataError, match="There is no data set 'zzz': there are penguins"):
        call("zzz")


def test_wrong_reader():
    for call, name in ((data.load, "austen"), (data.text, "bible"), (data.pairs, "penguins")):
        with pytest.raises(data.DataError) as failure:
            call(name)
        sentence(failure, repr(name), f"data.{call.__name__}", f"data.about({name!r})")


def test_batches():
    rng = np.random.default_rng(0)
    parts = list(data.batches(10, 4, rng))
    assert [len(part) for part in parts] == [4, 4, 2]
    assert sorted(np.concatenate(parts)) == list(range(10))
    again = list(data.batches(10, 4, rng))
    assert np.concatenate(again).tolist() != np.concatenate(parts).tolist()
    same = data.batches(10, 4, np.random.default_rng(0))
    assert next(same).tolist() == parts[0].tolist()
    assert [len(part) for part in data.batches(3, 100, rng)] == [3]
    assert list(data.batches(0, 4, rng)) == []
    for size in (0, -1):
        with pytest.raises(ValueError, match=f"The batch size is {size}: give at least 1."):
            data.batches(10, size, rng)


def test_import_is_light():
    code = (
        "import numpy, sys; before = set(sys.modules); import nbhelpers.data;"
        "print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"torch", "pandas", "matplotlib", "tqdm", "http", "ssl", "difflib"}
    assert not heavy & set(out.stdout.split())


# ---- The registry ----


def test_registry_and_files_agree():
    text = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    listed = re.findall(r"^- File: `(\S+)` sha256 `([0-9a-f]{64})`$", text, re.M)
    present = {path.name for path in FOLDER.iterdir()}
    extra = {"SOURCES.md", ".gitattributes", "licenses", "__pycache__"}
    assert {name for name, _ in listed} == present - extra and len(listed) == len(CARRIED)
    for name, digest in listed:
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest, name
    licenses = {f"licenses/{path.name}" for path in (FOLDER / "licenses").iterdir()}
    assert set(re.findall(r"`(licenses/\S+)`", text)) == licenses
    assert text.count("\n- File: ") == len(data._FILE.findall(text))  # none is misspelled


@pytest.mark.parametrize("name", data.names())
def test_about(name, capsys):
    assert data.about(name) is None
    shown = capsys.readouterr().out
    assert shown.startswith(f"{name}\n") and max(map(len, shown.splitlines())) <= 100
    for field in ("Read", "Size", "Source", "License", "Citation"):
        assert shown.count(f"\n- {field}: ") == 1
    assert not re.search(r"\b[0-9a-f]{32,}\b", shown)
    kinds = [kind for kind in ("load", "text", "pairs") if f"_{kind}_{name}" in vars(data)]
    assert [f"data.{kind}" for kind in kinds] == re.findall(
        r"`(data\.\w+)\(\S+`,?$", shown, re.M
    ) or (name in DOWNLOADS and shown.count("data.download") == 1)
    size = re.search(r"^- Size: ([\d.]+) ([kM])B", shown, re.M)
    if name in CARRIED:
        [(path, _, _)] = data._files(name)
        unit = {"k": 1e3, "M": 1e6}[size[2]]
        assert abs(path.stat().st_size / unit - float(size[1])) <= (0.5 if unit == 1e3 else 0.05)
        assert "`licenses/" in shown.split("- License: ")[1].split("\n- ")[0]


def test_downloads_are_registered_with_digests():
    lengths = {"md5": 32, "sha1": 40, "sha256": 64}
    for name in DOWNLOADS:
        files = data._files(name)
        assert len(files) == (4 if "mnist" in name else 1)
        for path, url, (algorithm, _, digest) in files:
            assert url.startswith(("https://", "http://")) and path.parent.name == name
            assert len(digest) == lengths[algorithm]


@pytest.mark.parametrize("damage", ["cut", "changed", "missing"])
def test_damaged_carried_file(tmp_path, monkeypatch, damage):
    for name in ("SOURCES.md", "penguins.csv"):
        shutil.copy(FOLDER / name, tmp_path)
    monkeypatch.setattr(data, "FOLDER", tmp_path)
    path = tmp_path / "penguins.csv"
    content = path.read_bytes()
    path.write_bytes({"cut": content[:-1]}.get(damage, content.replace(b"39.1", b"39.2", 1)))
    if damage == "missing":
        path.unlink()
    with pytest.raises(data.DataError) as failure:
        data.load("penguins")
    state = "missing" if damage == "missing" else "damaged"
    sentence(failure, f"{path} is {state}", "git checkout", "install nbhelpers again")
    path.write_bytes(content)
    assert data.load("penguins").X.shape == (344, 4)


def test_carried_set_is_not_downloaded():
    with pytest.raises(data.DataError) as failure:
        data.download("penguins")
    sentence(failure, "'penguins'", "carried")


def test_cache_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("NBHELPERS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert data._cache() == tmp_path / "nbhelpers"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert data._cache() == Path.home() / ".cache" / "nbhelpers"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert data._cache() == Path.home() / "Library" / "Caches" / "nbhelpers"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert data._cache() == tmp_path / "local" / "nbhelpers"
    monkeypatch.setenv("NBHELPERS_CACHE", "~/elsewhere")
    assert data._cache() == Path.home() / "elsewhere"


# ---- A server that misbehaves ----


class Server(ThreadingHTTPServer):
    """Serves ``files``; each request takes the next of the path's ``faults``; the last stays."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.files, self.faults, self.requests = {}, {}, []
        self.ranges = True
        self.released = threading.Event()  # lets stalled replies end
        self.together = None  # a barrier which makes requests wait for each other


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server, body = self.server, self.server.files.get(self.path)
        server.requests.append(self.headers)
        if server.together:
            server.together.wait(10)
        faults = server.faults.get(self.path, ["none"])
        fault = faults.pop(0) if len(faults) > 1 else faults[0]
        self.close_connection = True
        if body is None or isinstance(fault, int):
            self.send_error(fault if body else 404)
            return
        if fault == "corrupt":
            body = body[:-9] + b"corrupted"
        first = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "bytes=0-"))[1]
        start = int(first) if server.ranges else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        if fault != "no length":
            self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        body = body[start:]
        broken = fault in ("truncate", "stall", "reset")
        self.wfile.write(body[: len(body) // 2] if broken else body)
        self.wfile.flush()
        if fault == "stall":
            server.released.wait(10)
        if fault == "reset":  # close with RST instead of FIN
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()

    def finish(self):
        try:
            super().finish()
        except (OSError, ValueError):
            pass

    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    server = Server()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("NBHELPERS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(data, "_PAUSES", (0, 0, 0, 0))
    monkeypatch.setattr(data, "_TIMEOUT", 0.3)
    monkeypatch.setattr(data, "FOLDER", tmp_path)
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


def register(server, name, files, algorithm="sha256", unpacked=False):
    """Serve files, and make them the only data set of the registry; return their cache folder."""
    lines = [f"## {name}\n", "A test.\n", "- Size: 0.2 MB"]
    for file, body in files.items():
        server.files[f"/{file}"] = body
        content = gzip.decompress(body) if unpacked else body
        digest = hashlib.new(algorithm, content).hexdigest()
        note = " of the unpacked file" if unpacked else ""
        lines.append(f"- File: <{server.url}/{file}> {algorithm}{note} `{digest}`")
    (data.FOLDER / "SOURCES.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    data._registry.cache_clear()
    return data._cache() / name


def left_in(folder):
    """Everything in a folder, however deep."""
    return sorted(path.name for path in folder.rglob("*"))


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256"])
def test_download(server, algorithm, capfd):
    folder = register(server, "set", {"a.bin": BODY, "b.bin": b"second"}, algorithm)
    assert data.download("set") == folder
    assert left_in(folder) == ["a.bin", "b.bin"] and (folder / "a.bin").read_bytes() == BODY
    assert [headers["User-Agent"] for headers in server.requests] == ["nbhelpers"] * 2
    assert data.download("set") == folder and len(server.requests) == 2  # there already
    (folder / "a.bin").write_bytes(BODY[:-1])
    data.download("set")
    assert (folder / "a.bin").read_bytes() == BODY and len(server.requests) == 3
    assert capfd.readouterr() == ("", "")  # no bar where there is no terminal


def test_digest_of_the_unpacked_file(server):
    folder = register(server, "set", {"a.gz": gzip.compress(BODY)}, unpacked=True)
    server.files["/a.gz"] = gzip.compress(BODY, 1)  # other bytes of the same content
    data.download("set")
    assert left_in(folder) == ["a.gz"]
    server.files["/a.gz"] = gzip.compress(BODY[1:])
    (folder / "a.gz").write_bytes(gzip.compress(BODY)[:1000])
    with pytest.raises(data.DataError, match="is not the registered file"):
        data.download("set")


@pytest.mark.parametrize("fault", ["truncate", "stall", "reset"])
@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_transfer_is_taken_up(server, fault, ranges):
    folder = register(server, "set", {"a.bin": BODY})
    server.ranges, server.faults["/a.bin"] = ranges, [fault, "none"]
    data.download("set")
    assert (folder / "a.bin").read_bytes() == BODY and left_in(folder) == ["a.bin"]
    first, second = server.requests
    assert first["Range"] is None
    if fault == "truncate":
        assert second["Range"] == "bytes=100000-"


def test_a_transfer_broken_twice_is_resumed_twice(server):
    folder = register(server, "set", {"a.bin": BODY})
    server.faults["/a.bin"] = ["truncate", "truncate", "none"]
    data.download("set")
    assert [headers["Range"] for headers in server.requests] == [
        None,
        "bytes=100000-",
        "bytes=150000-",
    ]
    assert (folder / "a.bin").read_bytes() == BODY


def test_a_busy_server_and_one_that_does_not_tell_the_length(server):
    folder = register(server, "set", {"a.bin": BODY})
    server.faults["/a.bin"] = [500, 503, 429, "no length"]
    data.download("set")
    assert (folder / "a.bin").read_bytes() == BODY and len(server.requests) == 4


@pytest.mark.parametrize(
    ("fault", "words", "requests"),
    [
        (404, ["answered 404 Not Found"], 1),
        (403, ["answered 403 Forbidden"], 1),
        (500, ["answered 500"], 4),
        ("corrupt", ["is not the registered file"], 1),
        ("truncate", ["broke off after 187,500 of 200,000 bytes"], 4),
        ("stall", ["cannot be read (timed out)"], 4),
    ],
)
def test_failures_say_what_to_do_and_leave_nothing(server, fault, words, requests):
    folder = register(server, "set", {"good.bin": b"good", "bad.bin": BODY})
    server.faults["/bad.bin"] = [fault]
    with pytest.raises(data.DataError) as failure:
        data.download("set")
    sentence(
        failure,
        f"{server.url}/bad.bin",
        *words,
        "check the network and call data.download('set') again",
        f"put the file at {folder / 'bad.bin'}",
    )
    assert left_in(folder) == ["good.bin"] and len(server.requests) == 1 + requests
    server.faults.clear()
    data.download("set")
    assert left_in(folder) == ["bad.bin", "good.bin"]


def test_a_file_that_changes_between_two_attempts_is_refused(server):
    folder = register(server, "set", {"a.bin": BODY})
    server.faults["/a.bin"] = ["truncate", "corrupt"]
    with pytest.raises(data.DataError, match="is not the registered file"):
        data.download("set")
    assert left_in(folder) == []


def test_no_network(server):
    folder = register(server, "set", {"a.bin": BODY})
    server.shutdown()
    server.server_close()
    with pytest.raises(data.DataError) as failure:
        data.download("set")
    sentence(failure, "cannot be read (Connection refused)", "data.download('set') again")
    assert left_in(folder) == []


def test_a_file_put_there_by_hand_is_enough(server):
    folder = register(server, "set", {"a.bin": BODY})
    folder.mkdir(parents=True)
    (folder / "a.bin").write_bytes(BODY)
    assert data.download("set") == folder and not server.requests


def test_cache_that_cannot_be_made(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("NBHELPERS_CACHE", str(tmp_path / "file" / "cache"))
    folder = register(server, "set", {"a.bin": BODY})
    with pytest.raises(data.DataError) as failure:
        data.download("set")
    sentence(failure, f"{folder} cannot be written", "Not a directory", "NBHELPERS_CACHE")
    with pytest.raises(data.DataError, match="is missing: call data.download"):
        monkeypatch.setattr(data, "_load_set", lambda path: path, raising=False)
        data.load("set")


def test_full_disk(server):
    resource = pytest.importorskip("resource")
    folder = register(server, "set", {"a.bin": BODY})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(data.DataError) as failure:
            data.download("set")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    sentence(failure, f"{folder} cannot be written", "free some space", "NBHELPERS_CACHE")
    assert left_in(folder) == []


def test_interrupted_by_the_user(server, monkeypatch):
    folder = register(server, "set", {"a.bin": BODY})

    def interrupted(path, *check):
        if path.exists():
            raise KeyboardInterrupt
        return False

    monkeypatch.setattr(data, "_intact", interrupted)
    with pytest.raises(KeyboardInterrupt):
        data.download("set")
    assert left_in(folder) == []


CHILD = """
import sys
from pathlib import Path
from nbhelpers import data
data.FOLDER = Path(sys.argv[1])
data._PAUSES = (0, 0)
data.download("set")
"""


def child(tmp_path):
    return subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stderr=subprocess.PIPE)


def test_two_processes_at_once(server, tmp_path):
    folder = register(server, "set", {"a.bin": BODY})
    server.together = threading.Barrier(2)  # neither gets a byte before both have asked
    children = [child(tmp_path), child(tmp_path)]
    for process in children:
        assert process.communicate(timeout=15) == (None, b"") and process.returncode == 0
    assert left_in(folder) == ["a.bin"] and (folder / "a.bin").read_bytes() == BODY
    assert len(server.requests) == 2


def test_a_killed_download_leaves_no_file_under_its_name(server, tmp_path):
    folder = register(server, "set", {"a.bin": BODY})
    server.faults["/a.bin"] = ["stall", "none"]
    process = child(tmp_path)
    while not server.requests:
        time.sleep(0.01)
    process.kill()
    process.communicate(timeout=15)
    assert not (folder / "a.bin").exists()
    data.download("set")
    assert (folder / "a.bin").read_bytes() == BODY


# ---- What is read from downloads ----


def idx(array):
    """An array in the IDX format, gzipped."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes())


def tar_gz(files):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, body in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return packed.getvalue()


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return packed.getvalue()


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_read_idx_files(server, name):
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (7, 28, 28)), rng.integers(0, 10, 7)
    names = [
        f"{part}-{kind}-ubyte.gz"
        for part in ("train", "t10k")
        for kind in ("images-idx3", "labels-idx1")
    ]
    register(server, name, dict(zip(names, map(idx, (X[:4], y[:4], X[4:], y[4:])), strict=True)))
    with pytest.raises(data.DataError) as failure:
        data.load(name)
    sentence(failure, names[0], f"is missing: call data.download({name!r}) to fetch it (0.2 MB)")
    data.download(name)
    got = data.load(name)
    assert (got.X_train == X[:4]).all() and (got.X_test == X[4:]).all()
    assert (got.y_train == y[:4]).all() and (got.y_test == y[4:]).all()
    assert got.X_train.dtype == np.uint8 and got.y_test.dtype == np.int64
    got.X_train[0] = 0  # writable
    assert name == "mnist" or len(got.classes) == 10


def test_read_cifar10(server):
    rng = np.random.default_rng(0)
    y, X = rng.integers(0, 10, 18), rng.integers(0, 256, (18, 3, 32, 32), dtype=np.uint8)
    records = [bytes([label]) + image.tobytes() for label, image in zip(y, X, strict=True)]
    parts = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    files = {
        f"cifar-10-batches-bin/{part}.bin": b"".join(records[3 * i : 3 * i + 3])
        for i, part in enumerate(parts)
    }
    register(server, "cifar10", {"cifar-10-binary.tar.gz": tar_gz(files)})
    data.download("cifar10")
    got = data.load("cifar10")
    assert (got.X_train == X[:15]).all() and (got.y_train == y[:15]).all()
    assert (got.X_test == X[15:]).all() and (got.y_test == y[15:]).all()
    assert got.X_train.dtype == np.uint8 and got.classes[9] == "truck"


def test_read_sms_spam(server):
    messages = 'ham\tSee you at 5\nspam\tCall now to claim £900\nham\tOk "quoted"\n'
    body = zipped({"readme": "short", "SMSSpamCollection": messages})
    register(server, "sms_spam", {"sms+spam+collection.zip": body})
    data.download("sms_spam")
    got = data.load("sms_spam")
    assert got.y.tolist() == [0, 1, 0] and got.classes == ["ham", "spam"]
    assert got.texts == ["See you at 5", "Call now to claim £900", 'Ok "quoted"']


def test_read_tatoeba_and_tiny_shakespeare(server):
    lines = "Go.\tVa !\tCC-BY 2.0 (France)\nRun!\tCours\u202f!\n"
    register(server, "tatoeba", {"fra-eng.zip": zipped({"a.txt": "-", "fra-eng/fra.txt": lines})})
    data.download("tatoeba")
    assert data.pairs("tatoeba") == [("Go.", "Va !"), ("Run!", "Cours\u202f!")]
    register(server, "tiny_shakespeare", {"input.txt": b"First Citizen:\nBefore we proceed\n"})
    data.download("tiny_shakespeare")
    assert data.text("tiny_shakespeare") == "First Citizen:\nBefore we proceed\n"


def test_damaged_download(server):
    folder = register(server, "tiny_shakespeare", {"input.txt": b"First Citizen"})
    data.download("tiny_shakespeare")
    (folder / "input.txt").write_bytes(b"Second Citizen")
    with pytest.raises(data.DataError) as failure:
        data.text("tiny_shakespeare")
    sentence(failure, "input.txt is damaged", "call data.download('tiny_shakespeare')")


class Malicious:
    """Its pickle, when loaded, makes a folder."""

    def __init__(self, target):
        self.target = str(target)

    def __reduce__(self):
        return os.mkdir, (self.target,)


def test_no_pickle_is_ever_run(server, tmp_path):
    target = tmp_path / "executed"
    program = pickle.dumps({"labels": [1], "data": Malicious(target)})
    names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    for folder, end in (("py", ""), ("bin", ".bin")):
        files = {f"cifar-10-batches-{folder}/{name}{end}": program for name in names}
        register(server, "cifar10", {f"{folder}.tar.gz": tar_gz(files)})
        data.download("cifar10")
        with pytest.raises((KeyError, ValueError)):
            data.load("cifar10")
    np.savez(tmp_path / "objects.npz", x=np.array([Malicious(target)]), y=np.arange(1))
    register(server, "mnist10k", {"objects.npz": (tmp_path / "objects.npz").read_bytes()})
    data.download("mnist10k")
    with pytest.raises(ValueError, match="allow_pickle=False"):
        data.load("mnist10k")
    assert not target.exists()
    pickle.loads(program)  # the trap itself works
    assert target.exists()
