"""The example of a wrong configuration is what the command says about it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from consumer.__main__ import ExitCode, main
from tests.docs.pages import blocks, section

FOLDER: Final = "/etc/coveo-cdc"


def test_the_example_of_a_wrong_configuration_is_what_check_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever compares their own output with it must not be led astray."""
    text = section("docs/commands.md", "`check`")
    (configuration,) = blocks(text, "yaml")
    file = tmp_path / "coveo-cdc.yaml"
    file.write_text(configuration, encoding="utf-8")
    monkeypatch.setenv("COVEO_CDC_SERVER__PORT", "9464")
    with pytest.raises(SystemExit) as leaving:
        main(["check", "--config", str(file)])
    assert leaving.value.code == ExitCode.CONFIG
    assert [capsys.readouterr().err.replace(str(tmp_path), FOLDER)] == blocks(text, "text")
