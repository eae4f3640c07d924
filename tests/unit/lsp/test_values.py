"""Files that set models: which they are, and where in them a model is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchtax_lsp.inline.kinds import Effect, kind_of
from switchtax_lsp.inline.values import values

S, B = Effect.SESSION, Effect.BESIDE
FOUND = [
    (
        "/h/p/.claude/settings.json",
        '{\n // c\n "é": "ü", "model": "opus", "env": {"ANTHROPIC_MODEL": "son"}, "x": {"model": 1}'
        "}",
        [("model", "opus", S, 2, 21), ("env.ANTHROPIC_MODEL", "son", S, 2, 56)],
    ),
    (
        "/p/.claude/settings.local.json",
        '{"a":1,\n "model": "opus",, "b"',
        [("model", "opus", S, 1, 11)],
    ),
    ("/p/.claude/settings.json", '{"model": "', []),
    (
        "/p/.codex/config.toml",
        "model = \"gpt-6\"\n[profiles.deep]\nmodel = 'gpt-5.5'\nx =\n[mcp]\nmodel=\"x\"\n",
        [("model", "gpt-6", S, 0, 9), ("profiles.deep.model", "gpt-5.5", S, 2, 9)],
    ),
    (
        "/p/.codex/config.toml",
        'profiles.a.model = "gpt-6"\nprofiles.b = { model = "q" }\n bad bad\nreview_model = "r"\n',
        [
            ("profiles.a.model", "gpt-6", S, 0, 20),
            ("profiles.b.model", "q", S, 1, 24),
            ("review_model", "r", B, 3, 16),
        ],
    ),
    (
        "/p/.claude/agents/a/b.md",
        "---\nname: é x\nmodel: haiku # c\n---\nmodel: no\n",
        [("model", "haiku", B, 2, 7)],
    ),
    ("/p/.claude/commands/a.md", '---\nmodel: "haiku"\nname', [("model", "haiku", S, 1, 8)]),
    ("/p/.claude/commands/a.md", "model: haiku", []),
    (
        "/p/opencode.jsonc",
        '{"model":"a/b", "agent": {"build": {"model": "x/y"}, "z": {"model":"k"}}}',
        [("model", "a/b", S, 0, 10), ("agent.build.model", "x/y", S, 0, 46),
         ("agent.z.model", "k", B, 0, 68)],
    ),
    (
        "/p/.aider.conf.yml",
        "model: sonnet\nweak-model: haiku\n: bad\n",
        [("model", "sonnet", S, 0, 7), ("weak-model", "haiku", B, 1, 12)],
    ),
    ("/p/.gemini/settings.json", '{"model": {"name": "g"}}', [("model.name", "g", S, 0, 20)]),
    ("/p/.copilot/settings.json", '{"model": "gpt-5.4"}', [("model", "gpt-5.4", S, 0, 11)]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "text", "found"), FOUND)
def test_models_are_found_where_they_stand(
    path: str, text: str, found: list[tuple[str, str, Effect, int, int]]
) -> None:
    kind = kind_of(path)
    assert kind is not None
    seen = values(text, kind)
    assert found == [(v.key, v.spelled, v.effect, v.start.line, v.start.column) for v in seen]
    assert all(len(v.spelled) == v.end.column - v.start.column for v in seen)


@pytest.mark.parametrize("path", ["/p/settings.json", "/p/config.toml", "/p/a.md", "/p/.claude/x"])
def test_other_files_set_no_models(path: str) -> None:
    assert kind_of(path) is None


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("/p/.claude/settings.json", "/p"),
        ("/p/.claude/agents/a.md", "/p"),
        ("/p/opencode.json", "/p"),
        ("/p/CLAUDE.md", "/p"),
    ],
)
def test_a_file_belongs_to_the_project_above_it(path: str, root: str) -> None:
    kind = kind_of(path)
    assert kind is not None
    assert root == kind.root(path)


@given(st.sampled_from([path for path, _, _ in FOUND]), st.text(max_size=80))
def test_any_text_is_read_without_an_error(path: str, text: str) -> None:
    kind = kind_of(path)
    assert kind is not None
    values(text, kind)
    values("---\n" + text, kind)
