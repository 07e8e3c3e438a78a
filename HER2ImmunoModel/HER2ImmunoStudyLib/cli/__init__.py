"""The `her2immuno` command: every part of the path from DICOM to a ranked schedule, without Slicer.

What it needs is imported when it is needed: help and version must not wait for the libraries, and a signal that comes
while they load must find somebody who listens.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from HER2ImmunoCommonLib.interruption import INTERRUPTION, shielded

EXIT_OK, EXIT_ERROR, EXIT_QUESTION = 0, 2, 3
CANCELLED = "Cancelled: nothing was written."


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        Words after `her2immuno`; those of the process by default.

    Returns
    -------
    int
        0 done (warnings included), 2 error, 3 a question only a person can answer.
    """
    try:
        with INTERRUPTION.listening():
            # An import that is torn apart can leave a library half-loaded, so a signal waits for its end.
            with shielded():
                from .parsing import parse

                run = parse(sys.argv[1:] if argv is None else list(argv))
                from .running import run_command
            return run_command(run)
    except KeyboardInterrupt:
        print(CANCELLED, file=sys.stderr)
        return EXIT_ERROR
