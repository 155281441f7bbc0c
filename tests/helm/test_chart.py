"""The chart, rendered by Helm's own engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml

from consumer.config.model import Settings
from tests.architecture.tree import ROOT

CHART = ROOT / "helm"
VALUES = sorted((CHART / "ci").glob("*-values.yaml"))
SHORT_DRAIN = {"config": {"shutdown": {"drain_seconds": 42.5}}, "shutdownMarginSeconds": 10}


def render(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the rendered objects by kind."""
    chart = helm_python.Chart.load(str(CHART))
    try:
        chart.validate_schema(values)
        rendered = chart.render(values, name="kb", namespace="search")
    finally:
        chart.close()
    manifests = [text for path, text in rendered.items() if path.endswith(".yaml")]
    return {manifest["kind"]: manifest for manifest in map(yaml.safe_load, manifests)}


def pod(values: dict[str, Any]) -> dict[str, Any]:
    """Return the pod's specification."""
    spec: dict[str, Any] = render(values)["Deployment"]["spec"]["template"]["spec"]
    return spec


@pytest.mark.parametrize("path", VALUES, ids=lambda path: path.stem)
def test_every_values_file_renders_and_lints(path: Path) -> None:
    """A values file of ours that does not install is a broken promise."""
    values = yaml.safe_load(path.read_text())
    assert set(render(values)) == {"ConfigMap", "Deployment", "ServiceAccount"}
    report = helm_python.lint(str(CHART), values, strict=True)
    assert report["errors"] == []


@pytest.mark.parametrize("path", VALUES, ids=lambda path: path.stem)
def test_the_configuration_in_a_values_file_is_one(path: Path) -> None:
    """An example that the program refuses teaches mistakes."""
    Settings.model_validate(yaml.safe_load(path.read_text())["config"])


def test_the_configuration_arrives_word_for_word() -> None:
    """The program checks its own file; the chart must not have an opinion about it."""
    config = {"kafka": {"group_id": "yes", "settings": {"sasl.username": "{{ .Release.Name }}"}}}
    assert yaml.safe_load(render({"config": config})["ConfigMap"]["data"]["coveo-cdc.yaml"]) == (
        config
    )


def test_the_grace_period_outlasts_the_drain() -> None:
    """A pod that is killed while draining makes its successor wait for late effects."""
    assert pod(SHORT_DRAIN)["terminationGracePeriodSeconds"] == 53
    assert pod({})["terminationGracePeriodSeconds"] == 30


def test_defaults_in_templates_are_the_program_s_own() -> None:
    """Port and drain have one default, and that is in the code."""
    defaults = Settings.model_fields
    server = defaults["server"].get_default(call_default_factory=True, validated_data={})
    shutdown = defaults["shutdown"].get_default(call_default_factory=True, validated_data={})
    helpers = (CHART / "templates" / "_helpers.tpl").read_text()
    assert f'dig "server" "port" {server.port} ' in helpers
    assert f'dig "shutdown" "drain_seconds" {shutdown.drain_seconds:g} ' in helpers


def test_the_pod_meets_the_restricted_profile() -> None:
    """Nothing here needs a right, so it gets none."""
    spec = pod({})
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["containers"][0]["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_a_changed_configuration_rolls_the_pods_and_the_same_one_does_not() -> None:
    """A member must never run with a file that nobody sees any more."""

    def checksum(values: dict[str, Any]) -> str:
        template = render(values)["Deployment"]["spec"]["template"]
        return str(template["metadata"]["annotations"]["checksum/config"])

    assert checksum(SHORT_DRAIN) == checksum(SHORT_DRAIN | {"replicas": 3})
    assert checksum(SHORT_DRAIN) != checksum({})


def test_secrets_are_mounted_as_folders_so_that_rotation_is_seen() -> None:
    """A subPath mount keeps the old file for the pod's whole life."""
    spec = pod({"secrets": ["coveo", "kafka"]})
    mounts = {m["mountPath"]: m for m in spec["containers"][0]["volumeMounts"]}
    assert "subPath" not in mounts["/etc/coveo-cdc/secrets/coveo"]
    names = [v["secret"]["secretName"] for v in spec["volumes"] if "secret" in v]
    assert names == ["coveo", "kafka"]
    assert spec["containers"][0].get("env") is None


@pytest.mark.parametrize(
    "bad",
    [
        {"replica": 2},
        {"replicas": -1},
        {"replicas": "2"},
        {"image": {"repository": "x", "tag": "latest"}},
        {"image": {"repository": "x", "digest": "sha256:abc"}},
        {"secrets": ["Not_A_Name"]},
        {"secrets": ["twice", "twice"]},
        {"shutdownMarginSeconds": 0},
        {"config": []},
    ],
    ids=str,
)
def test_bad_values_are_refused(bad: dict[str, Any]) -> None:
    """A typing error must not install something else than what was meant."""
    with pytest.raises(helm_python.HelmError):
        render(bad)


def test_a_digest_wins_over_a_tag() -> None:
    """What is pinned is what runs."""
    digest = "sha256:" + "0" * 64
    image = {"repository": "r/coveo-cdc", "tag": "1.0", "digest": digest}
    assert pod({"image": image})["containers"][0]["image"] == f"r/coveo-cdc@{digest}"


def test_every_value_is_described_and_known_to_the_schema() -> None:
    """A key without a word of explanation is a question to somebody."""
    text = (CHART / "values.yaml").read_text()
    lines = text.splitlines()
    keys = [i for i, line in enumerate(lines) if line and not line.lstrip().startswith("#")]
    leaves = [i for i in keys if not lines[i].rstrip().endswith(":")]
    undescribed = [lines[i] for i in leaves if _is_ours(lines, i) and "# -- " not in lines[i - 1]]
    assert undescribed == []
    schema = yaml.safe_load((CHART / "values.schema.json").read_text())
    assert set(yaml.safe_load(text)) <= set(schema["properties"])


def _is_ours(lines: list[str], index: int) -> bool:
    """Return whether the line is a key of the chart, not of a Kubernetes object below one."""
    return not lines[index].startswith("    ") and "resources" not in lines[index - 1]


def test_the_chart_s_version_is_the_program_s() -> None:
    """An image's tag is taken from it."""
    from consumer import __version__  # noqa: PLC0415 - the one thing that is compared

    assert yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"] == __version__
