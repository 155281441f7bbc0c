"""What of a mapping's metadata is sent."""

from __future__ import annotations

import pytest

from consumer.coveo.metadata import metadata_of
from consumer.domain.errors import PoisonError
from consumer.domain.operations import JsonValue


def reason(metadata: dict[str, JsonValue]) -> str:
    """Return why it cannot be sent."""
    with pytest.raises(PoisonError) as caught:
        metadata_of(metadata)
    return caught.value.reason


def test_nulls_are_left_out() -> None:
    """An item is replaced whole: a key that is not sent has no value any more."""
    assert metadata_of({"a": None, "b": [1, None, "x"], "c": []}) == {"b": [1, "x"], "c": []}


@pytest.mark.parametrize(
    ("number", "sent"),
    [
        (2**53, 2**53),
        (2**53 + 1, "9007199254740993"),
        (-(2**53), -(2**53)),
        (-(2**63), "-9223372036854775808"),
        (10**30, "1" + "0" * 30),
        (True, True),
        (0.5, 0.5),
    ],
)
def test_a_number_that_a_double_would_change_is_sent_as_text(
    number: float, sent: JsonValue
) -> None:
    """Otherwise a bigint key arrives as its neighbour."""
    made = metadata_of({"n": number})["n"]
    assert made == sent
    assert type(made) is type(sent)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_cannot_write_is_refused(number: float) -> None:
    """An encoder would turn it into null, and the field would look empty."""
    assert reason({"n": number}) == "metadata_number_not_finite"


@pytest.mark.parametrize("value", [{"a": {}}, {"a": [1]}, [[1]], [{"a": 1}]])
def test_nested_objects_and_lists_are_refused(value: JsonValue) -> None:
    """They are documented as unsupported, and one would spoil its whole batch."""
    assert reason({"n": value}) == "metadata_type_unsupported"


def test_a_dictionary_has_one_level_without_nulls() -> None:
    """Numbers that a double would change are text here, too."""
    sent = metadata_of({"n": {"a": 1, "b": None, "c": 2**60, "d": "x"}})
    assert sent == {"n": {"a": 1, "c": str(2**60), "d": "x"}}


@pytest.mark.parametrize("value", [{"a": 1, "A": 2}, {"": 1}])
def test_keys_of_a_dictionary_differ_by_more_than_case(value: JsonValue) -> None:
    """The service ignores the case of keys, and duplicates are an invalid JSON."""
    assert reason({"n": value}) == "metadata_key_duplicate"


@pytest.mark.parametrize("key", ["data", "DATA", "Permissions", "documentid", "compressionType"])
def test_reserved_keys_are_refused_in_any_case(key: str) -> None:
    """Keys ignore case, so metadata `Permissions` would be the item's permissions."""
    assert reason({key: "x"}) == "metadata_key_reserved"


def test_keys_that_differ_by_case_only_are_refused() -> None:
    """They are duplicates to the service, an invalid JSON."""
    assert reason({"title": "a", "Title": None}) == "metadata_key_duplicate"
    assert reason({"": "a"}) == "metadata_key_empty"


def test_a_message_names_the_key_but_not_the_value() -> None:
    """Keys come from the mapping, values from the database."""
    with pytest.raises(PoisonError) as caught:
        metadata_of({"salary": [{"amount": "secret"}]})
    assert "salary" in str(caught.value)
    assert "secret" not in str(caught.value)
