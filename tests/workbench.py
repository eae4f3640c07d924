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
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from service_support import until
from support import CHECKOUT, missing, need

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service_support import Household

__all__ = ["Workbench", "extension_package", "open_workbench"]

EXTENSION = CHECKOUT / "editors" / "vscode"
METER = '.statusbar-item[id="switchtax.switchtax.switchtax.meter"]'
TOAST = ".notifications-toasts .notification-list-item"
PATIENCE_MS = 20_000
SIZE = {"width": 1280, "height": 800}
SETTINGS = {
    "workbench.startupEditor": "none",
    "workbench.colorTheme": "Default Dark Modern",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.reduceMotion": "on",
    "workbench.welcomePage.walkthroughs.openOnInstall": False,
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
    "editor.fontSize": 14,
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


@dataclass
class Workbench:
    """A window of VS Code, and the page that shows it."""

    page: Any
    folder: Path
    data: Path

    def meter(self) -> str:
        """What the status bar says."""
        return str(self.page.locator(METER).inner_text()).strip()

    def meter_until(self, text: str) -> None:
        """Wait until the meter holds a text."""
        self.page.locator(f"{METER}:has-text({json.dumps(text)})").wait_for()

    def press(self, keys: str) -> None:
        """Press keys, named as playwright names them."""
        self.page.keyboard.press(keys)

    def settings(self, **changed: Any) -> None:
        """Change the user's settings, with `__` for the dots of their names."""
        path = self.data / "User" / "settings.json"
        now = json.loads(path.read_text())
        now |= {name.replace("__", "."): value for name, value in changed.items()}
        path.write_text(json.dumps(now))

    def run(self, command: str) -> None:
        """Run a command by its title, from the palette."""
        self.press("F1")
        box = self.page.locator(".quick-input-widget input.input")
        box.fill(f">{command}")
        row = self.page.locator(".quick-input-list .monaco-list-row").first
        self.page.locator(
            f".quick-input-list .monaco-list-row:has-text({json.dumps(command)})"
        ).first.wait_for()
        row.click()

    def picks(self) -> list[str]:
        """The rows of the list that is open."""
        rows = self.page.locator(".quick-input-list .monaco-list-row")
        rows.first.wait_for()
        return [str(each) for each in rows.all_inner_texts()]

    def pick(self, text: str) -> None:
        """Choose a row of the list that is open."""
        row = f".quick-input-list .monaco-list-row:has-text({json.dumps(text)})"
        self.page.locator(row).first.click()

    def open(self, name: str) -> None:
        """Open a file of the workspace in the editor."""
        self.press("Control+p")
        box = self.page.locator(".quick-input-widget input.input")
        box.fill(name)
        self.page.locator(".quick-input-list .monaco-list-row").first.wait_for()
        self.press("Enter")
        tab = Path(name).name
        self.page.locator(f'.tab.active:has-text("{tab}")').wait_for()

    def toast(self, text: str) -> Any:
        """The message that holds a text, once it is there."""
        found = self.page.locator(f"{TOAST}:has-text({json.dumps(text)})").first
        found.wait_for()
        return found

    def answer(self, toast: Any, title: str) -> None:
        """Press a button of a message."""
        toast.locator(f'.monaco-button:has-text("{title}")').first.click()

    def clear(self) -> None:
        """Close messages, lists and editors."""
        for _ in range(3):
            self.press("Escape")
        self.run("Notifications: Clear All Notifications")
        self.run("View: Close All Editors")


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
            page.goto(url)
            page.locator(".monaco-workbench").wait_for()
            yield page
        finally:
            browser.close()
