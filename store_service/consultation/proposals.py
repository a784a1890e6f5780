"""What the system proposes, why, and the person who may decide instead (R-CON-07)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from store_service.privacy.vault import Vault
from store_service.records.events.privacy import RecommendationMade
from store_service.records.ledger import Act
from store_service.records.projections.privacy import review
from store_service.rules.checks.privacy import REASON
from store_service.rules.dossier import Envelope

from .queries import Service
from .texts import Proposal, Texts, propose


def proposed(
    texts: Texts, envelopes: Mapping[str, Envelope], found: Service, answers: Mapping[str, list[str]]
) -> Proposal | None:
    """The proposal out of the answers; None without the consent to use them, or without its envelope."""
    return propose(texts, envelopes, answers) if found.given("questionnaire") else None


def told(texts: Texts, proposal: Proposal | None) -> dict[str, str]:
    """Every text that a consumer is asked with, or is shown with a proposal, to be screened (R-CON-10)."""
    found = {"notice": (texts.notice.zh, texts.notice.en)}
    for purpose in texts.purposes:
        found[f"purpose {purpose.key}"] = (purpose.zh, purpose.en)
    for asked in texts.questions:
        options = [(one.zh, one.en) for one in asked.options]
        for n, pair in enumerate([(asked.zh, asked.en), (asked.why_zh, asked.why_en), *options]):
            found[f"question {asked.id} {n}"] = pair
    for n, one in enumerate(proposal.reasons if proposal else (), 1):
        found[f"{REASON} {n}"] = (one.zh, one.en)
    return {f"{name} {key}": text for name, pair in found.items() for key, text in zip(("zh", "en"), pair, strict=True)}


def keep(act: Act, vault: Vault, texts: Texts, found: Service, proposal: Proposal) -> None:
    """Seal the proposal with its reasons, cite model version and commitment."""
    sealed = {"model_version": texts.recommendation_version, **proposal.model_dump(mode="json")}
    act.record(
        RecommendationMade(
            service_id=found.service_id,
            model_version=texts.recommendation_version,
            envelope_id=proposal.envelope_id,
            commitment=vault.put("recommendation", found.service_id, sealed, found.opened_at),
        )
    )


def review_open(connection: Connection, site: str, service_id: str) -> bool:
    """Whether a person's decision was asked for and is not given yet."""
    query = select(review.c.open).where(review.c.store_id == site, review.c.id == service_id)
    return bool(connection.execute(query).scalar())
