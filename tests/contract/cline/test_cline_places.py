"""Where Cline's sessions and tasks are looked for, and what of it is Cline's."""

import shutil
from pathlib import Path

from agent_reading import read_file
from switchtax.agents import agent_module
from switchtax.records import Call

AGENT = agent_module("cline")
FIXTURES = Path(__file__).parent / "fixtures"
DOCUMENTS = sorted((*FIXTURES.glob("*/*/ui_messages.json"), *FIXTURES.glob("*/*/*.messages.json")))
TASK = FIXTURES / "cline_3.85.0_plan-act" / "1795251600000" / "ui_messages.json"
SESSION = next(FIXTURES.glob("cline_4.1.13_subagent*/*/1795*.messages.json"))


class TestPlaces:
    """Where sessions lie, and whose they are."""

    def test_every_host_and_the_overrides(self, tmp_path: Path) -> None:
        """Cline's own folder first, then each editor's and server's storage."""
        here = AGENT.roots({}, tmp_path, "linux")
        data = tmp_path / ".cline" / "data"
        storage = Path("User", "globalStorage", "saoudrizwan.claude-dev", "tasks")
        assert [data / "sessions", data / "tasks"] == here[:2]
        for host in (
            ".config/Code",
            ".config/Code - Insiders",
            ".config/VSCodium",
            ".config/Cursor",
            ".vscode-server/data",
            ".local/share/code-server",
        ):
            assert tmp_path / host / storage in here
        mac = AGENT.roots({}, tmp_path, "darwin")
        assert tmp_path / "Library" / "Application Support" / "Code" / storage in mac
        env = {"APPDATA": str(tmp_path / "roaming"), "CLINE_DIR": str(tmp_path / "c")}
        windows = AGENT.roots(env, tmp_path, "win32")
        assert tmp_path / "roaming" / "Code" / storage in windows
        assert tmp_path / "AppData" / "Roaming" / "Code" / storage in AGENT.roots(
            {}, tmp_path, "win32"
        )
        assert tmp_path / "c" / "data" / "sessions" == windows[0]
        env = {
            "CLINE_DATA_DIR": str(tmp_path / "d"),
            "CLINE_SESSION_DATA_DIR": str(tmp_path / "e"),
            "XDG_CONFIG_HOME": str(tmp_path / "x"),
            "VSCODE_PORTABLE": str(tmp_path / "p"),
        }
        moved = AGENT.roots(env, tmp_path, "linux")
        assert [tmp_path / "e", tmp_path / "d" / "tasks"] == moved[:2]
        assert tmp_path / "x" / "Code" / storage in moved
        assert tmp_path / "p" / "user-data" / storage in moved
        env = {"VSCODE_APPDATA": str(tmp_path / "v")}
        assert tmp_path / "v" / "Code" / storage in AGENT.roots(env, tmp_path, "linux")

    def test_a_source_is_measured_with_what_is_beside_it(self, tmp_path: Path) -> None:
        """A change of any of its documents is one of the session."""
        folder = Path(shutil.copytree(TASK.parent, tmp_path / "tasks" / "1795251600000"))
        for root in (tmp_path, tmp_path / "tasks", folder, folder / TASK.name):
            (found,) = AGENT.find(root)
            assert ("1795251600000", sum(p.stat().st_size for p in folder.iterdir())) == (
                found.session_id,
                found.size,
            )
        assert {"api_conversation_history.json", "task_metadata.json"} == {
            Path(path).name for path in found.beside
        }

    def test_claims_its_own_and_no_others(self, tmp_path: Path) -> None:
        """Roo Code's tasks lie alike, and are not Cline's; neither are other messages.json."""
        for path in DOCUMENTS:
            assert AGENT.claims(path, path.read_bytes()[:4096]), path
        for folder in (TASK.parent, TASK.parent.parent, SESSION.parent, SESSION.parent.parent):
            assert AGENT.claims(folder, b""), folder
        roo = next(Path(__file__).parents[1].glob("roo-code/fixtures/*3.52*/*"))
        assert not AGENT.claims(roo, b"")
        assert not AGENT.claims(roo / TASK.name, (roo / TASK.name).read_bytes())
        words = tmp_path / "locales" / "en.messages.json"
        words.parent.mkdir()
        words.write_text('{"hello": "Hello"}')
        assert not AGENT.claims(words, words.read_bytes())
        assert not AGENT.claims(words.parent, b"")
        assert [] == list(AGENT.find(tmp_path))


def test_ids_are_those_of_the_rows() -> None:
    """The same task in two places, as after a move, is told with the same ids."""
    ids = [record.id for record in read_file(AGENT, TASK) if isinstance(record, Call)]
    assert [
        f"1795251600000:{ts}" for ts in (1795251600200, 1795251606000, 1795251660400, 1795251670000)
    ] == ids
