"""Photograph module panels: `python Testing/host FOLDER QuantDCE [PETHypoxia ...]` writes `FOLDER/<module>.png`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import host


def main(folder: str, *names: str) -> None:
    """Write one picture a module, of its panel in an empty scene."""
    running = host.install()
    for name in names:
        print(running.photograph(running.load_module(name), Path(folder) / f"{name}.png"))
    running.close()


main(*sys.argv[1:])
