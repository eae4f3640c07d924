"""The plugin's files: what they promise beside the server, and how they are written."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from neovim import PLUGIN, Neovim, embedded
from support import CHECKOUT, need
from switchtax_lsp.inline.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.editor,
    pytest.mark.skipif(sys.platform != "linux", reason="other os: its wheel is Linux's"),
]

CONTRACT = json.loads((CHECKOUT / "editors" / "contract.json").read_text("utf-8"))
PATHS = [
    "/w/.claude/settings.json",
    "/w/.claude/settings.local.json",
    "/w/.claude/settings.other.json",
    "/w/.claude/agents/a/b.md",
    "/w/.claude/commands/c.md",
    "/w/.claude/skills/s/SKILL.md",
    "/w/CLAUDE.md",
    "/w/NOTCLAUDE.md",
    "/w/CLAUDE.local.md",
    "/w/AGENTS.md",
    "/w/GEMINI.md",
    "/home/u/.codex/config.toml",
    "/w/config.toml",
    "/w/opencode.json",
    "/w/opencode.jsonc",
    "/w/.gemini/settings.json",
    "/home/u/.copilot/settings.json",
    "/home/u/.copilot/config.json",
    "/w/.github/copilot/settings.json",
    "/w/.github/copilot/settings.local.json",
    "/w/.aider.conf.yml",
    "/w/.aider.conf.yaml",
    "/w/package.json",
]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neovim]:
    """Neovim with the plugin on its path and nothing set up."""
    home = tmp_path_factory.mktemp("home")
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    with embedded(home, env, init="vim.o.laststatus = 2") as neovim:
        yield neovim


@pytest.mark.parametrize("path", PATHS)
def test_the_same_files_set_models_as_for_the_server(bare: Neovim, path: str) -> None:
    ours = bare.lua("return require('switchtax.documents').sets_models(...)", path)
    assert (kind_of(path) is not None) == ours


@pytest.mark.parametrize("number", range(len(CONTRACT["methods"]["switchtax/meter"]["examples"])))
def test_every_meter_of_the_contract_is_shown(bare: Neovim, number: int) -> None:
    example = CONTRACT["methods"]["switchtax/meter"]["examples"][number]["params"]
    bare.lua("require('switchtax.handlers').handlers['switchtax/meter'](nil, ...)", example)
    assert example["text"] == bare.lua("return require('switchtax').meter()")
    bare.call(
        "nvim_set_option_value", "statusline", "%{%v:lua.require'switchtax'.statusline()%}", {}
    )
    found = bare.call("nvim_eval_statusline", "%{%v:lua.require'switchtax'.statusline()%}", {
        "highlights": True, "maxwidth": 200,
    })  # fmt: skip
    assert example["text"] == found["str"]
    coloured = any("Switchtax" in each["group"] for each in found["highlights"])
    assert (example["severity"] != "none") == coloured


def test_actions_have_the_keys_that_the_readme_names(bare: Neovim) -> None:
    titles = CONTRACT["popup"]["actions"]
    found = bare.lua("return require('switchtax.float').keys_of(...)", titles)
    assert ["s", "k", "b", "z"] == found
    assert ["o", "k"] == bare.lua("return require('switchtax.float').keys_of({'OK', 'Keep X'})")


def test_lualine_has_a_component(bare: Neovim) -> None:
    bare.lua("""
        local base = { init = function(self, options) self.options = options end }
        function base:extend() return setmetatable({ super = self }, { __index = self }) end
        package.loaded["lualine.component"] = base
    """)
    example = CONTRACT["methods"]["switchtax/meter"]["examples"][1]["params"]
    found = bare.lua(
        """
        require("switchtax.handlers").handlers["switchtax/meter"](nil, ...)
        local part = require("lualine.components.switchtax")
        part:init({})
        return { part:update_status(), part.options.color() }
        """,
        example,
    )
    assert [example["text"], "SwitchtaxWarning"] == found


def test_an_unknown_option_is_named(bare: Neovim) -> None:
    told = bare.lua("return { pcall(require('switchtax').setup, { popups = false }) }")
    assert [False, 'switchtax: there is no option "popups"; see :help switchtax-options'] == told


def test_help_is_made_of_what_the_files_say(bare: Neovim) -> None:
    made = [sys.executable, str(PLUGIN / "make_help.py"), "--check"]
    done = subprocess.run(made, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert all(
        len(line) <= 110 for line in (PLUGIN / "doc" / "switchtax.txt").read_text().splitlines()
    )
    tags = bare.lua(
        """
        local folder = vim.fn.tempname()
        vim.fn.mkdir(folder, "p")
        vim.uv.fs_copyfile(... .. "/doc/switchtax.txt", folder .. "/switchtax.txt")
        vim.cmd.helptags(folder)
        return vim.fn.readfile(folder .. "/tags")
        """,
        str(PLUGIN),
    )
    names = {tag.partition("\t")[0] for tag in tags}
    assert {"switchtax.txt", ":Switchtax", "switchtax-options", "switchtax.setup()"} <= names


def lua_files() -> list[str]:
    return sorted(str(path) for path in PLUGIN.rglob("*.lua"))


def test_luacheck_finds_nothing() -> None:
    program = need("luacheck", "apt-get install lua-check")
    done = subprocess.run(
        [str(program), "--no-color", "-q", "."],
        cwd=PLUGIN, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_stylua_would_change_nothing(tmp_path: Path) -> None:
    need("node"), need("npm")
    quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    package = "@johnnymorganz/stylua@2.5.2"
    subprocess.run(
        ["npm", "install", *quiet, "--prefix", str(tmp_path), package], timeout=120, check=True
    )
    script = Path(__file__).with_name("stylua.mjs")
    done = subprocess.run(
        ["node", str(script), str(tmp_path), "--check", *lua_files()],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"not formatted: {done.stdout}{done.stderr}"
