"""Confluent's API over real HTTP: ids, GUIDs, contexts, and what is not looked up there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from consumer.domain.errors import ConfigError, RetryableError
from consumer.domain.schemas import SchemaRef, WriterSchema
from consumer.registry.errors import UnknownSchemaError
from consumer.registry.remote import RemoteRegistry
from consumer.registry.settings import RegistrySettings
from tests.fakes.registry import HttpRegistry, http_registry

ID = SchemaRef("id/7")


@pytest.fixture
def http() -> Iterator[HttpRegistry]:
    """Give a registry that knows nothing."""
    with http_registry() as http:
        yield http


def fetched(http: HttpRegistry, ref: str = "id/7", context: str | None = None) -> WriterSchema:
    """Ask for a schema."""
    return RemoteRegistry(RegistrySettings(http.url, context=context)).fetch(SchemaRef(ref))


def test_ids_of_a_context_are_asked_for_in_it(http: HttpRegistry) -> None:
    """The same number is another schema in another context."""
    http.answers["/schemas/ids/7"] = (200, {"schema": '"int"'})
    assert fetched(http, context=".staging").text == '"int"'
    assert http.requests == ["/schemas/ids/7?subject=%3A.staging%3A"]


def test_references_are_followed_within_the_context(http: HttpRegistry) -> None:
    """Unless they name their own."""
    references = [
        {"name": "a", "subject": "a-value", "version": 2},
        {"name": "b", "subject": ":.shared:b/value", "version": 1},
    ]
    http.answers["/schemas/ids/7"] = (200, {"schema": '"x"', "references": references})
    own, shared = "%3A.staging%3Aa-value", "%3A.shared%3Ab%2Fvalue"
    http.answers[f"/subjects/{own}/versions/2"] = (200, {"schema": '"a"'})
    http.answers[f"/subjects/{shared}/versions/1"] = (200, {"schema": '"b"'})
    assert fetched(http, context=".staging").references == (("a", '"a"'), ("b", '"b"'))


def test_guids_mean_the_same_in_every_context(http: HttpRegistry) -> None:
    """They are asked for without one."""
    path = "/schemas/guids/89791762-2336-4186-9674-299b90a802e2"
    http.answers[path] = (200, {"schema": '"int"'})
    assert fetched(http, "guid/897917622336418696" + "74299b90a802e2", ".staging").text == '"int"'
    assert http.requests == [path]


@pytest.mark.parametrize("ref", ["global/7", "content/7", f"hash/{'0' * 64}", "version/g/a/1"])
def test_what_only_apicurios_own_api_knows_is_never_asked_for_here(
    http: HttpRegistry, ref: str
) -> None:
    """There is a schema 7 here, and it is another one."""
    http.answers["/schemas/ids/7"] = (200, {"schema": '"int"'})
    with pytest.raises(ConfigError, match=r"set it to …/apis/registry/v3") as caught:
        fetched(http, ref)
    assert not isinstance(caught.value, UnknownSchemaError)
    assert ref in str(caught.value)
    assert http.requests == []


@pytest.mark.parametrize("code", [40401, 40402, 40403])
def test_no_such_subject_version_or_schema_is_unknown(http: HttpRegistry, code: int) -> None:
    """The registry has answered: what a disk has under this id is not believed any more."""
    http.gate = lambda _: (404, {"error_code": code, "message": "secret row"})
    with pytest.raises(UnknownSchemaError, match=r"check schema_registry\.url and context"):
        fetched(http)


@pytest.mark.parametrize("document", [{"error_code": 404}, {}, ["x"], "not found"])
def test_any_other_404_is_about_the_address(http: HttpRegistry, document: object) -> None:
    """A proxy's word on a path says nothing about schemas."""
    http.gate = lambda _: (404, document)
    with pytest.raises(ConfigError, match=r"check schema_registry\.url") as caught:
        fetched(http)
    assert not isinstance(caught.value, UnknownSchemaError)


@pytest.mark.parametrize(
    "document",
    [
        [],
        None,
        {},
        {"schema": 7},
        {"schema": '"int"', "references": 7},
        {"schema": '"int"', "references": [7]},
        {"schema": '"int"', "references": [{"name": "a", "subject": 1, "version": 1}]},
        {"schema": '"int"', "references": [{"name": "a", "subject": "a", "version": "latest"}]},
    ],
)
def test_an_answer_that_holds_no_schema_is_waited_out(http: HttpRegistry, document: object) -> None:
    """A proxy's page, or a registry that is just being upgraded."""
    http.answers["/schemas/ids/7"] = (200, document)
    with pytest.raises(RetryableError, match="holds no schema"):
        fetched(http)


@pytest.mark.parametrize(
    ("word", "kind"), [("PROTOBUF", "PROTOBUF"), ("<b>\n", "OTHER"), (7, "OTHER")]
)
def test_the_kind_of_a_schema_is_a_plain_word(http: HttpRegistry, word: object, kind: str) -> None:
    """It is shown; what it refers to is not even fetched, as it is never read."""
    reference = {"name": "a", "subject": "a", "version": 1}
    document = {"schema": "syntax", "schemaType": word, "references": [reference]}
    http.answers["/schemas/ids/7"] = (200, document)
    assert fetched(http) == WriterSchema(ID, kind, "syntax")
    assert http.requests == ["/schemas/ids/7"]
