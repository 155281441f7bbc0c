"""Loading: what is right gets in, what is wrong is said at once, with place and advice."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumer.config.edges import plain_settings
from consumer.config.load import load, load_compiled
from consumer.config.problems import ConfigErrors
from consumer.mapping.catalog import Destination
from tests.unit.config.writing import GOOD, loaded, problems, written

NO_FILE = (
    "secret file 'passwort' cannot be used: No such file or directory; "
    "put the secret there, readable"
)
NO_URI = (
    "it must begin with a literal scheme in lower case and '://', as in 'kb://articles/{id}': "
    "the service drops items whose id is not such a URI without saying so"
)


def test_good_file_becomes_settings_with_defaults(tmp_path: Path) -> None:
    """The shortest configuration is enough."""
    settings = loaded(tmp_path)
    assert settings.kafka.start == "earliest"
    assert settings.windows.linger_seconds == 15
    assert settings.coveo.max_effect_seconds > settings.coveo.request_deadline_seconds
    assert settings.dead_letters is None
    assert settings.destinations == {"knowledge-base": Destination(secured=False)}


def test_mappings_are_compiled_with_the_file(tmp_path: Path) -> None:
    """A file is good only if its mappings are."""
    assert load_compiled(written(tmp_path), {}).mapping.route("kb.public.articles") is not None


def test_relative_paths_start_at_the_file(tmp_path: Path) -> None:
    """The program's working directory is nothing an operator thinks of."""
    settings = loaded(tmp_path)
    assert settings.coveo.secret().reveal() == "xx-key"
    assert plain_settings(settings.kafka.settings) == {
        "security.protocol": "SASL_SSL",
        "sasl.password": "pass",
    }


def test_all_problems_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Sections, mappings and secrets are checked together, each problem with its line."""
    text = (
        GOOD.replace("group_id: cdc", "group_idd: cdc")
        .replace("file: password", "file: passwort")
        .replace("organization: acme", "region: mars")
        .replace("secured: false", "secured: maybe")
        .replace("kb://articles/{id}", "articles/{id}")
        .replace("title: title", "titel: title")
    )
    assert problems(tmp_path, text) == [
        "coveo-cdc.yaml:3: kafka.group_idd: there is no such key; did you mean 'group_id'?",
        "coveo-cdc.yaml:6: kafka.settings.sasl.password.file: " + NO_FILE,
        "coveo-cdc.yaml:8: coveo.organization: is missing, and it has no default; add it",
        "coveo-cdc.yaml:9: coveo.region: must be one of 'us', 'ca', 'eu', 'au' or 'hipaa'",
        "coveo-cdc.yaml:12: targets.knowledge-base.secured: expected true or false",
        "coveo-cdc.yaml:16: mappings[0].id: " + NO_URI,
        "coveo-cdc.yaml:17: mappings[0].titel: there is no such key; did you mean 'title'?",
    ]


def test_mappings_are_checked_though_something_else_is_wrong(tmp_path: Path) -> None:
    """One typing error must not hide the next until it is mended."""
    text = GOOD.replace("group_id", "group").replace("kb://articles/{id}", "articles/{id}")
    found = problems(tmp_path, text)
    assert any(one.startswith("coveo-cdc.yaml:16: mappings[0].id:") for one in found)


def test_missing_permissions_are_reported_with_their_line(tmp_path: Path) -> None:
    """What compiling finds reads like what the models find."""
    (found,) = problems(tmp_path, GOOD.replace("secured: false", "secured: true"))
    assert found.startswith("coveo-cdc.yaml:14: mappings[0]: target 'knowledge-base' is secured")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("group_id: cdc", "group_id: 5", "kafka.group_id: expected text"),
        ("group_id: cdc", 'group_id: ""', "kafka.group_id: must not be empty"),
        ("group_id: cdc", "group_id: cdc\n  topic_ids: {t: short}", "kafka.topic_ids.t: "),
        ("group_id: cdc", "group_id: cdc\n  poll_seconds: 0", "must be greater than 0"),
        ("organization: acme", "organization: acme\n  max_effect_seconds: 10", "greater than"),
        ("file: password", "path: password", "did you mean|no such key"),
        ("sasl.password: {file: password}", "sasl.password: [1]", "expected text"),
        ("knowledge-base: {source: acme-kb, secured: false}", "{}", "targets: must not be empty"),
        ("secured: false", "kind: push", "secured: is missing"),
        ("topics: kb.public.articles", "topics: 5", "topics: expected text or a list or a section"),
        ("mappings:", "mappings: 5\nx:", "mappings: expected a list"),
        ("title: title", "title: 5", "title: expected text or a section"),
        ("targets:", "windows: {max_bytes: 240000001}\ntargets:", "at most 240000000"),
        ("targets:", "budgets: {total_bytes: 1000}\ntargets:", "less than one window"),
        ("targets:", "dead_letters: {}\ntargets:", "dead_letters: give either"),
        ("targets:", "Windows: {}\ntargets:", "did you mean 'windows'"),
        ("targets:", "targets:\n  other: {source: acme-kb, secured: false}", "the same source"),
        ("targets:", "targets:\n  Ünï: {source: x, secured: false}", "cannot have"),
        ("kafka:", "kafka:\n  group_id: twice", "there twice, first in line 2"),
        ("kafka:", "kafka: [", "no YAML"),
        ("group_id: cdc", 'group_id: "a\\ud800"', r":3: kafka.group_id: .* no text has"),
        ("group_id: cdc", '"a\\udfff": 1', r":3: kafka: .* no text has"),
        ("group_id: cdc", 'group_id: "\\UFFFFFFFF"', "no text has"),
        ("group_id: cdc", "group_id: !!int x", r":3: kafka.group_id: .*is a number"),
        ("group_id: cdc", 'group_id: "a\\0"', r":3: kafka.group_id: .* no text has"),
        ("api_key_file: key", 'api_key_file: "a\\0b"', r":10: coveo.api_key_file: .* no text"),
        ("organization", "quota: {requests_per_5_minutes: 3}\n  organization", "at least 4"),
        ("organization", "quota: {requests_per_day: 9}\n  organization", "at least 10"),
        ("targets:", "decode: {unavailable_marker: 'hex:0'}\ntargets:", "pairs of hexadecimal"),
        ("title: title", "on_truncate: delete_items", "on_truncate: 'delete_items' needs a list"),
        ("kafka:", "? [a]\n: b\nkafka:", "a key must be a word"),
        ("group_id: cdc", "group_id: !!python/name:os.system", "has no meaning"),
        ("group_id: cdc", "group_id: &a [*a]", "nested deeper"),
    ],
)
def test_wrong_value_is_named_with_what_to_do(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """No traceback for an operator's mistake."""
    with pytest.raises(ConfigErrors, match=message):
        loaded(tmp_path, GOOD.replace(old, new, 1))


@pytest.mark.parametrize("content", ["", "# nothing", "[]", "text", "5"])
def test_file_without_sections_is_refused(tmp_path: Path, content: str) -> None:
    """An empty file is what a wrong mount looks like."""
    assert problems(tmp_path, content)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a: \x00"])
def test_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    """Some editors save in other encodings."""
    path = tmp_path / "c.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigErrors, match=r"UTF-8|no YAML"):
        load(path, {})


def test_missing_file_is_named(tmp_path: Path) -> None:
    """The commonest mistake of all."""
    with pytest.raises(ConfigErrors, match=r"absent\.yaml: the file cannot be read: No such file"):
        load(tmp_path / "absent.yaml", {})


def test_api_key_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """Configuration files are committed and logged; keys must not be."""
    text = GOOD.replace("api_key_file: key", "api_key: xx-secret")
    found = "\n".join(problems(tmp_path, text))
    assert "coveo-cdc.yaml:10: coveo.api_key: an API key must not stand in the file" in found
    assert "xx-secret" not in found


def test_values_never_appear_in_messages(tmp_path: Path) -> None:
    """A secret that was put into the wrong key must not reach a log."""
    text = GOOD.replace("broker:9092", "[xx-secret]").replace("region", "xx-secret")
    text = text.replace("{file: password}", "[xx-secret]")
    assert "xx-secret" not in "\n".join(problems(tmp_path, text))


def test_plain_words_are_read_as_yaml_1_2_does(tmp_path: Path) -> None:
    """`no` is Norway, and `012` is no octal number."""
    text = GOOD.replace("group_id: cdc", "group_id: no").replace("acme-kb", "12:30:45")
    settings = loaded(tmp_path, f"{text}objective_seconds: 012\n")
    assert settings.kafka.group_id == "no"
    assert settings.targets["knowledge-base"].source.id == "12:30:45"
    assert settings.objective_seconds == 12
