"""What our plugin for OpenCode is answered: when it speaks, when it stops a prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from making import BOOK, ID, START, make, talk
from switchtax import wording
from switchtax.config.keys import Material, OpenCode
from switchtax.estimates.for_session import answer
from switchtax.hooks.opencode import EVENTS, Seen, respond

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.estimates.for_session import Answer
    from switchtax.sessions.fold import Session

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
NOW = START + 250
WARM = make(*talk(4, first=150_000), agent="opencode")
SMALL = make(*talk(4, first=20_000), agent="opencode")
HOLDING = OpenCode(hold=True)


def asking(session: Session) -> Callable[[str, str, str], Answer | None]:
    """The daemon's part, with one session."""

    def ask(place: str, session_id: str, model: str) -> Answer | None:
        assert ("/data/opencode.db", ID) == (place, session_id)
        name = model.removeprefix("anthropic/")
        return answer(session, name or session.model, NOW, BOOK) if session.current else None

    return ask


def told(
    model: str = SONNET,
    *,
    event: str = "chat.message",
    session: Session = WARM,
    seen: Seen | None = None,
    habits: OpenCode | None = None,
    attended: bool = True,
) -> dict[str, Any]:
    """The answer to a prompt that goes to a model."""
    asked = {
        "session_id": ID,
        "database": "/data/opencode.db",
        "provider": "anthropic",
        "model": model,
        "attended": attended,
    }
    return respond(event, asked, {}, asking(session), seen=seen, habits=habits)


def test_a_prompt_to_another_model() -> None:
    """The lines of a popup, as a warning."""
    found = told()["toast"]
    stood = answer(WARM, SONNET, NOW, BOOK)
    assert ("switchtax", "warning") == (found["title"], found["variant"])
    assert wording.popup(stood) == found["message"].split("\n")


def test_a_model_picked_somewhere() -> None:
    """Nobody knows in which window: the lines hold if it is meant for this session."""
    first, *lines = told(event="model.picked")["toast"]["message"].split("\n")
    assert "If this session goes on with the model just chosen:" == first
    assert wording.popup(answer(WARM, SONNET, NOW, BOOK)) == lines


def test_said_once_on_one_surface() -> None:
    """What was said at the pick is not said again with the prompt, nor with the next one."""
    seen = Seen()
    assert told(event="model.picked", seen=seen)
    assert {} == told(seen=seen)
    assert {} == told(seen=seen)


def test_said_anew_after_another_turn() -> None:
    """The next switch is another one."""
    seen = Seen()
    assert told(seen=seen)
    longer = make(*talk(6, first=150_000), agent="opencode")
    assert told(seen=seen, session=longer)


def test_a_stop_where_it_is_wanted() -> None:
    """Instead of a toast, and once; what was said at the pick does not do."""
    seen = Seen()
    assert "toast" in told(event="model.picked", seen=seen, habits=HOLDING)
    reason = told(seen=seen, habits=HOLDING)["stop"].split("\n")
    assert wording.popup(answer(WARM, SONNET, NOW, BOOK)) == reason[:-1]
    assert reason[-1].startswith("Nothing was sent. Send it again to go on")
    assert reason[-1].endswith("/models.")
    assert {} == told(seen=seen, habits=HOLDING)


def test_nobody_there() -> None:
    """Nothing is stopped where a stop would be lost work."""
    assert ["toast"] == list(told(habits=HOLDING, attended=False))


def test_no_word() -> None:
    """The same model, little money, a session without an answer, an event of another time."""
    assert {} == told(OPUS)
    assert {} == told("claude-opus-5-5-20260901")
    assert {} == told(session=SMALL)
    assert {} == told(session=make(agent="opencode"))
    assert {} == told(event="plugin.start")


def test_material_is_the_users() -> None:
    """From another threshold on it is worth a word."""
    asked = {
        "session_id": ID,
        "database": "/data/opencode.db",
        "provider": "anthropic",
        "model": SONNET,
    }
    low = Material(rebuild_usd_micros=1)
    assert respond("chat.message", asked, {}, asking(SMALL), material=low)


def test_a_model_by_its_own_name() -> None:
    """Where the provider is the user's own invention, the model's name still tells."""

    def ask(_place: str, _session: str, model: str) -> Answer | None:
        return None if "/" in model else answer(WARM, model or OPUS, NOW, BOOK)

    asked = {"session_id": ID, "provider": "mine", "model": SONNET}
    assert "toast" in respond("chat.message", asked, {}, ask)


def test_memory_has_an_end() -> None:
    """Switches said long ago are forgotten."""
    seen = Seen()
    assert all(seen.first("s", str(number)) for number in range(2_001))
    assert len(seen.told) == 2_000
    assert seen.first("s", "0")


@given(
    event=st.sampled_from([*EVENTS, "other"]),
    asked=st.dictionaries(
        st.sampled_from(["session_id", "database", "provider", "model", "attended"]),
        st.one_of(st.none(), st.integers(), st.text(max_size=9), st.lists(st.integers())),
    ),
)
def test_whatever_comes_in(event: str, asked: dict[str, Any]) -> None:
    """An answer, never an exception."""
    found = respond(event, asked, {}, lambda *_: answer(WARM, SONNET, NOW, BOOK), habits=HOLDING)
    assert set(found) <= {"toast", "stop"}
