"""Items: fields, content, parents, permissions."""

from __future__ import annotations

import hashlib
from typing import Final

import pytest

from consumer.domain.access import DENIED_TO_ALL, IdentityType, Permissions, SecurityIdentity
from consumer.domain.errors import PoisonError
from consumer.domain.events import UNAVAILABLE, Value
from consumer.domain.operations import Content
from tests.unit.mapping.making import ALLOWED, item, spec

FIELDS: Final = {
    "plain": "a",
    "empty": "b",
    "always": {"constant": ["x", 1]},
    "url": {"template": "https://h/{name}"},
    "twice": {"expression": "row.a * 2"},
    "tags": {"column": "t", "split": ","},
    "city": {"column": "j", "json": "/l/0/city"},
    "kept": {"column": "b", "default": "none"},
}


def permissions(value: Value = None, denied: Value = None, **grant: object) -> Permissions:
    """Return who may see an item whose row has these values."""
    allow = {"type": "group", "column": "groups", **grant}
    deny = {"type": "user", "column": "denied"}
    mapping = spec(target="closed", permissions={"allowed": [allow], "denied": [deny]})
    made = item(mapping, {"groups": value, "denied": denied}).permissions
    assert made is not None
    return made


def names(identities: tuple[SecurityIdentity, ...]) -> list[str]:
    """Return the names of identities."""
    return [identity.name for identity in identities]


def test_fields_come_from_columns_constants_templates_and_expressions() -> None:
    """The four sources of a field in one item; what is null is left out."""
    in_json = '{"l": [{"city": "Leeds"}]}'
    made = item(
        spec(title="name", fields=FIELDS), {"name": "N 1", "a": 2, "t": " x, ,y ", "j": in_json}
    )
    assert made.metadata == {
        "title": "N 1",
        "plain": 2,
        "always": ["x", 1],
        "url": "https://h/N%201",
        "twice": 4,
        "tags": ["x", "y"],
        "city": "Leeds",
        "kept": "none",
    }


def test_a_name_that_no_field_has_becomes_one() -> None:
    """Lower-case letters, digits and `_`, so that two spellings cannot be two fields."""
    made = item(spec(fields={"Due Date": "a", "Größe (m²)": "b"}), {"a": 1, "b": 2})
    assert made.metadata == {"due_date": 1, "grosse_m2": 2}


def test_a_dictionary_is_a_structure_or_a_json_object() -> None:
    """One level of values, only where it is asked for."""
    mapping = spec(fields={"d": {"column": "j", "as": "dictionary"}})
    assert item(mapping, {"j": {"a": 1, "b": None}}).metadata == {"d": {"a": 1}}
    assert item(mapping, {"j": '{"x": 1.5, "y": true}'}).metadata == {"d": {"x": 1.5, "y": True}}
    assert item(mapping, {"j": None}).metadata == {}
    for wrong in ("[1]", '{"a": {"b": 1}}', '{"a": [1]}', "text", 5):
        with pytest.raises(PoisonError) as caught:
            item(mapping, {"j": wrong})
        assert caught.value.reason in {"cast", "json"}


def test_a_permanent_id_is_made_of_the_document_id() -> None:
    """The same that Coveo's own clients make, so that usage data stay with the item."""
    made = item(spec(id="kb://articles/{id}", permanent_id=True), {"id": 1})
    name = made.document_id.encode()
    halves = (hashlib.md5(name, usedforsecurity=False), hashlib.sha1(name, usedforsecurity=False))
    assert made.metadata["permanentid"] == "".join(half.hexdigest()[:30] for half in halves)
    assert "permanentid" not in item(spec(), {"id": 1}).metadata


def test_title_is_text_whatever_the_column_holds() -> None:
    """A number as a title would be shown as the document id by some clients."""
    assert item(spec(title="n"), {"n": 5}).metadata == {"title": "5"}


def test_body_is_text_or_bytes() -> None:
    """The two kinds of content, and none where the column is null."""
    binary = spec(body={"column": "b", "kind": "binary"}, file_extension={"column": "x"})
    assert item(spec(body="b"), {"b": "text"}).content == Content(text="text")
    assert item(binary, {"b": b"\x00", "x": "PDF"}).content == Content(binary=b"\x00")
    assert item(binary, {"b": b"\x00", "x": "PDF"}).file_extension == ".pdf"
    assert item(spec(body="b"), {"b": None}).content is None


@pytest.mark.parametrize(("kind", "value"), [("text", b"x"), ("text", ["x"]), ("binary", "x")])
def test_body_of_the_wrong_kind_is_poison(kind: str, value: Value) -> None:
    """Bytes sent as text, or text inflated as bytes, index as garbage."""
    with pytest.raises(PoisonError, match="column 'b'") as caught:
        item(spec(body={"column": "b", "kind": kind}), {"b": value})
    assert caught.value.reason == "body"


def test_parent_is_left_out_where_its_column_is_null() -> None:
    """A root has no parent; that is no mistake."""
    mapping = spec(parent_id="kb://folders/{folder}")
    assert item(mapping, {"folder": 3}).parent_id == "kb://folders/3"
    assert item(mapping, {"folder": None}).parent_id is None


def test_identities_come_from_arrays_and_split_text() -> None:
    """The two ways in which a column holds several names; each is there once."""
    (level,) = permissions(["a", "b", "a"], denied="z").levels
    assert names(level.sets[0].allowed) == ["a", "b"]
    assert names(level.sets[0].denied) == ["z"]
    (level,) = permissions(" a ;b;; ", split=";").levels
    assert names(level.sets[0].allowed) == ["a", "b"]
    assert level.sets[0].allowed[0].type is IdentityType.GROUP


def test_json_column_names_identities_of_a_provider() -> None:
    """Lists in JSON columns are the common form in MySQL."""
    (level,) = permissions('{"r": ["a"]}', json="/r", provider="P").levels
    assert level.sets[0].allowed == (SecurityIdentity("a", IdentityType.GROUP, "P"),)


@pytest.mark.parametrize("value", [None, [], [None]])
def test_item_that_allows_nobody_is_denied_to_all(value: Value) -> None:
    """Deny by default: nothing that is missing may let anybody in."""
    assert permissions(value) == DENIED_TO_ALL


@pytest.mark.parametrize("value", [True, 1.5, {"a": "b"}, [["a"]], b"a"])
def test_value_that_names_nobody_is_poison(value: Value) -> None:
    """It is not known who is meant, so the item must not go out."""
    with pytest.raises(PoisonError, match="column 'groups'") as caught:
        permissions(value)
    assert caught.value.reason == "permission_value"


NO_NAMES = [
    *("", "  ", "\t", "\u00a0", "\u200b", "\ufeff", "\0", "\x7f"),
    *(" alice", "alice     ", "alice\n", "\u3000alice", "\ufeffalice", "alice\u200b"),
    *("al\0ice", "al\nice", "alice\x85", "\u2028alice"),
]


@pytest.mark.parametrize("text", NO_NAMES, ids=ascii)
@pytest.mark.parametrize("listed", [False, True])
def test_text_that_no_user_is_called_is_poison(text: str, *, listed: bool) -> None:
    """Blank it would silently be nobody; padded, as of `char(n)`, it would not keep alice out."""
    value: Value = ["bob", text] if listed else text
    for columns in ({"groups": value, "denied": None}, {"groups": "a", "denied": value}):
        with pytest.raises(PoisonError, match="'split' cuts blanks") as caught:
            permissions(columns["groups"], denied=columns["denied"])
        assert caught.value.reason == "permission_value"


@pytest.mark.parametrize("text", ["a", "a b", "a\u00a0b", "a\u200cb", "CN=é,OU=x", "9", "-"])
def test_text_that_somebody_may_be_called_is_a_name(text: str) -> None:
    """What is seen at both ends and holds no control character is taken as it is."""
    (level,) = permissions(text, denied=text).levels
    assert names(level.sets[0].allowed) == names(level.sets[0].denied) == [text]


def test_blanks_around_names_are_cut_where_the_mapping_splits() -> None:
    """The way out for columns of `char(n)`, and for those where an empty text is nobody."""
    (level,) = permissions("alice     ", split=",").levels
    assert names(level.sets[0].allowed) == ["alice"]
    assert permissions("", split=",") == DENIED_TO_ALL


def test_null_among_denied_names_is_poison() -> None:
    """An array that degraded to nulls (seen with nested arrays) must not unban anybody."""
    with pytest.raises(PoisonError, match="column 'denied'"):
        permissions(["a"], denied=[None, "b"])


def test_denied_list_of_another_shape_is_poison() -> None:
    """`/blocked` of a JSON text that is no object must not read as nobody."""
    deny = {"type": "user", "column": "j", "json": "/blocked"}
    mapping = spec(target="closed", permissions={**ALLOWED, "denied": [deny]})
    with pytest.raises(PoisonError, match="another shape") as caught:
        item(mapping, {"owner": "o", "j": '"x"'})
    assert caught.value.reason == "json"


def test_unavailable_permission_column_is_poison() -> None:
    """An access list that the event leaves out is unknown, not empty."""
    with pytest.raises(PoisonError, match="column 'groups'") as caught:
        permissions(UNAVAILABLE)
    assert caught.value.reason == "unavailable_value"


def test_anonymous_is_only_ever_written() -> None:
    """No row, whatever it holds, shows itself to everybody."""
    literal = spec(target="closed", permissions={"anonymous": True})
    made = item(literal, {}).permissions
    assert made is not None
    assert made.levels[0].sets[0].allow_anonymous
    assert not permissions(["anonymous"]).levels[0].sets[0].allow_anonymous
