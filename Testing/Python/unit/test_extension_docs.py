"""What the documentation calls a button, field or section has that name in the application."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MODULES = ("HER2ImmunoCommon", "QuantDCE", "PETHypoxia", "HER2ImmunoModel")
OF_SLICER = {"Sample Data"}


def in_italics(text):
    """What stands in single asterisks, over the end of a line too."""
    text = re.sub(r"```.*?```|`[^`]*`|\*\*[^*]+\*\*", "", text, flags=re.DOTALL)
    return {" ".join(label.split()) for label in re.findall(r"\*([^*\n]+(?:\n[^*\n]+)?)\*", text)}


@pytest.fixture(scope="module")
def words():
    """All that forms and sources of the panels say."""
    files = [path for module in MODULES for kind in ("ui", "py") for path in (ROOT / module).rglob(f"*.{kind}")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def panel_section(page):
    """The tutorial, or what a page says of the panel."""
    text = (ROOT / "Docs" / f"{page}.md").read_text(encoding="utf-8")
    if page == "Tutorial":
        return text
    return re.search(r"^## In the panel$(.*?)^## ", text, re.DOTALL | re.MULTILINE)[1]


@pytest.mark.parametrize("page", ["Tutorial", "QuantDCE", "PETHypoxia", "HER2ImmunoModel", "Visits"])
def test_every_label_in_italics_is_one_of_the_panels(page, words):
    labels = in_italics(panel_section(page)) - OF_SLICER
    assert len(labels) > 3
    assert {label for label in labels if label not in words} == set()
