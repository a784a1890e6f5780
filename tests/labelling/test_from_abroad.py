"""A shop that answers at home for an overseas filer, one of whose products comes without concentrations: from the
registers through to the label that is printed, the sealed record, the consumer's page and the EPCIS document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from store_service.catalogue.commands import import_register
from store_service.catalogue.queries import registers
from store_service.demo import play
from store_service.quality.epcis import epcis_document
from store_service.rules.dossier import Party, Product, ProductRegister, RuleParameters
from store_service.rules.refusal import Refused
from store_service.trace.proofs import sealed_record
from tests.shops import CONFIG, PrivateShop, private_shop
from tests.trace.doors import consumer_door, path_of

OVERSEAS = Party(name="虚构海外化妆品公司（Fictive Beauté）", address="示例国示例市示例街 5 号")
AUTHORISED = {"overseas_filer": OVERSEAS.name, "number": "AUTH-9", "valid_to": "2027-12-31"}
UNTOLD = "SRC-LOTION"


def put_in_force(shop: PrivateShop, *, per_source: bool, responsible: bool = True) -> None:
    """Every product filed from abroad, one of them with its list but without most of its concentrations."""
    desk, now = shop.shop.desk, shop.shop.desk.now()
    own = desk.site.filer if desk.site else None
    assert own is not None
    home = Party(name=own.name, address=own.address)

    def from_abroad(one: Product) -> Product:
        changes: dict[str, Any] = {
            "filing_number": f"国妆网备进字（沪）{one.filing_number[-10:]}",
            "overseas_filer": OVERSEAS,
            "responsible": home if responsible else None,
        }
        if one.product_id == UNTOLD:
            kept = (i if i.preservative else i.model_copy(update={"ppm": None}) for i in one.ingredients)
            changes["ingredients"] = tuple(kept)
        return one.model_copy(update=changes)

    for document in play.documents(CONFIG / "demo", now, shop.shop.settings.filer_id):
        if isinstance(document, ProductRegister):
            document = document.model_copy(update={"products": tuple(from_abroad(one) for one in document.products)})
        elif isinstance(document, RuleParameters):
            everywhere = {**document.overrides["*"], "list_per_source": per_source}
            document = document.model_copy(update={"overrides": {**document.overrides, "*": everywhere}})
        else:
            continue
        import_register(desk, document, by="import", valid_to=now + timedelta(days=7))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    filer = {"kind": "responsible_person", "authorisation": AUTHORISED}
    with private_shop(tmp_path_factory.mktemp("abroad"), changes={"filer": filer}) as opened:
        yield opened


def refused(shop: PrivateShop) -> dict[str, list[object]]:
    unit_id = shop.planned_unit()
    with pytest.raises(Refused) as no:
        shop.cup_unit(unit_id)
    return {one.rule: one.facts.get("missing", []) for one in no.value.verdict.refusals}


def test_without_the_responsible_person_or_the_permission_nothing_is_blended(shop: PrivateShop) -> None:
    put_in_force(shop, per_source=True, responsible=False)
    assert refused(shop) == {"R-SCP-11": ["responsible"]}
    put_in_force(shop, per_source=False)
    assert refused(shop).keys() == {"R-LAB-06"}


def test_the_unit_names_them_and_each_source_s_list_wherever_it_is_told_of(shop: PrivateShop) -> None:
    put_in_force(shop, per_source=True)
    unit_id = shop.released_unit()
    shop.shop.desk.ledger.seal()
    desk, unit = shop.shop.desk, shop.unit(unit_id)
    own = desk.site.filer if desk.site else None
    with desk.read() as connection:
        known = registers(connection, desk.site_id, desk.now())
        record = sealed_record(connection, unit.public_sha256)
        document = epcis_document(connection, desk.site_id, str(unit.batch), "https://t.example", desk.now())
    assert isinstance(record, dict) and own is not None
    assert record["filer"] == {"name": OVERSEAS.name, "address": OVERSEAS.address, "phone": ""}
    assert record["responsible"] == {"name": own.name, "address": own.address, "phone": own.phone}
    lists = record["ingredients"].splitlines()
    filed = known.products[UNTOLD]
    assert len(lists) > 1
    assert f"{filed.name_zh}：{'、'.join(one.cn_name for one in filed.ingredients)}" in lists

    made = document["epcisBody"]["eventList"][0]["ilmd"]
    assert (made["blend:filer"], made["blend:responsiblePerson"]) == (OVERSEAS.name, own.name)

    with consumer_door(shop) as phone:
        for language, heading in (("zh-CN", "境内责任人"), ("en", "Responsible person in China")):
            page = phone.get(f"{path_of(unit)}?lang={language}", headers={"accept": "text/html"})
            assert page.status_code == 200 and len(page.content) < 15_000
            assert heading in page.text and own.name in page.text and OVERSEAS.name in page.text
            assert f"<b>{filed.name_zh if language == 'zh-CN' else filed.name_en}</b>" in page.text
