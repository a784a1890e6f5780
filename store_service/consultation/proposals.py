"""What the system proposes, why, and the person who may decide instead (R-CON-07)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from store_service.privacy.vault import Vault
from store_service.records.events.privacy import RecommendationMade
from store_service.records.ledger import Act
from store_service.records.projections.privacy import review
from store_service.rules.dossier import Envelope

from .queries import Service
from .texts import Proposal, Texts, propose


def proposed(
    texts: Texts, envelopes: Mapping[str, Envelope], found: Service, answers: Mapping[str, list[str]]
) -> Proposal | None:
    """The proposal out of the answers; None without the consent to use them, or without its envelope."""
    return propose(texts, envelopes, answers) if found.given("questionnaire") else None


def told(proposal: Proposal | None) -> dict[str, str]:
    """Every text that is shown with a proposal, to be screened (R-CON-10)."""
    reasons = proposal.reasons if proposal else ()
    return {
        f"reason {n} {key}": text for n, one in enumerate(reasons, 1) for key, text in (("zh", one.zh), ("en", one.en))
    }


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
