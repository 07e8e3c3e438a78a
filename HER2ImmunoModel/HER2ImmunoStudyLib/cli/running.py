"""The course of every command: settings, work, and how it ends, told in sentences."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from HER2ImmunoCommonLib import files
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.interruption import INTERRUPTION
from HER2ImmunoCommonLib.privacy import shareable
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoCommonLib.provenance import plain

from . import CANCELLED, EXIT_ERROR, EXIT_OK, EXIT_QUESTION
from .parsing import Run
from .terminal import ProgressBar


def run_command(run: Run) -> int:
    """Run a command, tell what came of it and give the exit code."""
    if run.json:
        # Before an hour of work, and with no summary of this failure.
        try:
            _refuse_devices({"json": run.json})
            files.check_file(run.json)
        except (InputError, OSError) as error:
            _print(f"Error: {_sentence(error)}", sys.stderr)
            return EXIT_ERROR
    with ProgressBar(quiet=run.quiet) as bar:
        try:
            _refuse_devices(run.given)
            summary = {"status": "ok", **run.command.run(run.read(), bar.report)}
            code = summary.pop("exit_code", EXIT_OK)
        except QuestionsError as error:
            summary = {"status": "ask", "questions": error.questions, "text": [_ask(error)]}
            code = EXIT_QUESTION
        except (InputError, OSError, MemoryError) as error:
            sentence = _sentence(error)
            summary, code = {"status": "error", "error": sentence, "text": [f"Error: {sentence}"]}, EXIT_ERROR
        except (Cancelled, KeyboardInterrupt):
            summary, code = {"status": "cancelled", "text": [CANCELLED]}, EXIT_ERROR
        except (ImportError, SystemError):
            # A library that a signal meets while it loads may say so with an error of its own.
            if not INTERRUPTION.asked:
                raise
            summary, code = {"status": "cancelled", "text": [CANCELLED]}, EXIT_ERROR
    return _tell(summary, run, code)


def _refuse_devices(given: Mapping[str, object]) -> None:
    """Refuse devices and pipes among the files that the options name: reading one may have no end."""
    values = [entry for value in given.values() for entry in (value if isinstance(value, (list, tuple)) else [value])]
    for value in values:
        if not isinstance(value, (str, Path)) or str(value) in ("", "."):
            continue
        try:
            mode = Path(value).stat().st_mode
        except (OSError, ValueError):
            continue
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise InputError(f"{value} is a device or a pipe; name a file or folder instead.")


def _sentence(error: InputError | OSError | MemoryError) -> str:
    """The reason of a run that failed, as one sentence."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this; close other programs, or analyse fewer or smaller images at once."
    return files.os_sentence(error)


def _ask(error: QuestionsError) -> str:
    lines = [f"  {question.text}  Answer with --set {question.key}=VALUE" for question in error.questions]
    return "\n".join(["A person has to answer first:", *lines])


def _tell(summary: dict, run: Run, code: int) -> int:
    text = summary.pop("text", [])
    if code != EXIT_OK and "findings" not in summary:
        _print("\n".join(text), sys.stderr)
    elif not run.quiet:
        _print("\n".join(text), sys.stdout)
    if run.json:
        try:
            files.write_json(_summary(summary), run.json)
        except (InputError, OSError) as error:
            _print(f"Error: {_sentence(error)}", sys.stderr)
            return EXIT_ERROR
    return code


def _summary(summary: dict) -> dict:
    """The summary as it may be passed on; places of results stay as they were asked for."""
    content = plain(summary)
    return shareable(content) | {name: content[name] for name in ("files", "study") if name in content}


def _print(text: str, stream) -> None:
    try:
        print(_shown(text, stream), file=stream, flush=True)
    except BrokenPipeError:
        # The reader, such as `head`, has had enough; what is left in the buffer must not fail at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _shown(text: str, stream) -> str:
    """The text with signs that the terminal has not written by their numbers."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
