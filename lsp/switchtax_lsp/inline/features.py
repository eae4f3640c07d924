"""Diagnostics, hints, hovers, lenses, actions and completions of a document that sets models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from switchtax.wording import editor as wording
from switchtax_lsp.inline.kinds import Effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from switchtax_lsp.inline.kinds import Kind
    from switchtax_lsp.inline.values import Value

__all__ = ["Named", "actions", "completions", "diagnostics", "hints", "hover", "lenses"]

SOURCE = "switchtax"


@dataclass(frozen=True, slots=True)
class Named:
    """A model's name in a document: where it stands in the client's units, and its facts."""

    value: Value
    range: lsp.Range
    after: lsp.Position
    """Behind its closing quote."""
    row: Mapping[str, Any]

    @property
    def switches(self) -> list[Mapping[str, Any]]:
        """Live sessions that this value would change; none for helpers with their own context."""
        return list(self.row["switches"]) if self.value.effect is Effect.SESSION else []

    @property
    def known(self) -> bool:
        """Whether the model is one with a name in the catalogue."""
        return isinstance(self.row["model"], str)

    def holds(self, position: lsp.Position) -> bool:
        """Whether a position lies in the value or at its end."""
        start, end = self.range.start, self.range.end
        return (
            start.line == position.line and start.character <= position.character <= end.character
        )

    def touches(self, asked: lsp.Range) -> bool:
        """Whether the value and a range share a line."""
        return asked.start.line <= self.range.start.line <= asked.end.line


def diagnostics(
    named: Iterable[Named], paths: Mapping[str, tuple[str, str]]
) -> list[lsp.Diagnostic]:
    """A warning for each session that a value would change at a cost worth a word.

    Args:
        named: the models of the document.
        paths: by session, the URI of its transcript and the meter's line.
    """
    return [
        lsp.Diagnostic(
            range=each.range,
            message=wording.affected(each.row, switch),
            severity=lsp.DiagnosticSeverity.Warning,
            source=SOURCE,
            code="switch",
            related_information=_related(switch["session"], paths),
        )
        for each in named
        for switch in each.switches
        if switch["material"]
    ]


def _related(
    session: str, paths: Mapping[str, tuple[str, str]]
) -> list[lsp.DiagnosticRelatedInformation] | None:
    if session not in paths:
        return None
    uri, line = paths[session]
    start = lsp.Position(0, 0)
    place = lsp.Location(uri, lsp.Range(start, start))
    return [lsp.DiagnosticRelatedInformation(location=place, message=line)]


def hints(named: Iterable[Named], asked: lsp.Range) -> list[lsp.InlayHint]:
    """Price, window and warmth behind each value."""
    return [
        lsp.InlayHint(position=each.after, label=text, padding_left=True)
        for each in named
        if each.touches(asked) and (text := wording.hint(each.row))
    ]


def hover(named: Iterable[Named], position: lsp.Position) -> lsp.Hover | None:
    """The model under the cursor."""
    for each in named:
        if each.holds(position):
            text = wording.model_table({**each.row, "switches": each.switches})
            return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text), each.range)
    return None


def lenses(named: Iterable[Named]) -> list[lsp.CodeLens]:
    """Above each value that would change live sessions: what that costs."""
    return [
        lsp.CodeLens(
            range=each.range,
            command=lsp.Command(
                wording.lens({"switches": each.switches}),
                "switchtax.estimate",
                arguments=[{"session": each.switches[0]["session"], "to": [each.row["model"]]}],
            ),
        )
        for each in named
        if each.switches
    ]


def actions(
    named: Iterable[Named], asked: lsp.Range, uri: str, kind: Kind, root_uri: str
) -> list[lsp.CodeAction]:
    """What to do instead of a switch that costs."""
    found: list[lsp.CodeAction] = []
    for each in named:
        if not (each.touches(asked) and each.switches and each.known):
            continue
        switch = each.switches[0]
        found.append(_back(each, uri, switch["from"]))
        if kind.agent == "claude-code":
            found.append(_sub_agent(each, uri, root_uri, switch["from"]))
        wanted = {"session": switch["session"], "to": each.row["model"]}
        title = wording.write_brief(each.row["name"])
        command = lsp.Command(title, "switchtax.brief", arguments=[wanted])
        found.append(lsp.CodeAction(title, lsp.CodeActionKind.QuickFix, command=command))
    return found


def _back(each: Named, uri: str, model: str) -> lsp.CodeAction:
    edit = lsp.TextEdit(each.range, model)
    return lsp.CodeAction(
        wording.back_to(model),
        lsp.CodeActionKind.QuickFix,
        edit=lsp.WorkspaceEdit(changes={uri: [edit]}),
        is_preferred=True,
    )


def _sub_agent(each: Named, uri: str, root_uri: str, model: str) -> lsp.CodeAction:
    """A sub-agent on the model wanted; the value goes back to the one in force."""
    name = each.row["model"].replace(".", "-")
    target = f"{root_uri}/.claude/agents/{name}.md"
    front = wording.sub_agent_file(name, each.row["name"], each.value.spelled)
    start = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))
    missing = lsp.OptionalVersionedTextDocumentIdentifier(uri=target)
    here = lsp.OptionalVersionedTextDocumentIdentifier(uri=uri)
    changes: list[Any] = [
        lsp.CreateFile(uri=target, options=lsp.CreateFileOptions(ignore_if_exists=False)),
        lsp.TextDocumentEdit(missing, [lsp.TextEdit(start, front)]),
        lsp.TextDocumentEdit(here, [lsp.TextEdit(each.range, model)]),
    ]
    return lsp.CodeAction(
        wording.use_sub_agent(each.row["name"]),
        lsp.CodeActionKind.QuickFix,
        edit=lsp.WorkspaceEdit(document_changes=changes),
    )


def completions(rows: Sequence[Mapping[str, Any]], value: Named) -> list[lsp.CompletionItem]:
    """Models to write in place of a value."""
    return [
        lsp.CompletionItem(
            label=row["model"],
            detail=wording.offer(row),
            kind=lsp.CompletionItemKind.Value,
            filter_text=row["model"],
            text_edit=lsp.TextEdit(value.range, row["model"]),
            sort_text=f"{number:03d}",
        )
        for number, row in enumerate(rows)
        if isinstance(row["model"], str)
    ]
