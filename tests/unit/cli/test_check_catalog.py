"""`check` says what a catalog is, and what a partial update means there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.test_commands import run
from tests.unit.config.writing import GOOD, written

CATALOG = (
    GOOD.replace("{source: acme-kb,", "{source: {id: acme-shop, kind: catalog},")
    + """\
    format: debezium
    fields: {objecttype: {constant: Product}, ec_product_id: sku}
"""
)


@pytest.mark.parametrize("in_part", [False, True])
def test_check_names_catalogs_and_partial_updates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, in_part: bool
) -> None:
    """An operator sees what the file means before anything is sent."""
    text = CATALOG + f"    partial_updates: {str(in_part).lower()}\n"
    code, out, _ = run(capsys, "check", "--config", str(written(tmp_path, text)))
    assert code == 0
    assert "writes to knowledge-base: catalog acme-shop, open to everybody" in out
    told = "an update that leaves values out changes the other fields;"
    assert (told in out) is in_part
