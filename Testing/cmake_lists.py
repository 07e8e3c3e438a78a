"""Write the SCRIPTS and RESOURCES lists of each module's CMakeLists.txt from the files git tracks.

python Testing/cmake_lists.py           rewrite the lists
python Testing/cmake_lists.py --check   change nothing; name each file missing or too many, exit 1 if any
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ("HER2ImmunoCommon", "QuantDCE", "PETHypoxia", "HER2ImmunoModel")
LISTS = ("MODULE_PYTHON_SCRIPTS", "MODULE_PYTHON_RESOURCES")


def tracked_files(folder: Path) -> list[str]:
    """Files under `folder` that git tracks and that exist, relative to it."""
    listing = subprocess.run(
        ["git", "-C", str(folder), "ls-files", "-z", "."], check=True, capture_output=True, encoding="utf-8"
    )
    return [name for name in listing.stdout.split("\0") if name and (folder / name).is_file()]


def files_on_disk(folder: Path) -> list[str]:
    """Files under `folder` relative to it, without what Python and editors leave behind."""
    names = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [
        name.as_posix()
        for name in names
        if not any(part == "__pycache__" or part.startswith(".") or part.endswith(".egg-info") for part in name.parts)
    ]


def lists_of(names: Iterable[str]) -> dict[str, list[str]]:
    """Sort a module's files into the two lists; pages and the SVG source of a PNG are not installed."""
    names = set(names)
    installed = {
        name
        for name in names
        if name != "CMakeLists.txt"
        and not name.endswith(".md")
        and not (name.endswith(".svg") and name.removesuffix(".svg") + ".png" in names)
    }
    scripts = sorted((name for name in installed if name.endswith(".py")), key=lambda name: ("/" in name, name))
    resources = sorted(name for name in installed if not name.endswith(".py"))
    return dict(zip(LISTS, (scripts, resources), strict=True))


def read_lists(cmake_text: str) -> dict[str, list[str]]:
    """Both lists as a CMakeLists.txt has them."""
    return {name: _block(name, cmake_text)["entries"].split() for name in LISTS}


def with_lists(cmake_text: str, lists: dict[str, list[str]]) -> str:
    """The text of a CMakeLists.txt with its two lists replaced."""
    for name, entries in lists.items():
        start, stop = _block(name, cmake_text).span("entries")
        cmake_text = cmake_text[:start] + "".join(f"\n  {entry}" for entry in entries) + "\n  " + cmake_text[stop:]
    return cmake_text


def _block(name: str, cmake_text: str) -> re.Match:
    found = re.search(rf"set\({name}(?P<entries>[^)]*)\)", cmake_text)
    if found is None:
        raise ValueError(f"The CMakeLists.txt has no set({name} ...).")
    return found


def differences(cmake_text: str, lists: dict[str, list[str]]) -> list[str]:
    """One sentence for each file that a list lacks or has too many."""
    found = []
    for name, listed in read_lists(cmake_text).items():
        found += [f"{name} lacks {entry}" for entry in lists[name] if entry not in listed]
        found += [f"{name} lists {entry}, which is not there" for entry in listed if entry not in lists[name]]
        found += [f"{name} lists {entry} twice" for entry in sorted(set(listed)) if listed.count(entry) > 1]
    return found


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a list is wrong")
    check = parser.parse_args(arguments).check
    wrong = 0
    for module in MODULES:
        path = root / module / "CMakeLists.txt"
        text = path.read_text(encoding="utf-8")
        lists = lists_of(tracked_files(path.parent))
        for sentence in differences(text, lists):
            wrong += 1
            print(f"{module}/CMakeLists.txt: {sentence}")
        if not check:
            path.write_text(with_lists(text, lists), encoding="utf-8", newline="\n")
    return 1 if check and wrong else 0


if __name__ == "__main__":
    sys.exit(main())
