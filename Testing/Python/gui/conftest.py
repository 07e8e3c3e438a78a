"""Fixtures for the panels: the stand-in for Slicer's Qt layer, an empty scene, modules loaded by name."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "Testing"))

import host as stand_in  # noqa: E402


@pytest.fixture(scope="session")
def installed_host():
    """The stand-in, installed once in the process."""
    installed = stand_in.install()
    yield installed
    installed.close()


@pytest.fixture
def host(installed_host, monkeypatch):
    """The stand-in with an empty scene. An error in a slot or observer fails the test, unless it clears
    `host.slot_errors`."""
    errors = installed_host.slot_errors
    errors.clear()
    monkeypatch.setattr(sys, "excepthook", installed_host.keep_error)
    installed_host.new_scene()
    modules = dict(sys.modules)
    yield installed_host
    installed_host.unload_all()
    sys.modules.update(modules)  # a module's Reload reads its libraries again
    kept, installed_host.slot_errors = list(errors), []
    assert not kept, f"raised in a slot or observer: {kept}"


@pytest.fixture
def scene(host):
    """The empty scene of this test, `slicer.mrmlScene`."""
    return host.scene


@pytest.fixture
def load_module(host):
    """`load_module("QuantDCE")` opens a module's panel and returns its Widget."""
    return host.load_module


@pytest.fixture
def photograph(host, tmp_path):
    """`photograph(widget, "name")` writes a PNG: to HER2IMMUNO_PICTURES if that is set, else to the test's folder."""
    folder = Path(os.environ.get("HER2IMMUNO_PICTURES", tmp_path))

    def take(widget, name, width=480):
        return host.photograph(widget, folder / f"{name}.png", width)

    return take


@pytest.fixture
def example(host, scene):
    """The example module's Widget, with its panel."""
    return host.load_module("HostExample", ROOT / "Testing/host/example/HostExample/HostExample.py")
