"""Edits of a JSON text in place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchtax.hooks import json_text

JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=3), JSON, max_size=4)
LAYOUTS = st.sampled_from([{}, {"indent": 2}, {"indent": "\t"}, {"separators": (",", ":")}])


@given(OBJECTS, LAYOUTS, JSON)
def test_adding_and_dropping(value: dict[str, Any], layout: dict[str, Any], new: Any) -> None:
    """A new member is there at the end; dropped again, the text is what it was."""
    text = json.dumps(value, **layout)
    key = "new key"
    added = json_text.add(text, (key,), new)
    assert {**value, key: new} == json.loads(added)
    assert key == list(json.loads(added))[-1]
    assert text == json_text.drop(added, (key,))


@given(OBJECTS, LAYOUTS, JSON)
def test_replacing(value: dict[str, Any], layout: dict[str, Any], new: Any) -> None:
    """One value alone changes."""
    text = json.dumps(value, **layout)
    for key in value:
        assert {**value, key: new} == json.loads(json_text.replace(text, (key,), new))
        assert value[key] == json_text.find(text, (key,))
        rest = {name: kept for name, kept in value.items() if name != key}
        assert rest == json.loads(json_text.drop(text, (key,)))


@pytest.mark.parametrize("edit", [json_text.replace, json_text.add])
def test_a_place_that_is_not_there(edit: Any) -> None:
    """Named as such."""
    with pytest.raises(KeyError):
        edit('{"a": 1}', ("b", "c"), 1)
    with pytest.raises(KeyError):
        json_text.drop('{"a": 1}', ("a", "c"))
    assert json_text.find('{"a": [1]}', ("a", 3)) is None


def test_new_parts_look_like_their_neighbours() -> None:
    """Indentation and line ends are taken over."""
    text = '{\n\t"a": {\n\t\t"b": []\n\t}\n}'
    item = '{\n\t\t\t\t"c": 1\n\t\t\t}'
    whole = f'{{\n\t"a": {{\n\t\t"b": [\n\t\t\t{item}\n\t\t]\n\t}}\n}}'
    assert whole == json_text.add(text, ("a", "b", -1), {"c": 1})
    windows = json_text.add(text.replace("\n", "\r\n"), ("a", "b", -1), {"c": 1})
    assert whole.replace("\n", "\r\n") == windows
    assert '{"a": 1, "b": {"c": 2}}' == json_text.add('{"a": 1}', ("b",), {"c": 2})
