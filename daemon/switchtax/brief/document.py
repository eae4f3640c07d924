"""The JSON of a brief: each line with its places, and the price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax.documents import money_json

if TYPE_CHECKING:
    from switchtax.brief.items import Item
    from switchtax.brief.make import Brief
    from switchtax.brief.price import Price
    from switchtax.brief.said import Place
    from switchtax.sessions.fold import Session

__all__ = ["brief_document"]


def brief_document(brief: Brief, session: Session, ask: str) -> dict[str, Any]:
    """The document of `switchtax brief --json`, without its schema."""
    return {
        "session": brief.session_id,
        "agent": session.agent,
        "path": session.path,
        "title": brief.title,
        "turns": brief.turns,
        "markdown": brief.markdown,
        "tokens": brief.tokens,
        "items": [_item(item) for item in brief.items],
        "ask": ask,
        "reanchor": brief.reanchor,
        "price": _price(brief.price),
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "section": str(item.section),
        "text": item.text,
        "quotes": list(item.quotes),
        "sources": [_place(place) for place in item.sources],
    }


def _place(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {"file": place.path}
    if place.line:
        found["line"] = place.line
    if place.id:
        found["id"] = place.id
    return found


def _price(price: Price) -> dict[str, Any]:
    return {
        "to": price.model,
        "brief_first_call_usd_micros": money_json(price.brief),
        "brief_first_call_tokens": round(price.brief_tokens),
        "carry_first_call_usd_micros": money_json(price.carry),
        "carry_first_call_tokens": round(price.carry_tokens),
        "ask_usd_micros": money_json(price.ask),
    }
