"""`her2immuno rcb`: the residual cancer burden of a surgical specimen."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from HER2ImmunoCommonLib.progress import Report
from HER2ImmunoModelLib.trials import DEFINITIONS, RCB_PATENT, RCB_SOURCE, ResidualBurden

from .values import finite

NAME = "rcb"


@dataclass(frozen=True)
class RcbSettings:
    """What `her2immuno rcb` is asked."""

    burden: ResidualBurden


def add_arguments(parser: argparse.ArgumentParser) -> None:
    for name, unit, text in (
        ("d1", "MM", "one diameter of the tumour bed, mm; 0 without a bed"),
        ("d2", "MM", "the diameter across it, mm"),
        ("cellularity", "PERCENT", "share of the bed that cancer covers, in situ included"),
        ("in-situ", "PERCENT", "share of that cancer that is in situ"),
        ("nodes", "N", "positive lymph nodes"),
        ("metastasis", "MM", "largest diameter of the largest metastasis in a node, mm"),
    ):
        parser.add_argument(f"--{name}", required=True, type=finite, metavar=unit, help=text)


def read(arguments: argparse.Namespace) -> RcbSettings:
    names = ("d1", "d2", "cellularity", "in_situ", "nodes", "metastasis")
    return RcbSettings(ResidualBurden(*(getattr(arguments, name) for name in names)))


def run(settings: RcbSettings, report: Report) -> dict:
    burden = settings.burden
    pcr = {definition.name: burden.is_pcr(definition) for definition in DEFINITIONS}
    met = [name for name, is_met in pcr.items() if is_met]
    return {
        "rcb": {"score": burden.score, "class": burden.rcb_class},
        "pcr": pcr,
        "source": RCB_SOURCE,
        "patent": RCB_PATENT,
        "text": [
            f"RCB {burden.score:.3f}, class {burden.rcb_class}",
            f"pCR by {', '.join(met)}" if met else f"No pCR by any of {', '.join(pcr)}",
            f"Formula: {RCB_SOURCE}. {RCB_PATENT}",
        ],
    }
