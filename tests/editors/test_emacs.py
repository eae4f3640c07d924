"""A plain client: Emacs with eglot, which knows nothing of switchtax but a command line."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from editor_at_work import at_work
from support import need

if TYPE_CHECKING:
    from service_support import Household

__all__ = ["at_work"]

pytestmark = pytest.mark.editor

OPEN = """
(require 'eglot)
(require 'flymake)
(setq eglot-sync-connect 30 eglot-connect-timeout 30 eglot-autoshutdown nil)
(let ((folder (pop command-line-args-left)) (command command-line-args-left) (left 300))
  (setq command-line-args-left nil)
  (find-file (concat folder "/.claude/settings.json"))
  (eglot (list major-mode) (cons 'transient folder) 'eglot-lsp-server command "json")
  (while (and (not (flymake-diagnostics)) (> (setq left (1- left)) 0))
    (flymake-start)
    (accept-process-output nil 0.1))
  (dolist (each (flymake-diagnostics))
    (princ (format "%d %s\\n" (flymake-diagnostic-beg each) (flymake-diagnostic-text each)))))
"""


def test_a_settings_file_shows_what_a_switch_costs(at_work: Household) -> None:
    emacs = need("emacs", "apt-get install emacs-nox elpa-eglot")
    folder = at_work.folder / "w"
    (folder / ".claude").mkdir()
    (folder / ".claude" / "settings.json").write_text('{"model": "sonnet"}\n')
    (folder.parent / "open.el").write_text(OPEN)
    server = [sys.executable, "-m", "switchtax", "lsp"]
    done = subprocess.run(
        [str(emacs), "--batch", "-l", str(folder.parent / "open.el"), str(folder), *server],
        env=at_work.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Session s1 is on Opus 5.5. If it takes up Sonnet 5.5:" in done.stdout, done.stderr
    assert done.stdout.startswith("12 "), "it begins at the model's name"
