"""The full sizes cannot rot: every PyTorch notebook runs at them, each training loop capped."""

import pytest
from nbclient import NotebookClient
from support import NOTEBOOKS, name, read

TORCH = [path for path in NOTEBOOKS if path.stem.endswith("_torch")]


@pytest.mark.parametrize("path", TORCH, ids=name)
def test_full_size(path, monkeypatch):
    monkeypatch.setenv("NBHELPERS_SIZE", "full")
    monkeypatch.setenv("NBHELPERS_MAX_STEPS", "1")
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(read(path), resources=resources, timeout=300, kernel_name="python3").execute()
