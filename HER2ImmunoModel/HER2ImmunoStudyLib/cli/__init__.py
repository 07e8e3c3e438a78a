"""The `her2immuno` command: every part of the path from DICOM to a ranked schedule, without Slicer."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from HER2ImmunoCommonLib import RESEARCH_ONLY, __version__, files
from HER2ImmunoCommonLib.errors import InputError, QuestionsError
from HER2ImmunoCommonLib.progress import Cancelled
from HER2ImmunoCommonLib.provenance import plain

from .commands import COMMANDS
from .terminal import ProgressBar

EXIT_OK, EXIT_ERROR, EXIT_QUESTION = 0, 2, 3


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
    arguments = _parser().parse_args(argv)
    with ProgressBar(quiet=arguments.quiet) as bar:
        try:
            command = arguments.command
            summary = {"status": "ok", **command.run(command.read(arguments), bar.report)}
            code = EXIT_OK
        except QuestionsError as error:
            summary = {"status": "ask", "questions": error.questions, "text": [_ask(error)]}
            code = EXIT_QUESTION
        except InputError as error:
            summary, code = {"status": "error", "error": str(error), "text": [f"Error: {error}"]}, EXIT_ERROR
        except (Cancelled, KeyboardInterrupt):
            summary, code = {"status": "cancelled", "text": ["Cancelled: nothing was written."]}, EXIT_ERROR
    return _tell(summary, arguments, code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="her2immuno",
        description=f"Quantitative imaging and tumour-immune modelling of HER2+ breast cancer. {RESEARCH_ONLY}",
    )
    parser.add_argument("--version", action="version", version=f"her2immuno {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = commands.add_parser(command.NAME, help=command.HELP, description=f"{command.HELP}. {RESEARCH_ONLY}")
        command.add_arguments(sub)
        sub.add_argument("--json", metavar="FILE", help="write a summary of the run as JSON")
        sub.add_argument("--quiet", action="store_true", help="no progress bar and no summary on screen")
        sub.set_defaults(command=command)
    return parser


def _ask(error: QuestionsError) -> str:
    lines = [f"  {question.text}  Answer with --set {question.key}=VALUE" for question in error.questions]
    return "\n".join(["A person has to answer first:", *lines])


def _tell(summary: dict, arguments: argparse.Namespace, code: int) -> int:
    text = summary.pop("text", [])
    if code != EXIT_OK:
        print("\n".join(text), file=sys.stderr)
    elif not arguments.quiet:
        _print("\n".join(text))
    if arguments.json:
        try:
            files.write_json(plain(summary), arguments.json)
        except InputError as error:
            print(f"Error: {error}", file=sys.stderr)
            return EXIT_ERROR
    return code


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # The reader, such as `head`, has had enough; what is left in the buffer must not fail at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
