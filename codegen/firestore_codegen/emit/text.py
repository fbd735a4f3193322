"""How schema text becomes Python source: nothing that a schema says reaches a generated file by another way."""

from __future__ import annotations

import re
import textwrap

LINE_LENGTH = 120
_QUOTES = '"""'
_UNSAFE_QUOTE = re.compile(r'\A"|"(?="|\Z)')  # one that would join its neighbours, or the quotes around the text


def docstring(text: str, indent: int = 4) -> str:
    """Quote text as a docstring whose first line follows `indent` spaces that the caller has already written.

    One line where it fits; else wrapped at the line length, with the closing quotes on a line of their own. Blank
    lines, and lines that are short enough, stay as the author laid them out.
    """
    lines = [wrapped for line in _escape(text).splitlines() for wrapped in _wrap(line, indent)]
    one_line = f"{_QUOTES}{''.join(lines)}{_QUOTES}"
    if len(lines) <= 1 and indent + len(one_line) <= LINE_LENGTH:
        return one_line
    margin = " " * indent
    body = "\n".join(f"{margin}{line}" if line else "" for line in [*lines, _QUOTES])
    return _QUOTES + body.removeprefix(margin)


def hcl(text: str) -> str:
    """Quote text as a string of Terraform's language, in which `${` and `%{` begin an expression."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${").replace("%{", "%%{")
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'


def _wrap(line: str, indent: int) -> list[str]:
    """Break a line that is too long at its spaces; a list item or an indented line goes on under its own text."""
    width = LINE_LENGTH - indent - len(_QUOTES)
    if len(line) <= width:
        return [line.rstrip()]
    content = line.lstrip()
    hanging = " " * (len(line) - len(content) + (2 if content.startswith(("- ", "* ")) else 0))
    return textwrap.wrap(
        line.rstrip(), width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    ) or [""]


def _escape(text: str) -> str:
    """Spell out what would end the string, start an escape, or not survive a source file (NUL, lone surrogates)."""
    escaped = _UNSAFE_QUOTE.sub(r"\"", text.expandtabs().replace("\r\n", "\n").strip().replace("\\", "\\\\"))
    if escaped.isprintable():
        return escaped
    return "".join(c if c == "\n" or c.isprintable() else _spelt_out(c) for c in escaped)


def _spelt_out(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
