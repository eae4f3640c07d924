"""The price book: precedence, reasons, and the rates the product was checked against."""

import time
from pathlib import Path

import pytest

from switchtax.catalog import sheets
from switchtax.catalog.book import PriceBook, open_book
from switchtax.catalog.cards import PriceCard, Rates
from switchtax.catalog.names import Target
from switchtax.errors import PriceFileError
from switchtax.records import Unknown

NOW = 1_795_253_400.0  # 2026-11-21
BOOK = PriceBook(clock=lambda: NOW)

USD = 1_000_000
MISSION = {
    # USD per million tokens: input, output, read, write 5m, write 1h
    "claude-opus-5-5": (4, 20, 0.2, 5, 8),
    "claude-sonnet-5-5": (2, 10, 0.1, 2.5, 4),
    "claude-fable-5-2": (8, 40, 0.2, 10, 16),
    "claude-haiku-4-5": (1, 5, 0.1, 1.25, 2),
    "claude-sonnet-4-5": (3, 15, 0.3, 3.75, 6),
    "gpt-6.1-sol": (2, 10, 0.1, 2.5, None),
    "gpt-6.1-terra": (1, 5, 0.05, 1.25, None),
    "claude-haiku-5-5": (0.1, 0.5, 0.01, 0.125, 0.2),
}


def _card(model: str, provider: str = "", at: float | None = None) -> PriceCard:
    card = BOOK.card(model, at, provider)
    assert isinstance(card, PriceCard), card
    return card


def _usd(rates: Rates) -> tuple[float | None, ...]:
    fields = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
    numbers = [getattr(rates, field) for field in fields]
    return tuple(n / USD if isinstance(n, int) else None for n in numbers)


@pytest.mark.parametrize(("model", "usd"), MISSION.items())
def test_rates_of_the_worked_cases(model: str, usd: tuple[float | None, ...]) -> None:
    """The rates that the cases worked by hand stand on."""
    assert usd == _usd(_card(model).rates)


def test_haiku_5_5_costs_five_times_above_100k() -> None:
    """Every rate of a request above the threshold is five times the other."""
    card = _card("claude-haiku-5-5")
    low, high = _usd(card.rates_for(100_000)), _usd(card.rates_for(100_001))
    assert [pytest.approx(5 * rate) for rate in low if rate] == list(high)


def test_shipped_cards_name_their_source() -> None:
    """Origin, package, page and date."""
    card = _card("claude-opus-5-5")
    assert card.origin == "shipped"
    assert "genai-prices" in card.source
    assert "https://www.anthropic.com/pricing" in card.source
    assert card.source_date.startswith("2026-")
    assert "genai-prices" in BOOK.version


def test_each_seller_has_its_own_price() -> None:
    """Bedrock's regional endpoints cost 10 % more than its global ones and Anthropic."""
    regional = _card("us.anthropic.claude-opus-5-5-v1:0")
    worldwide = _card("global.anthropic.claude-opus-5-5-v1:0")
    assert (regional.rates.input, worldwide.rates.input) == (4_400_000, 4_000_000)
    assert _card("claude-opus-5-5@20260922").provider == "google-vertex"
    assert _card("openrouter/anthropic/claude-opus-5.5").provider == "openrouter"
    assert _card("gpt-6.1-sol", "github-copilot").provider == "github-copilot"


def test_a_dated_snapshot_may_have_its_own_price() -> None:
    """gpt-4o of May 2024 cost $5, later ones $2.50."""
    assert _card("gpt-4o-2024-05-13").rates.input == 5 * USD
    assert _card("gpt-4o-2024-08-06").rates.input == 2.5 * USD


def test_prices_of_the_time_of_the_call() -> None:
    """Opus 4.6 had a dearer tier above 200k until 2026-03-13."""
    february = _card("claude-opus-4-6", at=1_770_000_000.0)
    assert [tier.above_tokens for tier in february.tiers] == [200_000]
    assert february.valid_until == "2026-03-13"
    assert _card("claude-opus-4-6").tiers == ()


def test_a_call_without_a_time_is_priced_now() -> None:
    """Agents that record no time give 0.0, which is not 1970."""
    assert _card("claude-opus-4-6", at=0.0).tiers == ()


@pytest.mark.parametrize(
    ("model", "provider", "reason"),
    [
        ("my-own-model", "", "no price card for my-own-model"),
        ("claude-opus-5-5", "my-proxy", "no price card for claude-opus-5-5 at my-proxy"),
        ("<synthetic>", "", "no price card for a model without a name"),
        ("opus", "", '"opus" is an alias of several models: name one'),
        ("default", "cursor", "the agent chooses the model itself"),
    ],
)
def test_what_has_no_card_has_a_reason(model: str, provider: str, reason: str) -> None:
    """Never $0, never another seller's price."""
    assert Unknown(reason) == BOOK.card(model, provider=provider)


def test_windows() -> None:
    """From the spelling, else from the card, else unknown."""
    assert BOOK.window("claude-sonnet-4-5") == 200_000
    assert BOOK.window("claude-sonnet-4-5[1m]") == 1_000_000
    assert BOOK.window("my-own-model") == Unknown("no context window recorded for my-own-model")


def test_targets_are_chosen_from_the_catalogue() -> None:
    """From all makers, or from one seller."""
    opus = BOOK.resolve_target("opus")
    assert isinstance(opus, Target)
    assert opus.name.name == "claude-opus-5-5"
    copilot = BOOK.resolve_target("fable", "copilot")
    assert isinstance(copilot, Target)
    assert copilot.name.name == "claude-fable-5-1"


def test_rules_come_with_the_seller() -> None:
    """Anthropic's own cache is kept across an effort change, Bedrock's is not."""
    assert "effort" not in BOOK.rules("claude-opus-5-5").breaks_on
    assert "effort" in BOOK.rules("claude-opus-5-5", "amazon-bedrock").breaks_on


OWN = '[models."claude-opus-5-5"]\ninput = 1.0\noutput = 2.0\n'
ELSEWHERE = '[models."openrouter/claude-opus-5-5"]\ninput = 3.0\noutput = 2.0\n'


def _reported(provider: str, micros: int) -> PriceCard:
    rates = Rates(micros, micros, micros, micros, micros)
    return PriceCard("claude-opus-5-5", provider, rates, origin="agent")


def test_precedence(tmp_path: Path) -> None:
    """The user's file, then the agent, then a refreshed table, then the shipped one."""
    user, refreshed = tmp_path / "prices.toml", tmp_path / "prices.json"
    refreshed.write_text(sheets.SHIPPED.read_text().replace("[4000000,20000000,", "[7,20000000,"))
    book = PriceBook(user=user, refreshed=refreshed)
    steps = [book.card("claude-opus-5-5")]
    book = book.with_agent_cards([_reported("anthropic", 8)])
    steps.append(book.card("claude-opus-5-5"))
    user.write_text(OWN + ELSEWHERE)
    assert book.take_up(pytest.fail)
    steps.append(book.card("claude-opus-5-5"))
    steps.append(book.card("claude-opus-5-5", provider="openrouter"))
    found = [(c.origin, c.rates.input) for c in steps if isinstance(c, PriceCard)]
    assert found == [("refreshed", 7), ("agent", 8), ("user", USD), ("user", 3 * USD)]
    assert book.own_models() == ["claude-opus-5-5", "openrouter/claude-opus-5-5"]
    assert "refreshed" in book.version


def test_an_agents_cards_do_not_change_the_book_they_came_from() -> None:
    """And later ones stand beside earlier ones."""
    first = BOOK.with_agent_cards([_reported("zen", 8)])
    second = first.with_agent_cards([_reported("mine", 9)])
    assert isinstance(BOOK.card("claude-opus-5-5", provider="zen"), Unknown)
    assert isinstance(second.card("claude-opus-5-5", provider="zen"), PriceCard)
    assert second.models("mine") == ["claude-opus-5-5"]


def test_a_broken_file_leaves_the_old_prices_in_force(tmp_path: Path) -> None:
    """Loading is all or nothing; a mistake is told once, and mended it is taken up."""
    user, refreshed = tmp_path / "prices.toml", tmp_path / "prices.json"
    user.write_text(OWN)
    book = PriceBook(user=user, refreshed=refreshed)
    told: list[PriceFileError] = []
    user.write_text(OWN + "oops = 1\n")
    refreshed.write_text("[]")
    assert book.take_up(told.append)
    assert [str(user), str(refreshed)] == [str(error).partition(":")[0] for error in told]
    assert not book.take_up(told.append)
    assert 2 == len(told)
    card = book.card("claude-opus-5-5")
    assert isinstance(card, PriceCard)
    assert ("user", USD) == (card.origin, card.rates.input)
    user.write_text(OWN + ELSEWHERE)
    assert book.take_up(pytest.fail)
    assert "openrouter/claude-opus-5-5" in book.own_models()


def test_files_that_are_removed_hold_no_prices(tmp_path: Path) -> None:
    """The shipped ones are in force again."""
    user, refreshed = tmp_path / "prices.toml", tmp_path / "prices.json"
    user.write_text(OWN)
    refreshed.write_text(sheets.SHIPPED.read_text())
    book = PriceBook(user=user, refreshed=refreshed)
    user.unlink()
    refreshed.unlink()
    assert book.take_up(pytest.fail)
    card = book.card("claude-opus-5-5")
    assert isinstance(card, PriceCard)
    assert "shipped" == card.origin
    assert "refreshed" not in book.version


def test_without_a_file_there_is_nothing_to_take_up() -> None:
    """The shipped prices stay."""
    assert not PriceBook().take_up(pytest.fail)


def test_opening_this_machines_book(tmp_path: Path) -> None:
    """Files are found by the environment; broken ones are raised, or told and left out."""
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "c"), "XDG_CACHE_HOME": str(tmp_path / "d")}
    assert isinstance(open_book(environment).card("claude-opus-5-5"), PriceCard)
    for folder, name in (("c", "prices.toml"), ("d", "prices.json")):
        (tmp_path / folder / "switchtax").mkdir(parents=True)
        (tmp_path / folder / "switchtax" / name).write_text("{oops")
    with pytest.raises(PriceFileError):
        open_book(environment)
    told: list[PriceFileError] = []
    book = open_book(environment, on_error=told.append)
    assert ["prices.toml" in str(told[0]), "prices.json" in str(told[1])] == [True, True]
    assert isinstance(book.card("claude-opus-5-5"), PriceCard)


def _first_look_up_s() -> float:
    sheets.shipped.cache_clear()
    start = time.process_time()
    PriceBook().card("claude-opus-5-5")
    return time.process_time() - start


def test_loading_and_looking_up_are_quick() -> None:
    """A first look-up reads the table in a few milliseconds; the next ones are memoised."""
    assert 0.05 > min(_first_look_up_s() for _ in range(5))  # of five: a collection may fall in
    assert BOOK.card("claude-opus-5-5", NOW) is BOOK.card("claude-opus-5-5", NOW)


def test_cursor_sells_others_models_at_the_makers_price() -> None:
    """Its own at its own, also Grok, which its maker sells at another; none at a neighbour's."""
    book = PriceBook(clock=lambda: 1_795_251_600.0)
    claude = book.card("claude-4.5-sonnet", provider="cursor")
    assert claude == book.card("claude-sonnet-4-5")
    own, makers = book.card("grok-4.5", provider="cursor"), book.card("grok-4.5")
    assert isinstance(own, PriceCard) and isinstance(makers, PriceCard)
    assert (500_000, 300_000) == (own.rates.cache_read, makers.rates.cache_read)
    assert isinstance(book.card("composer-2.5", provider="cursor"), PriceCard)
    for unknown in ("composer-99", "default", "a-model-nobody-knows"):
        assert isinstance(book.card(unknown, provider="cursor"), Unknown)


def test_cursor_offers_its_own_models_and_the_makers() -> None:
    """An alias is resolved among all of them."""
    models = PriceBook().models("cursor")
    assert {"composer-2.5", "claude-sonnet-4-5", "gpt-5.6-sol"} <= set(models)
    found = PriceBook().resolve_target("opus", "cursor")
    assert isinstance(found, Target)
    assert found.name.name.startswith("claude-opus-")


def test_of_caches_at_cursor_no_lifetime_is_known() -> None:
    """Whoever serves a request there; writes are billed as their makers do."""
    for model, billed in (("claude-sonnet-4-5", True), ("gpt-5.6-sol", True), ("grok-4.5", False)):
        rules = PriceBook().rules(model, "cursor")
        assert ("best_effort", None, billed) == (rules.kind, rules.ttl_s, rules.writes_billed)
