"""A brief of one told session: what it holds, what it leaves out, and how short it gets."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from brief_checks import edited_files, untraced
from brief_story import CWD, story, told, uses
from claude_transcript import prompt, result, transcript
from making import BOOK
from switchtax.brief.choose import tokens_of
from switchtax.brief.make import Brief, Draft, brief_of, draft_of
from switchtax.cli.estimate import load
from switchtax.errors import NoSuchSession, UsageError
from switchtax.records import Unknown
from switchtax.sessions import library

if TYPE_CHECKING:
    from pathlib import Path

AT = 1_795_000_090.0


def draft(path: Path, budget: int = 2_000, cwd: str = CWD) -> Draft:
    """The draft of a transcript."""
    (source,) = library.sources_at(path)
    return draft_of(source, source.session_id, cwd, budget)


def priced(path: Path, to_model: str) -> Brief:
    """The brief of a transcript, with its price."""
    (source,) = library.sources_at(path)
    return brief_of(source, load(source, BOOK), to_model, BOOK, at=AT)


def section(made: Draft, name: str) -> list[str]:
    """The lines of a section."""
    return [item.text for item in made.items if item.section == name]


class TestWhatItHolds:
    """Each part, from the place where it was said."""

    @pytest.fixture
    def made(self, tmp_path: Path) -> Draft:
        """The brief of the told session."""
        return draft(story(tmp_path))

    def test_every_line_has_its_place(self, made: Draft) -> None:
        """And what it quotes stands there word for word."""
        assert [] == untraced(made)

    def test_the_goal_is_the_latest_request_that_says_something(self, made: Draft) -> None:
        """What came before it follows; "ok, go on" does not count."""
        latest, before, first = section(made, "goal")
        assert latest.startswith("Do not push before I have read it.")
        assert before.startswith("Before that: Round half up instead of half to even")
        assert first.endswith("Do not touch the checkout page. (turn 1)")

    def test_constraints_are_the_users_own_sentences(self, made: Draft) -> None:
        """In the order in which they were said."""
        assert [
            "Prices are integer cents; never use floats. (turn 1)",
            "Do not touch the checkout page. (turn 1)",
        ] == section(made, "constraints")[:2]

    def test_files_are_those_that_were_really_edited(self, made: Draft) -> None:
        """A failed edit edits nothing."""
        assert {"src/cart.py", "tests/test_cart.py", "src/money/round.py"} == edited_files(
            made.items
        )

    def test_the_last_failing_command_with_what_it_said(self, made: Draft) -> None:
        """A tool that the user refused has not failed."""
        assert [
            "Last failing command: `cd shop && pytest -q tests/test_cart.py` (turn 1): "
            "E assert 1199 == 1200 / 1 failed, 3 passed",
            "`ruff check src` (turn 4)",
        ] == section(made, "checks")

    def test_open_to_dos_only(self, made: Draft) -> None:
        """The one being worked on is marked."""
        assert ["[~] Round to cents at the end", "[ ] Tell it in the changelog"] == section(
            made, "todo"
        )

    def test_decisions_and_doubts_are_quoted(self, made: Draft) -> None:
        """From the model's words; what has no result is told, too."""
        assert ["I'm going with banker's rounding. (turn 1)"] == section(made, "decisions")
        assert [
            "No result recorded of Bash `ruff check src` (turn 4)",
        ] == section(made, "uncertain")

    def test_the_next_step_where_no_words_followed(self, made: Draft) -> None:
        """What was begun last."""
        assert [
            "No closing words follow the request of turn 4.",
            "Last begun: Bash `ruff check src` (turn 4)",
        ] == section(made, "next")

    def test_secrets_and_control_characters_are_left_out(self, made: Draft) -> None:
        """They would end on a clipboard or a terminal."""
        assert "API_KEY=[secret left out] red (turn 3)" in made.markdown
        assert "abcdef0123456789" not in made.markdown
        assert "\x1b" not in made.markdown

    def test_reanchoring_is_shorter_and_asks_before_it_acts(self, made: Draft) -> None:
        """Goal, constraints, files, checks and next step under a fixed frame."""
        assert made.reanchor.startswith("You take over work that another model began.")
        assert "## Open to-dos" not in made.reanchor
        assert tokens_of(made.reanchor) <= 700


class TestOtherEndings:
    """How a session may end."""

    def test_a_finished_turn_says_what_is_next(self, tmp_path: Path) -> None:
        """In the model's words."""
        path = transcript(
            tmp_path,
            prompt(1, "Please tidy up the cart"),
            told(2, "Done. Next I'll run the tests."),
        )
        assert ["Next I'll run the tests. (turn 1)"] == section(draft(path), "next")

    def test_a_finished_turn_that_announces_nothing(self, tmp_path: Path) -> None:
        """Its last words, named as such."""
        path = transcript(
            tmp_path, prompt(1, "Please tidy up the cart"), told(2, "All of it is tidy and green.")
        )
        assert ["Last said: All of it is tidy and green. (turn 1)"] == section(draft(path), "next")

    def test_a_failed_command_that_succeeded_later(self, tmp_path: Path) -> None:
        """Both places are told; what was edited after it is untested."""
        path = transcript(
            tmp_path,
            prompt(1, "Please make the tests green"),
            uses(2, "a", "Bash", command="make test"),
            result(3, "a", "Exit code 2\nmake: *** [test] Error 1", is_error=True),
            uses(4, "b", "Bash", command="make test"),
            result(5, "b", "4 passed"),
            uses(6, "c", "Edit", file_path=f"{CWD}/a.py", old_string="a", new_string="b"),
            result(7, "c"),
        )
        made = draft(path)
        (failing, fine) = section(made, "checks")
        assert failing.endswith("(the same command succeeded later, turn 1)")
        assert "`make test` succeeded (turn 1): 4 passed" == fine
        assert ["Edited after the last test or build: a.py"] == section(made, "uncertain")
        assert [] == untraced(made)

    def test_answers_to_questions_and_approved_plans_are_decisions(self, tmp_path: Path) -> None:
        """With the turn in which they were given."""
        path = transcript(
            tmp_path,
            prompt(1, "Please plan the cart"),
            uses(2, "a", "AskUserQuestion", questions=[{"question": "Which one?"}]),
            result(3, "a", 'User has answered your questions: "Which one?"="The first"'),
            uses(4, "b", "ExitPlanMode", plan="# Cents everywhere\n\nThen the rest."),
            result(5, "b", "User has approved your plan."),
        )
        assert [
            "Cents everywhere (turn 1)",
            'User has answered your questions: "Which one?"="The first" (turn 1)',
        ] == sorted(section(draft(path), "decisions"))

    def test_to_dos_that_are_made_one_by_one(self, tmp_path: Path) -> None:
        """Claude Code's tasks."""
        path = transcript(
            tmp_path,
            prompt(1, "Please plan the cart"),
            uses(2, "a", "TaskCreate", subject="First", description="x"),
            uses(3, "b", "TaskCreate", subject="Second", description="x"),
            uses(4, "c", "TaskUpdate", taskId="1", status="completed"),
            uses(5, "d", "TaskUpdate", taskId="2", status="in_progress"),
        )
        made = draft(path)
        assert ["[~] Second"] == section(made, "todo")
        (item,) = [item for item in made.items if item.section == "todo"]
        assert [3, 5] == [place.line for place in item.sources]


class TestBudget:
    """What must be named outranks the rest."""

    def many(self, folder: Path, count: int) -> Path:
        """A session that edits many files and is told many constraints."""
        lines = [prompt(1, "You must never do this. " * 40)]
        for n in range(count):
            path = f"{CWD}/package_{n // 10}/module_{n}.py"
            lines.append(uses(n + 2, f"t{n}", "Write", file_path=path, content="x"))
            lines.append(prompt(n + 2.5, f"Always remember to keep rule number {n} in your mind."))
        return transcript(folder, *lines)

    def test_all_names_fit(self, tmp_path: Path) -> None:
        """Two hundred files in two thousand tokens: folders are named once."""
        made = draft(self.many(tmp_path, 200))
        assert 200 == len(edited_files(made.items))
        assert tokens_of(made.markdown) <= 2_000

    def test_what_has_no_room_is_counted(self, tmp_path: Path) -> None:
        """Where even the names are too many."""
        made = draft(self.many(tmp_path, 2_000), 600)
        last = section(made, "files")[-1]
        assert last.endswith("raise the budget")
        assert tokens_of(made.markdown) <= 600
        named = sum(len(item.quotes) for item in made.items if item.section == "files")
        assert last.startswith(f"… {2_000 - named:,} files more in ")

    @pytest.mark.parametrize("budget", [300, 500, 1_000, 2_000, 5_000])
    def test_never_longer_than_asked_for(self, tmp_path: Path, budget: int) -> None:
        """By an estimate that is rather too high."""
        assert tokens_of(draft(self.many(tmp_path, 60), budget).markdown) <= budget

    def test_a_budget_that_holds_nothing_is_refused(self, tmp_path: Path) -> None:
        """With the least that does."""
        with pytest.raises(UsageError, match="300 do"):
            draft(story(tmp_path), 299)


class TestPrice:
    """Beside carrying everything over."""

    def test_a_new_session_sends_its_start_and_the_brief(self, tmp_path: Path) -> None:
        """The start is what this session's first request read from its cache."""
        made = priced(story(tmp_path), "claude-sonnet-5-5")
        assert 20_000 + made.tokens == made.price.brief_tokens
        assert not isinstance(made.price.brief, Unknown)
        assert not isinstance(made.price.carry, Unknown)
        assert not made.price.staying
        assert made.price.warm

    def test_the_same_model_is_staying(self, tmp_path: Path) -> None:
        """A new session is compared with going on here."""
        assert priced(story(tmp_path), "claude-opus-5-5").price.staying

    def test_a_model_without_a_price_is_unknown(self, tmp_path: Path) -> None:
        """The brief is written all the same."""
        made = priced(story(tmp_path), "claude-nonsense-9")
        assert isinstance(made.price.brief, Unknown)
        assert "no price card" in made.price.brief.reason
        assert made.markdown.startswith("# Brief: claude-code session in shop\n")


class TestBadInput:
    """A clear sentence, or a brief."""

    def test_one_call(self, tmp_path: Path) -> None:
        """One request and its answer."""
        path = transcript(tmp_path, prompt(1, "Hello there"), told(2, "Good day to you, sir."))
        assert "Hello there (turn 1)" == section(draft(path), "goal")[0]

    def test_five_thousand_calls(self, tmp_path: Path) -> None:
        """Short all the same."""
        lines = [prompt(0, "Please work for a long time, and never stop early.")]
        for n in range(5_000):
            lines.append(uses(n, f"t{n}", "Bash", command=f"pytest test_{n}.py"))
            lines.append(result(n, f"t{n}", "1 failed", is_error=True))
        made = draft(transcript(tmp_path, *lines))
        assert tokens_of(made.markdown) <= 2_000
        assert "`pytest test_4999.py`" in section(made, "checks")[0]

    def test_without_times_and_with_clocks_that_go_back(self, tmp_path: Path) -> None:
        """The order of the log counts."""
        later = prompt(90, "This was asked first of all")
        earlier = prompt(10, "This was asked after it, by a slower clock")
        del later["timestamp"]
        made = draft(transcript(tmp_path, later, told(95, "Fine."), earlier))
        assert section(made, "goal")[0].startswith("This was asked after it")

    def test_nothing_was_asked(self, tmp_path: Path) -> None:
        """There is nothing to brief anyone on."""
        with pytest.raises(NoSuchSession, match="nothing was asked in this session yet"):
            draft(transcript(tmp_path, told(1, "Good day to you, sir.")))

    def test_unreadable_lines_are_passed_over(self, tmp_path: Path) -> None:
        """As everywhere."""
        path = transcript(tmp_path, "{broken", prompt(1, "Hello there, world"), "[]", '"x"')
        assert "Hello there, world (turn 1)" == section(draft(path), "goal")[0]

    def test_a_transcript_that_has_gone(self, tmp_path: Path) -> None:
        """Named, with what the system says."""
        path = story(tmp_path)
        (source,) = library.sources_at(path)
        path.unlink()
        with pytest.raises(NoSuchSession, match="cannot be read"):
            draft_of(source, source.session_id, CWD, 2_000)


class TestRepository:
    """What git says of the session's folder."""

    @pytest.fixture
    def checkout(self, tmp_path: Path) -> Path:
        """A repository with a commit, a changed file and a new one."""
        folder = tmp_path / "checkout"
        folder.mkdir()

        def git(*words: str) -> None:
            who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
            subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)

        git("init", "-b", "trunk")
        (folder / "old.py").write_text("a\n")
        git("add", ".")
        git("commit", "-m", "one")
        (folder / "old.py").write_text("b\n")
        (folder / "new.py").write_text("c\n")
        return folder

    def test_branch_changes_and_their_sum(self, tmp_path: Path, checkout: Path) -> None:
        """As git prints them; the command is their source."""
        made = draft(story(tmp_path), cwd=str(checkout))
        assert [
            "git: ## trunk",
            "git: M old.py",
            "git: ?? new.py",
            "git: 1 file changed, 1 insertion(+), 1 deletion(-)",
        ] == section(made, "repository")
        assert ["git status --short --branch"] * 3 == [
            item.sources[0].id for item in made.items if item.section == "repository"
        ][:3]

    def test_a_folder_that_is_no_repository(self, tmp_path: Path) -> None:
        """Nothing is said."""
        assert [] == section(draft(story(tmp_path), cwd=str(tmp_path)), "repository")
        assert [] == section(draft(story(tmp_path), cwd="/nowhere"), "repository")

    def test_without_git(
        self, tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is said."""
        monkeypatch.setenv("PATH", str(tmp_path))
        assert [] == section(draft(story(tmp_path), cwd=str(checkout)), "repository")
