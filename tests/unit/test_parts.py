"""The configuration, cut up: what each part is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumer import parts
from consumer.config.load import load
from consumer.coveo.partial import joined
from consumer.domain.operations import SourceKind
from consumer.pipeline.single import SingleCalls
from tests.unit.config.writing import GOOD, loaded

CONFIG = Path(__file__).parents[2] / "demo" / "coveo-cdc.yaml"


@pytest.mark.parametrize(
    ("section", "push", "platform"),
    [
        (
            {"REGION": "eu"},
            "https://api-eu.cloud.coveo.com",
            "https://platform-eu.cloud.coveo.com",
        ),
        ({"BASE_URL": "http://127.0.0.1:1"}, "http://127.0.0.1:1", "http://127.0.0.1:1"),
        (
            {"BASE_URL": "http://127.0.0.1:1", "PLATFORM_URL": "http://127.0.0.1:2"},
            "http://127.0.0.1:1",
            "http://127.0.0.1:2",
        ),
        (
            {"PLATFORM_URL": "http://127.0.0.1:2"},
            "https://api.cloud.coveo.com",
            "http://127.0.0.1:2",
        ),
    ],
)
def test_the_key_goes_to_no_host_that_nobody_named(
    section: dict[str, str], push: str, platform: str, tmp_path: Path
) -> None:
    """Whoever points the program at a local Push API does not mean Coveo's platform beside it."""
    key = tmp_path / "key"
    key.write_text("xx-not-a-real-key")
    text = CONFIG.read_text("utf-8")
    kept = [line for line in text.splitlines() if not line.strip().startswith("base_url:")]
    config = tmp_path / "coveo-cdc.yaml"
    config.write_text("\n".join(kept))
    environ = {f"COVEO_CDC__COVEO__{name}": value for name, value in section.items()}
    settings = load(config, {"COVEO_CDC__COVEO__API_KEY_FILE": str(key), **environ})
    addresses = parts.client_settings(settings).addresses
    assert (addresses.push_url, addresses.platform_url) == (push, platform)


def test_a_catalog_is_one_for_every_part(tmp_path: Path) -> None:
    """Encoding, lane and doctor must not see it as different things."""
    shop = "targets:\n  shop: {source: {id: acme-shop, kind: catalog}, secured: false}\n"
    settings = loaded(tmp_path, GOOD.replace("targets:\n", shop))
    kinds = {name: traits.kind for name, traits in parts.traits(settings).items()}
    made = parts.pipeline_settings(settings).lanes
    lanes = {lane.target: lane.kind for lane in made}
    assert {lane.join for lane in made} == {joined}
    wanted = {target.name: target.catalog for target in parts.doctor_wants(settings).targets}
    assert kinds == lanes == {"knowledge-base": SourceKind.PUSH, "shop": SourceKind.CATALOG}
    assert wanted == {"knowledge-base": False, "shop": True}


def test_single_item_calls_are_made_for_the_targets_that_ask_for_them(tmp_path: Path) -> None:
    """And for no other: they are off by default."""
    key = tmp_path / "key"
    key.write_text("xx-not-a-real-key")
    config = tmp_path / "coveo-cdc.yaml"
    asked, words = "source: demo-people", "source: demo-people, single_item_calls: true"
    config.write_text(CONFIG.read_text("utf-8").replace(asked, words))
    settings = load(config, {"COVEO_CDC__COVEO__API_KEY_FILE": str(key)})
    calls = {lane.target: lane.single_calls for lane in parts.pipeline_settings(settings).lanes}
    assert calls == {"knowledge-base": None, "people": SingleCalls(5_000_000, 1_000)}
