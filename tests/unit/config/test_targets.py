"""Targets: a source by its id, or with its kind; what cannot be is said at the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumer.domain.operations import SourceKind
from consumer.mapping.catalog import CatalogIds, Destination
from tests.unit.config.writing import GOOD, loaded, problems

PUSH = "{source: acme-kb, secured: false}"
PRODUCT = """\
    fields:
      objecttype: {constant: Product}
      ec_product_id: sku
"""


def catalog(source: str, secured: str = "false") -> str:
    """Return a configuration with a catalog and a mapping that fits it."""
    return GOOD.replace(PUSH, f"{{source: {source}, secured: {secured}}}") + PRODUCT


@pytest.mark.parametrize("source", ["acme-kb", "{id: acme-kb}", "{id: acme-kb, kind: push}"])
def test_a_source_is_a_push_source_unless_it_says_otherwise(tmp_path: Path, source: str) -> None:
    """Just the id is enough."""
    target = loaded(tmp_path, GOOD.replace("acme-kb", source)).targets["knowledge-base"]
    assert (target.source.id, target.kind) == ("acme-kb", SourceKind.PUSH)
    assert target.destination == Destination(secured=False)


def test_a_catalog_says_so_and_may_name_its_id_fields(tmp_path: Path) -> None:
    """Coveo's own names are used where the configuration has no others."""
    ids = "{product: productid, variant: sku}"
    text = catalog(f"{{id: shop, kind: catalog, id_fields: {ids}}}")
    target = loaded(tmp_path, text.replace("ec_product_id", "productid")).targets["knowledge-base"]
    assert target.kind is SourceKind.CATALOG
    expected = CatalogIds("productid", "sku", "ec_availability_id", "ec_available_items")
    assert target.destination == Destination(secured=False, catalog=expected)


def test_a_single_key_of_a_source_comes_from_the_environment(tmp_path: Path) -> None:
    """As any key does."""
    environ = {"COVEO_CDC__TARGETS__KNOWLEDGE_BASE__SOURCE__KIND": "catalog"}
    settings = loaded(tmp_path, catalog("{id: shop}"), environ)
    assert settings.targets["knowledge-base"].kind is SourceKind.CATALOG


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{id: shop, kind: crawler}", "source.kind: must be one of 'push' or 'catalog'"),
        ("{kind: catalog}", "source.id: is missing"),
        ("''", "source: must not be empty"),
        ("{id: shop, id_fields: {product: Product Id}}", "source.id_fields.product: "),
        ("{id: shop, id_fields: {variant: sku}}", "source.id_fields: these are fields of a cat"),
    ],
)
def test_what_is_no_source_is_told(tmp_path: Path, source: str, told: str) -> None:
    """With the key that is wrong, and nothing that only follows from it."""
    (problem,) = problems(tmp_path, GOOD.replace("acme-kb", source))
    assert f"targets.knowledge-base.{told}" in problem


def test_the_kind_is_no_key_of_the_target_itself(tmp_path: Path) -> None:
    """One word, one place."""
    text = GOOD.replace("secured: false", "secured: false, kind: push")
    (problem,) = problems(tmp_path, text)
    assert "targets.knowledge-base.kind" in problem


def test_a_catalog_cannot_be_secured(tmp_path: Path) -> None:
    """No page says that it looks at permissions: whom a mapping keeps out might see everything."""
    text = catalog("{id: shop, kind: catalog}", "true")
    text += "    permissions: {allowed: [{type: user, column: owner}]}\n"
    (problem,) = problems(tmp_path, text)
    assert "targets.knowledge-base.secured: a catalog cannot be secured" in problem


def test_permissions_are_refused_on_a_catalog_not_dropped(tmp_path: Path) -> None:
    """What a mapping withholds must not be shown to everybody in silence."""
    text = catalog("{id: shop, kind: catalog}")
    text += "    permissions: {allowed: [{type: user, column: owner}]}\n"
    (problem,) = problems(tmp_path, text)
    assert "mappings[0].permissions: target 'knowledge-base' is not secured" in problem


def test_two_targets_cannot_be_one_source_whatever_their_kinds(tmp_path: Path) -> None:
    """Their operations would have no common order."""
    more = f"knowledge-base: {PUSH}\n  shop: {{source: {{id: acme-kb, kind: catalog}}, "
    (problem,) = problems(
        tmp_path, GOOD.replace(f"knowledge-base: {PUSH}", f"{more}secured: false}}")
    )
    assert "names the same source" in problem


@pytest.mark.parametrize("start", ["earliest", "latest"])
def test_partial_updates_need_the_rows_from_the_beginning(tmp_path: Path, start: str) -> None:
    """What is not there cannot be changed in part, and the service says so in its log only."""
    text = catalog("{id: shop, kind: catalog}").replace(
        "  group_id: cdc\n", f"  group_id: cdc\n  start: {start}\n"
    )
    text += "    format: debezium\n    partial_updates: true\n"
    if start == "earliest":
        assert loaded(tmp_path, text).mappings[0].partial_updates
        return
    (problem,) = problems(tmp_path, text)
    assert "mappings[0].partial_updates: with 'kafka.start: latest'" in problem


def test_a_catalog_has_no_single_item_calls(tmp_path: Path) -> None:
    """They are the Push API's, and would go to a source that is not written by it."""
    text = catalog("{id: shop, kind: catalog}", "false, single_item_calls: true")
    (problem,) = problems(tmp_path, text)
    assert "targets.knowledge-base.single_item_calls: a catalog is written by the Str" in problem
