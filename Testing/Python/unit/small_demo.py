"""The command line, its demonstration on small images: `python -m small_demo demo --out DIR`."""

import sys
from dataclasses import replace
from functools import partial

from HER2ImmunoStudyLib.cli import demo, main
from HER2ImmunoStudyLib.phantom.presets import HUMAN, Grid

SMALL = replace(
    HUMAN,
    mr_grid=Grid((8, 32, 32), (4.0, 4.0, 5.0), (-75.0, 58.0, 21.0)),
    pet_grid=Grid((10, 30, 30), (5.0, 5.0, 5.0), (-74.3, 57.6, 21.7)),
    mr=replace(HUMAN.mr, frames=40, frame_s=4.0),
)

if __name__ == "__main__":
    demo.write_virtual_patient = partial(demo.write_virtual_patient, preset=SMALL)
    sys.exit(main())
