"""Single keys from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.config.writing import GOOD, loaded, problems


def test_variable_sets_a_key_that_the_file_has_or_has_not(tmp_path: Path) -> None:
    """Ports and addresses differ from run to run, the file does not."""
    environ = {
        "COVEO_CDC__KAFKA__BOOTSTRAP_SERVERS": "other:1",
        "COVEO_CDC__WINDOWS__LINGER_SECONDS": "5",
        "COVEO_CDC__LOGGING__LEVEL": "debug",
        "COVEO_CDC__DEAD_LETTERS": "{topic: letters}",
        "HOME": "/root",
    }
    settings = loaded(tmp_path, GOOD, environ)
    assert settings.kafka.bootstrap_servers == "other:1"
    assert settings.windows.linger_seconds == 5
    assert settings.logging.level == "debug"
    assert settings.dead_letters is not None
    assert settings.dead_letters.topic == "letters"


def test_number_stays_text_where_text_is_wanted(tmp_path: Path) -> None:
    """An environment knows text only, so it must not be guessed at."""
    settings = loaded(tmp_path, GOOD, {"COVEO_CDC__KAFKA__GROUP_ID": "17"})
    assert settings.kafka.group_id == "17"


def test_segment_matches_keys_with_dashes_dots_and_indexes(tmp_path: Path) -> None:
    """A variable's name can hold neither, and settings of librdkafka are full of dots."""
    environ = {
        "COVEO_CDC__TARGETS__KNOWLEDGE_BASE__SOURCE": "s2",
        "COVEO_CDC__KAFKA__SETTINGS__SECURITY_PROTOCOL": "PLAINTEXT",
        "COVEO_CDC__KAFKA__SETTINGS__CLIENT_ID": "me",
        "COVEO_CDC__MAPPINGS__0__ID": "x://{id}",
    }
    settings = loaded(tmp_path, GOOD, environ)
    assert settings.targets["knowledge-base"].source.id == "s2"
    assert settings.kafka.settings["security.protocol"] == "PLAINTEXT"
    assert settings.kafka.settings["client.id"] == "me"
    assert settings.mappings[0].id == "x://{id}"


def test_api_key_may_come_from_the_environment(tmp_path: Path) -> None:
    """For local runs; nothing that prints settings may show it."""
    environ = {"COVEO_CDC__COVEO__API_KEY": "xx-local"}
    settings = loaded(tmp_path, GOOD.replace("  api_key_file: key\n", ""), environ)
    assert settings.coveo.secret().reveal() == "xx-local"
    assert "xx-local" not in repr(settings) + settings.model_dump_json()


def test_two_keys_are_refused(tmp_path: Path) -> None:
    """Which one counts would be a guess."""
    (found,) = problems(tmp_path, GOOD, {"COVEO_CDC__COVEO__API_KEY": "xx-local"})
    assert "give the API key once" in found


def test_problem_names_the_variable(tmp_path: Path) -> None:
    """Looking for it in the file would be in vain."""
    (found,) = problems(tmp_path, GOOD, {"COVEO_CDC__SERVER__PORT": "many"})
    assert found == "COVEO_CDC__SERVER__PORT: server.port: expected a whole number"


@pytest.mark.parametrize(
    "variable", ["COVEO_CDC__", "COVEO_CDC__KAFKA__", "COVEO_CDC__KAFKA__GROUP_ID__X"]
)
def test_variable_that_leads_nowhere_is_refused(tmp_path: Path, variable: str) -> None:
    """A typing error must not go unnoticed because it is not in the file."""
    (found,) = problems(tmp_path, GOOD, {variable: "x"})
    assert found.startswith(f"{variable}: ")


def test_unknown_key_is_refused_also_in_a_variable(tmp_path: Path) -> None:
    """The same close matches as in the file."""
    (found,) = problems(tmp_path, GOOD, {"COVEO_CDC__WINDOWS__LINGER": "5"})
    assert found.startswith("COVEO_CDC__WINDOWS__LINGER: windows.linger: there is no such key")
    assert "linger_seconds" in found


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        (f"COVEO_CDC__MAPPINGS__{'9' * 5000}__ID", "x"),
        ("COVEO_CDC__KAFKA__GROUP_ID", "a\udcff"),
        ("COVEO_CDC__KAFKA__GROUP\udcff", "a"),
    ],
)
def test_what_is_no_number_and_no_text_is_a_problem_too(
    tmp_path: Path, variable: str, text: str
) -> None:
    """Environments hold bytes: what is not UTF-8 arrives as half characters."""
    (found,) = problems(tmp_path, GOOD, {variable: text})
    assert found.startswith("COVEO_CDC__")
    found.encode()


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("COVEO_CDC_KAFKA__GROUP_ID", "did you mean COVEO_CDC__KAFKA__GROUP_ID?"),
        ("coveo_cdc_kafka__group_id", "did you mean COVEO_CDC__KAFKA__GROUP_ID?"),
        ("COVEO_CDC__KAFKA_GROUP_ID", "did you mean COVEO_CDC__KAFKA__GROUP_ID?"),
        ("COVEO_CDC_KAFKA_GROUP_ID", "did you mean COVEO_CDC__KAFKA__GROUP_ID?"),
        ("COVEO_CDC_API_KEY", "did you mean COVEO_CDC__COVEO__API_KEY?"),
        ("COVEO_CDCKAFKA__GROUP_ID", "did you mean COVEO_CDC__KAFKA__GROUP_ID?"),
        ("COVEO_CDC__SERVR__PORT", "did you mean COVEO_CDC__SERVER__PORT?"),
        ("COVEO_CDC_SERVER_PORT", "did you mean COVEO_CDC__SERVER__PORT?"),
        ("COVEO_CDC_KAFKA__SETTINGS__CLIENT_ID", "COVEO_CDC__KAFKA__SETTINGS__CLIENT_ID?"),
        ("COVEO_CDC___TARGETS__KB__SOURCE", "did you mean COVEO_CDC__TARGETS__KB__SOURCE?"),
        ("COVEO_CDC_Q", "keys are COVEO_CDC__SECTION__KEY."),
        ("COVEO_CDC", "keys are COVEO_CDC__SECTION__KEY."),
    ],
)
def test_a_variable_that_nothing_reads_is_refused(
    tmp_path: Path, variable: str, meant: str
) -> None:
    """One underscore too few, and the program would run against the wrong cluster."""
    (found,) = problems(tmp_path, GOOD, {variable: "x"})
    assert found.startswith(f"{variable}: nothing reads this variable; ")
    assert meant in found


def test_variables_of_kubernetes_and_of_shells_are_left_alone(tmp_path: Path) -> None:
    """A service called like the program puts its address into every pod beside it."""
    environ = {
        "COVEO_CDC_SERVICE_HOST": "10.0.0.1",
        "COVEO_CDC_SERVICE_PORT": "9464",
        "COVEO_CDC_SERVICE_PORT_METRICS": "9464",
        "COVEO_CDC_PORT": "tcp://10.0.0.1:9464",
        "COVEO_CDC_PORT_9464_TCP": "tcp://10.0.0.1:9464",
        "COVEO_CDC_PORT_9464_TCP_PROTO": "tcp",
        "COVEO_CDC_PORT_9464_TCP_PORT": "9464",
        "COVEO_CDC_PORT_9464_TCP_ADDR": "10.0.0.1",
        "COVEO_CDC_PROD_SERVICE_HOST": "10.0.0.1",
        "_COVEO_CDC_COMPLETE": "complete_bash",
        "COVEO_CD": "x",
    }
    assert loaded(tmp_path, GOOD, environ).kafka.group_id == "cdc"


def test_a_stray_variable_is_told_also_beside_a_file_that_is_no_yaml(tmp_path: Path) -> None:
    """Whatever can be known is told in the first round."""
    environ = {"COVEO_CDC_X": "y", "COVEO_CDC__SERVER__PORT": "1"}
    stray, broken = problems(tmp_path, "kafka: [", environ)
    assert stray.startswith("COVEO_CDC_X: ")
    assert "this is no YAML" in broken
