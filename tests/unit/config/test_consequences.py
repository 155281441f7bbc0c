"""What only follows from a mistake is not told: whoever mends the mistake has mended it too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.config.writing import GOOD, problems

ALLOWED = "permissions: {allowed: [{type: user, column: reader}]}"
SECURED = GOOD.replace("secured: false", "secured: true") + f"    {ALLOWED}\n"
LETTERS = GOOD + "dead_letters: {topic: letters}\n"
WIDE = GOOD + "windows: {max_bytes: 240000000}\n"
SETTING = GOOD.replace("security.protocol: SASL_SSL", "session.timeout.ms: 6000")
GRANT = "mappings[0].permissions.allowed[0]"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        # What is misspelt is not missing as well, and what rests on it is not known.
        (GOOD.replace("group_id", "group_idd"), "kafka.group_idd"),
        (GOOD.replace("targets:", "targt:"), "targt"),
        (GOOD.replace("mappings:", "mapings:"), "mapings"),
        (GOOD.replace("secured:", "secure:"), "targets.knowledge-base.secure"),
        (GOOD.replace("title: title", "title: {colum: x}"), "mappings[0].title.colum"),
        (GOOD.replace("{file:", "{path:"), "kafka.settings.sasl.password.path"),
        (GOOD.replace("  api_key_file", "  api_key_fil"), "coveo.api_key_fil"),
        (SECURED.replace("permissions", "permisions"), "mappings[0].permisions"),
        (SECURED.replace("type:", "typ:"), f"{GRANT}.typ"),
        (SECURED.replace("column:", "colum:"), f"{GRANT}.colum"),
        (SECURED.replace("allowed:", "alowed:"), "mappings[0].permissions.alowed"),
        (WIDE + "budget: {total_bytes: 1}\n", "budget"),
        # What has a wrong type is compared with nothing.
        (GOOD.replace("kafka:", "kafka: 5\nx-kafka:"), "kafka|x-kafka"),
        (GOOD.replace("secured: false", "secured: maybe"), "targets.knowledge-base.secured"),
        (SECURED.replace("secured: true", "secured: maybe"), "targets.knowledge-base.secured"),
        (GOOD.replace("{source: acme-kb, secured: false}", "5"), "targets.knowledge-base"),
        (GOOD.replace("target: knowledge-base", "target: [x]"), "mappings[0].target"),
        (GOOD.replace("id: kb:", "id: !!int kb:"), "mappings[0].id"),
        (SECURED.replace(ALLOWED, "permissions: 5"), "mappings[0].permissions"),
        (SECURED.replace("column: reader", "column: [r]"), f"{GRANT}.column"),
        (LETTERS.replace("topic: letters", "topic: 5"), "dead_letters.topic"),
        (LETTERS.replace("{topic: letters}", "5"), "dead_letters"),
        (GOOD.replace("api_key_file: key", "api_key_file: 5"), "coveo.api_key_file"),
        (WIDE + "budgets: {total_bytes: some}\n", "budgets.total_bytes"),
        (GOOD.replace("api_key_file:", "api_key:"), "coveo.api_key"),
        # What cannot be compiled says nothing about what it would have used.
        (
            GOOD.replace("title: title", "when: row.a +\n    never_left_out: [a]"),
            "mappings[0].when",
        ),
        # A name that cannot be is no name that is missing.
        (GOOD.replace("knowledge-base", "KB"), "targets.KB"),
        # Nor is a setting compared that is wrong by itself, or belongs to the other protocol.
        (SETTING.replace("6000", "99999999"), "kafka.settings.session.timeout.ms"),
        (SETTING.replace("6000", "{file: x}"), "kafka.settings.session.timeout.ms.file"),
        (
            SETTING.replace("session.timeout.ms", "group.remote.assignor")
            .replace("group_id: cdc", "group_id: cdc\n  group_protocol: new"),
            "kafka.group_protocol",
        ),
    ],
)  # fmt: skip
def test_one_mistake_is_one_message(tmp_path: Path, text: str, path: str) -> None:
    """A list that is longer than the mistakes hides them."""
    found = problems(tmp_path, text)
    assert [one.split(": ")[1] for one in found] == path.split("|")


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        # The section is known whatever is wrong in it, and so is everything beside.
        (
            GOOD.replace("group_id: cdc", "group_id: 5").replace("SASL_SSL", "SASL_SSLL"),
            ["kafka.group_id", "kafka.settings.security.protocol"],
        ),
        (
            GOOD.replace("id: kb:", "ident: kb:").replace("title: title", "when: x()"),
            ["mappings[0].id", "mappings[0].ident", "mappings[0].when"],
        ),
        (
            GOOD.replace("secured: false", "secured: maybe").replace("target: k", "target: K"),
            ["targets.knowledge-base.secured", "mappings[0].target"],
        ),
        (
            GOOD.replace("secured: false", "secure: false") + "budgets: {total_bytes: 1000}\n",
            ["targets.knowledge-base.secure", "budgets.total_bytes"],
        ),
        (
            GOOD.replace("id: kb:", "id: ").replace("title: title", "on_truncate: delete_items"),
            ["mappings[0].id", "mappings[0].on_truncate"],
        ),
        (
            GOOD.replace("title: title", ALLOWED.replace("column", "split: ',', constant")),
            ["mappings[0].permissions", "mappings[0].permissions.allowed[0]"],
        ),
        (
            GOOD.replace("file: password", "file: none").replace("SASL_SSL", "SASL_SSLL"),
            ["kafka.settings.security.protocol", "kafka.settings.sasl.password.file"],
        ),
    ],
)  # fmt: skip
def test_what_rests_on_something_else_is_told_too(
    tmp_path: Path, text: str, paths: list[str]
) -> None:
    """Only what could follow is left out, not whatever stands near a mistake."""
    found = [one.split(": ")[1] for one in problems(tmp_path, text)]
    assert sorted(found) == sorted(paths)
