"""The real VS Code workbench in a real browser, alone on this machine's loopback, with an end.

code-server carries the workbench and runs our extension as VS Code does; Chromium shows it;
playwright drives Chromium. All three are kept outside the checkout by `setup_vscode.sh`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service_support import until
from support import CHECKOUT, missing, need
from workbench_window import SIZE, Workbench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service_support import Household

__all__ = ["START_MS", "extension_package", "open_workbench"]

EXTENSION = CHECKOUT / "editors" / "vscode"
PATIENCE_MS = 45_000
START_MS = 120_000
SETTINGS = {
    "workbench.startupEditor": "none",
    "workbench.colorTheme": "Dark Modern",
    "workbench.editor.useModal": "off",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.reduceMotion": "on",
    "workbench.tips.enabled": False,
    "window.commandCenter": False,
    "window.menuBarVisibility": "compact",
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoUpdate": False,
    "extensions.autoCheckUpdates": False,
    "extensions.ignoreRecommendations": True,
    "chat.disableAIFeatures": True,
    "editor.minimap.enabled": False,
    "files.autoSave": "off",
    "files.hotExit": "off",
    "editor.fontSize": 14,
    **{f"[{each}]": {"editor.quickSuggestions": {"strings": "off"}} for each in ("json", "jsonc")},
    "editor.suggestOnTriggerCharacters": False,
    "breadcrumbs.enabled": False,
    "git.enabled": False,
}

_OUTSIDE = dict(os.environ)
"""Before any test has moved its home: what is kept between runs lies in the user's own."""
GALLERY = '{"serviceUrl": ""}'
"""No shop: nothing is asked for from outside the machine."""
LOOPBACK = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@cache
def programs() -> Path:
    """The folder of Node, playwright and code-server, filled where it is empty."""
    script = CHECKOUT / "tests" / "editors" / "setup_vscode.sh"
    done = subprocess.run(
        ["sh", str(script), sys.executable], env=_OUTSIDE,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=600, check=False,
    )  # fmt: skip
    folder = Path(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else Path()
    if done.returncode or not (folder / ".ready").exists():
        missing("the workbench of VS Code", f"{script.name} ended with {done.returncode}")
    return folder


@cache
def extension_package() -> Path:
    """The extension as people install it, built from this checkout."""
    need("npm", "it fetches what builds the extension")
    done = subprocess.run(
        ["make", "-s", "vsix"], cwd=CHECKOUT, env=_OUTSIDE, stdin=subprocess.DEVNULL, timeout=300,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert 0 == done.returncode, done.stdout[-2000:]
    (found,) = (EXTENSION / "dist").glob("*.vsix")
    return found


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def open_workbench(household: Household, folder: Path, package: Path) -> Iterator[Workbench]:
    """A window on a folder with the extension installed; everything ends with it."""
    kept = programs()
    data, extensions = household.folder / "code", household.folder / "ext"
    (data / "User").mkdir(parents=True)
    (data / "User" / "settings.json").write_text(json.dumps(SETTINGS))
    _install_command(household.folder / "h")
    path = os.pathsep.join([str(kept / "bin"), os.environ["PATH"]])
    env = household.env | {"PATH": path, "EXTENSIONS_GALLERY": GALLERY}
    program = kept / "server" / "node_modules" / "code-server"
    command = [str(kept / "bin" / "node"), str(program), "--extensions-dir", str(extensions)]
    command += ["--user-data-dir", str(data)]
    subprocess.run(
        [*command, "--install-extension", str(package)], env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=True,
    )  # fmt: skip
    port = _free_port()
    serve = ["--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--disable-telemetry"]
    serve += ["--disable-update-check", "--disable-workspace-trust", str(folder)]
    noise = (household.folder / "code.log").open("wb")
    server = subprocess.Popen(
        [*command, *serve], env=env, stdin=subprocess.DEVNULL, stdout=noise,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        until(lambda: _answers(port), "the workbench's server", 30)
        with _page(f"http://127.0.0.1:{port}/?folder={folder}") as page:
            yield Workbench(page, folder, data)
    finally:
        noise.close()
        _end_group(server)


def _install_command(home: Path) -> None:
    """`switchtax` where uv and pipx put it: an editor's PATH is that of a login shell."""
    folder = home / ".local" / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "switchtax").symlink_to(Path(sys.executable).parent / "switchtax")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _end_group(server: subprocess.Popen[bytes]) -> None:
    for number, patience_s in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 3.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, number)
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            server.poll()
            try:
                os.killpg(server.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.02)


@contextlib.contextmanager
def _page(url: str) -> Iterator[Any]:
    (site,) = (programs() / "lib").glob("python3*/site-packages")
    sys.path.append(str(site))
    try:
        from playwright.sync_api import sync_playwright
    finally:
        sys.path.remove(str(site))
    with sync_playwright() as driver:
        flags = ["--no-sandbox", "--disable-gpu", f"--host-resolver-rules={LOOPBACK}"]
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        try:
            page = browser.new_page(viewport=SIZE)
            page.set_default_timeout(PATIENCE_MS)
            page.goto(url, wait_until="commit", timeout=START_MS)
            page.locator(".monaco-workbench").wait_for(timeout=START_MS)
            yield page
        finally:
            browser.close()
