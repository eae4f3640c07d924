"""Write `doc/switchtax.txt` out of README.md and the annotations of the Lua sources.

`python editors/neovim/make_help.py` writes it; with `--check` it says whether it is up to date.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path

HERE = Path(__file__).resolve().parent
HELP = HERE / "doc" / "switchtax.txt"
WIDTH = 78


def heading(title: str, tag: str) -> str:
    """A heading with its tag at the right."""
    mark = f"*{tag}*"
    return f"{'=' * WIDTH}\n{title.upper()}{mark.rjust(WIDTH - len(title))}\n"


def wrapped(text: str, indent: str = "") -> str:
    """A paragraph within the width."""
    options = {"break_long_words": False, "break_on_hyphens": False}
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent, **options)


def readme() -> str:
    """The README's sections; code stays as it is, behind a `>`."""
    out = []
    for part in re.split(r"(?m)^(?=##? )", (HERE / "README.md").read_text("utf-8")):
        title, _, body = part.partition("\n")
        if not title:
            continue
        name = title.lstrip("# ")
        if title.startswith("## "):
            out.append(heading(name, f"switchtax-{name.lower()}"))
        for number, block in enumerate(re.split(r"```\w*\n?", body)):
            if number % 2:
                indented = textwrap.indent(block.rstrip(), "    ", lambda _: True)
                lines = [line.rstrip() for line in indented.splitlines()]
                out.append(">\n" + "\n".join(lines) + "\n<\n")
            else:
                found = [each.strip() for each in block.split("\n\n") if each.strip()]
                out += [wrapped(" ".join(each.split())) + "\n" for each in found]
    return "\n".join(out)


def options() -> str:
    """The fields of `switchtax.Options` with their defaults."""
    source = (HERE / "lua" / "switchtax" / "config.lua").read_text("utf-8")
    defaults = source.split("local defaults = {\n")[1].split("\n}\n")[0]
    out = [heading("Options", "switchtax-options")]
    out.append('Given to `require("switchtax").setup{}`.\n')
    for name, kind, says in re.findall(r"---@field (\w+)\? (\S+, \S+>|\S+) (.*)", source):
        (default,) = re.findall(rf"(?m)^  {name} = (.*?),?$", defaults)
        out.append(f"{name}  (`{kind}`, default `{default}`)")
        out.append(wrapped(says, "    ") + "\n")
    return "\n".join(out)


def subcommands() -> str:
    """The subcommands of `:Switchtax`."""
    source = (HERE / "lua" / "switchtax" / "command.lua").read_text("utf-8")
    out = [heading("Commands", ":Switchtax")]
    pattern = r'(?m)^  (\w+) = \{\n    arguments = "(.*)",\n    says = "(.*)",'
    for name, arguments, says in re.findall(pattern, source):
        out.append(f":Switchtax {name} {arguments}".rstrip())
        out.append(wrapped(says, "    ") + "\n")
    alone = (
        "`:Switchtax` alone is `:Switchtax status`. `:checkhealth switchtax` says what is wrong."
    )
    out.append(wrapped(alone) + "\n")
    return "\n".join(out)


def functions() -> str:
    """The public functions of `require("switchtax")`."""
    source = (HERE / "lua" / "switchtax" / "init.lua").read_text("utf-8")
    out = [heading("Functions", "switchtax-functions")]
    for comment, name, given in re.findall(r"((?:---.*\n)+)function M\.(\w+)\((.*)\)", source):
        lines = [line.removeprefix("---") for line in comment.splitlines()]
        says = " ".join(line for line in lines if not line.startswith("@"))
        out.append(f"{f'*switchtax.{name}()*':>{WIDTH}}")
        out.append(f'require("switchtax").{name}({given})')
        out.append(wrapped(says, "    ") + "\n")
    return "\n".join(out)


def help_text() -> str:
    """The whole help file."""
    first = "*switchtax.txt*  What switching the model of a coding-agent session costs\n"
    parts = (first, readme(), options(), subcommands(), functions(), "vim:tw=78:ts=8:ft=help:norl:")
    return "\n".join(parts) + "\n"


def main(words: list[str]) -> int:
    """Write it, or with `--check` compare it."""
    text = help_text()
    if "--check" in words:
        same = HELP.is_file() and HELP.read_text("utf-8") == text
        if not same:
            sys.stdout.write(f"{HELP} is out of date: python {Path(__file__).name}\n")
        return 0 if same else 1
    HELP.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
