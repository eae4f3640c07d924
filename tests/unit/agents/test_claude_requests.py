"""What a told request carries, and what it shares with the one before."""

from switchtax.agents._claude_requests import Requests


def _told() -> Requests:
    requests = Requests()
    requests.shape("s1", 1000, [])
    requests.shape("s2", 2000, [])
    for name, chars in (("m1", 10), ("m2", 20), ("m3", 30)):
        requests.message(name, chars)
    return requests


def test_a_request_carries_its_shape_and_its_messages() -> None:
    """A new list shares nothing yet; one that builds on it shares all of it."""
    requests = _told()
    assert (1010, 0) == requests.sent("r1", "s1", "", 0, ["m1"])
    assert (1060, 1010) == requests.sent("r2", "s1", "r1", 1, ["m2", "m3"])


def test_the_shared_start_ends_at_the_first_difference() -> None:
    """Also where the messages behind it are equal again."""
    requests = _told()
    requests.sent("r1", "s1", "", 0, ["m1", "m2", "m3"])
    assert (1050, 1010) == requests.sent("r2", "s1", "r1", 1, ["m3", "m1"])


def test_another_shape_shares_nothing() -> None:
    """Tools and system prompt stand first: where they differ, all differs."""
    requests = _told()
    requests.sent("r1", "s1", "", 0, ["m1"])
    assert (2030, 0) == requests.sent("r2", "s2", "r1", 1, ["m2"])


def test_what_was_never_told_has_no_size() -> None:
    """Zero means unknown: a shape, or a message, from before a cut."""
    requests = _told()
    assert (0, 0) == requests.sent("r1", "s9", "", 0, ["m1"])
    assert (0, 0) == requests.sent("r2", "s1", "", 0, ["m1", "m9"])


def test_answers_come_back_under_hashes_of_their_own() -> None:
    """They are sent again without having been told as messages: their own size stands in."""
    requests = _told()
    requests.sent("r1", "s1", "", 0, ["m1"])
    requests.answer("a", 300)
    requests.answer("a", 40)
    assert (1000 + 10 + 340 + 20, 1010) == requests.sent("r2", "s1", "r1", 1, ["h", "m2"])


def test_results_of_tools_stand_in_the_order_of_the_log() -> None:
    """No blob tells them either; what answers of one message brought is one message."""
    requests = _told()
    requests.sent("r1", "s1", "", 0, ["m1"])
    requests.answer("a", 300)
    requests.results(0)
    requests.results(5_000)
    requests.answer("a", 40)
    requests.results(600)
    following = ["said", "brought", "m2"]
    assert (1010 + 340 + 5_600 + 20, 1010) == requests.sent("r2", "s1", "r1", 1, following)
    assert {"said": 340, "brought": 5_600}.items() <= requests.messages.items()


def test_an_answer_that_repeats_an_earlier_one_has_its_hash() -> None:
    """It is known already, and takes no other message's size."""
    requests = _told()
    requests.sent("r1", "s1", "", 0, ["m1"])
    requests.answer("a", 300)
    requests.sent("r2", "s1", "r1", 1, ["done", "m2"])
    requests.answer("b", 90)
    requests.results(700)
    requests.answer("c", 300)
    told = requests.sent("r3", "s1", "", 0, ["m1", "done", "m2", "x", "y", "done", "m3"])
    assert (1010 + 300 + 20 + 90 + 700 + 300 + 30, 1330) == told


def test_a_rebuilt_list_has_only_the_untold_as_new() -> None:
    """Where all is sent anew, the sizes go to what has none yet."""
    requests = _told()
    requests.sent("r1", "s1", "", 0, ["m1"])
    requests.answer("a", 300)
    requests.sent("r2", "s1", "r1", 1, ["done", "m2"])
    requests.answer("b", 90)
    told = requests.sent("r3", "s1", "", 0, ["m3", "done", "m2", "x"])
    assert (1030 + 300 + 20 + 90, 1000) == told


def test_sizes_are_not_guessed_where_the_counts_differ() -> None:
    """An answer that was never sent back leaves the rest unknown."""
    requests = _told()
    requests.sent("r1", "s1", "", 0, ["m1"])
    requests.answer("a", 300)
    requests.results(700)
    assert (0, 0) == requests.sent("r2", "s1", "r1", 1, ["h", "m2"])


def test_only_the_last_requests_are_remembered() -> None:
    """One that builds on an older list has no known size beyond its own messages."""
    requests = _told()
    for number in range(10):
        requests.sent(f"r{number}", "s1", "", 0, ["m1", "m2"])
    assert 8 == len(requests.lists)
    assert (1060, 1030) == requests.sent("x", "s1", "r9", 2, ["m3"])


def test_it_goes_on_from_a_saved_state() -> None:
    """A reading that stops between two requests loses nothing; a strange state is no state."""
    whole, first, second = _told(), _told(), Requests()
    for requests in (whole, first):
        requests.sent("r1", "s1", "", 0, ["m1"])
        requests.answer("a", 340)
    second.load(first.save())
    following = ("r2", "s1", "r1", 1, ["h", "m2"])
    assert whole.sent(*following) == second.sent(*following)
    empty = Requests()
    empty.load("nothing")
    assert {} == empty.shapes


def test_a_prompt_that_no_blob_tells_has_its_own_size() -> None:
    """Where nothing is attached to it, only the prompt's line holds it."""
    requests = _told()
    requests.sent("r1", "s1", "", 0, ["m1"])
    requests.answer("a", 300)
    requests.prompt(8)
    assert (1010 + 300 + 8, 1010) == requests.sent("r2", "s1", "r1", 1, ["said", "asked"])


def test_a_prompt_that_a_blob_tells_is_not_counted_twice() -> None:
    """With a reminder attached it is a message that was told."""
    requests = _told()
    requests.sent("r1", "s1", "", 0, ["m1"])
    requests.answer("a", 300)
    requests.prompt(8)
    assert (1010 + 300 + 20, 1010) == requests.sent("r2", "s1", "r1", 1, ["said", "m2"])


def test_an_answer_said_before_leaves_the_prompt_its_size() -> None:
    """The same words again have the hash they had: the new message is the prompt."""
    requests = _told()
    requests.sent("r1", "s1", "", 0, ["m1"])
    requests.answer("a", 300)
    requests.prompt(8)
    requests.sent("r2", "s1", "r1", 1, ["done", "asked"])
    requests.answer("b", 300)
    requests.prompt(9)
    told = requests.sent("r3", "s1", "r2", 3, ["done", "more"])
    assert (1010 + 300 + 8 + 300 + 9, 1318) == told
