"""The few forms of YAML that a problem needs: mappings, lists and words, by indentation."""

from __future__ import annotations

import re
from dataclasses import dataclass

from HER2ImmunoCommonLib.errors import InputError

NOT_HERE = re.compile(r"^[&*!|>%@`{]|^\?(\s|$)")
"""Beginnings of what YAML also has and a problem does not need: anchors, tags, texts over several lines, and such."""
KEY = re.compile(r"^('[^']*'|\"[^\"]*\"|[^\s'\"#:][^:]*?)\s*:(?:\s+(.*))?$")


@dataclass
class _Line:
    number: int
    indent: int
    text: str


def parse_yaml(text: str, source: str) -> object:
    """Mappings, lists and words of a text; a word stays a text.

    Raises
    ------
    InputError
        Anything else of YAML, naming the line.
    """
    lines = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = _without_remark(raw).rstrip()
        if not line.strip() or line.strip() in ("---", "..."):
            continue
        if "\t" in line[: len(line) - len(line.lstrip())]:
            raise InputError(f"{source}, line {number}: a tab is no indentation in YAML; use spaces.")
        lines.append(_Line(number, len(line) - len(line.lstrip()), line.strip()))
    if not lines:
        raise InputError(f"{source} is empty; give the YAML file of a problem.")
    parser = _Parser(lines, source)
    found = parser.block(lines[0].indent)
    parser.end()
    return found


def _without_remark(line: str) -> str:
    quote = ""
    for place, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"" and (place == 0 or line[place - 1] in " [,:-"):
            quote = letter
        elif letter == "#" and (place == 0 or line[place - 1].isspace()):
            return line[:place]
    return line


class _Parser:
    def __init__(self, lines: list[_Line], source: str):
        self._lines, self._source, self._at = lines, source, 0

    def block(self, indent: int) -> object:
        """What stands at an indentation from here on."""
        is_list = self._is_item(self._lines[self._at])
        found: list | dict = [] if is_list else {}
        while self._at < len(self._lines) and self._lines[self._at].indent == indent:
            line = self._lines[self._at]
            if self._is_item(line) != is_list:
                break
            if is_list:
                found.append(self._item(line))
            else:
                key, value = self._pair(line)
                if key in found:
                    self._refuse(line, f"{key} is given twice")
                found[key] = value
        return found

    def end(self) -> None:
        if self._at < len(self._lines):
            self._refuse(self._lines[self._at], "its indentation fits nothing above it")

    def _item(self, line: _Line) -> object:
        rest = line.text[1:].lstrip()
        if not rest:
            self._at += 1
            return self._below(line.indent)
        if KEY.match(rest):  # a mapping begins on the line of its dash
            inner = _Line(line.number, line.indent + len(line.text) - len(rest), rest)
            self._lines[self._at] = inner
            return self.block(inner.indent)
        self._at += 1
        return self._word(rest, line)

    def _pair(self, line: _Line) -> tuple[str, object]:
        match = KEY.match(line.text)
        if match is None:
            self._refuse(line, "it is neither `key: value` nor an item of a list")
        self._at += 1
        key, rest = match[1].strip("'\""), match[2]
        return key, self._word(rest, line) if rest else self._below(line.indent, lists_too=True)

    def _below(self, indent: int, *, lists_too: bool = False) -> object:
        """The block under a line; a list may stand at the indentation of its key."""
        if self._at < len(self._lines):
            line = self._lines[self._at]
            if line.indent > indent or (lists_too and line.indent == indent and self._is_item(line)):
                return self.block(line.indent)
        return None

    def _word(self, text: str, line: _Line) -> object:
        if text.startswith("[") and text.endswith("]"):
            inner = text[1:-1].strip()
            return [self._word(part.strip(), line) for part in inner.split(",")] if inner else []
        if text in ("{}", "null", "~"):
            return {} if text == "{}" else None
        if text[0] in "'\"":
            if len(text) < 2 or text[-1] != text[0] or "\\" in text:
                self._refuse(line, "its quotes are not read here")
            return text[1:-1]
        if NOT_HERE.match(text) or text.startswith("["):
            self._refuse(line, f"{text!r} is a form of YAML that is not read here; write it plainly")
        return text

    @staticmethod
    def _is_item(line: _Line) -> bool:
        return line.text == "-" or line.text.startswith("- ")

    def _refuse(self, line: _Line, reason: str) -> None:
        raise InputError(f"{self._source}, line {line.number}: {reason.rstrip('.')}.")
