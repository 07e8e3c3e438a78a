"""The progress bar of the command line."""

from __future__ import annotations

import re
import shutil
import sys
import time

from HER2ImmunoCommonLib.interruption import INTERRUPTION

BAR_WIDTH = 28
SECONDS_BETWEEN_DRAWS = 0.1


class ProgressBar:
    """A bar on standard error with the stage's name; on a file or pipe, one line a stage."""

    def __init__(self, *, quiet: bool):
        self._quiet = quiet
        self._in_place = sys.stderr.isatty()
        self._last_draw = 0.0
        self._last_stage = ""

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._in_place and self._last_draw:
            self._write("\r\033[K")

    def report(self, fraction: float, text: str) -> None:
        """Show the fraction done and what is being done; a `progress.Report`."""
        INTERRUPTION.check()
        if self._quiet:
            return
        stage = re.sub(r" \d+ of \d+$", "", text)
        if not self._in_place:
            if stage != self._last_stage:
                self._write(f"{100 * fraction:3.0f} %  {stage}\n")
                self._last_stage = stage
            return
        now = time.monotonic()
        if now - self._last_draw > SECONDS_BETWEEN_DRAWS:
            done = round(BAR_WIDTH * min(max(fraction, 0.0), 1.0))
            line = f"[{'#' * done}{'.' * (BAR_WIDTH - done)}] {100 * fraction:3.0f} %  {text}"
            self._write(f"\r\033[K{line[: shutil.get_terminal_size().columns - 1]}")
            self._last_draw = now

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except BrokenPipeError:
            # Nobody reads on; the work goes on without a bar.
            self._quiet = True
