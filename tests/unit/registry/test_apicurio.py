"""Apicurio's own API over real HTTP; its answers are shaped as registry 3.3.3's were."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from consumer.domain.errors import ConfigError, RetryableError
from consumer.domain.schemas import SchemaRef, WriterSchema
from consumer.registry.errors import UnknownSchemaError
from consumer.registry.remote import RemoteRegistry
from consumer.registry.settings import Api, RegistrySettings, api_of
from tests.fakes.registry import HttpRegistry, Raw, http_registry

V2, V3 = "/apis/registry/v2", "/apis/registry/v3"
RECORD = b'{"type":"record","name":"A","fields":[{"name":"b","type":"B"}]}'
DIGEST = "0123456789abcdef" * 4


@pytest.fixture
def http() -> Iterator[HttpRegistry]:
    """Give a registry that knows nothing."""
    with http_registry() as http:
        http.gate = lambda asked: (
            None if asked.path.partition("?")[0] in http.answers else not_found("Content")
        )
        yield http


def not_found(what: str) -> tuple[int, object]:
    """Return the answer for what is not there."""
    return 404, {"detail": "secret", "status": 404, "name": f"{what}NotFoundException"}


def has(
    http: HttpRegistry, path: str, text: bytes, *references: object, content: str = "", **named: str
) -> None:
    """Let the registry have a text at a path, and what it refers to."""
    headers = {name.replace("_", "-"): value for name, value in named.items()}
    http.answers[f"{path}{content}"] = (200, Raw(text, headers))
    http.answers[f"{path}/references"] = (200, list(references))


def fetched(http: HttpRegistry, ref: str, base: str = V3) -> WriterSchema:
    """Ask for a schema."""
    return RemoteRegistry(RegistrySettings(http.url + base)).fetch(SchemaRef(ref))


@pytest.mark.parametrize("base", [V2, V3])
@pytest.mark.parametrize(
    ("ref", "path"),
    [
        ("id/7", "contentIds/7"),
        ("content/7", "contentIds/7"),
        ("global/7", "globalIds/7"),
        (f"hash/{DIGEST}", f"contentHashes/{DIGEST}"),
    ],
)
def test_each_space_has_its_own_address(http: HttpRegistry, base: str, ref: str, path: str) -> None:
    """Content 7 and global 7 are two schemas; a number without a space is a contentId."""
    has(http, f"{base}/ids/contentIds/7", b'"content"')
    has(http, f"{base}/ids/globalIds/7", b'"global"')
    has(http, f"{base}/ids/contentHashes/{DIGEST}", b'"hash"')
    schema = fetched(http, ref, base)
    text = {"c": '"content"', "g": '"global"'}[path[0]] if "Ids" in path else '"hash"'
    assert schema == WriterSchema(SchemaRef(ref), "AVRO", text)
    asked = [request.partition("?")[0] for request in http.requests]
    assert asked == [f"{base}/ids/{path}", f"{base}/ids/{path}/references"]


@pytest.mark.parametrize(("base", "content"), [(V2, ""), (V3, "/content")])
def test_coordinates_name_one_version(http: HttpRegistry, base: str, content: str) -> None:
    """As the record encoded them."""
    path = f"{base}/groups/my%20group/artifacts/a%2Fb/versions/3"
    has(http, path, b'"int"', content=content)
    assert fetched(http, "version/my%20group/a%2Fb/3", base).text == '"int"'


@pytest.mark.parametrize(("base", "content"), [(V2, ""), (V3, "/content")])
def test_references_are_followed_by_their_coordinates(
    http: HttpRegistry, base: str, content: str
) -> None:
    """The deepest first; the default group is not named."""
    has(http, f"{base}/ids/globalIds/7", RECORD, {"name": "B", "artifactId": "b", "version": "1"})
    deeper = {"name": "C", "groupId": "my group", "artifactId": "../c", "version": "2"}
    has(http, f"{base}/groups/default/artifacts/b/versions/1", b'"b"', deeper, content=content)
    path = f"{base}/groups/my%20group/artifacts/..%2Fc/versions/2"
    has(http, path, b'"c"', content=content)
    assert fetched(http, "global/7", base).references == (("C", '"c"'), ("B", '"b"'))


@pytest.mark.parametrize(
    "reference",
    [7, {}, {"name": "B", "artifactId": "..", "version": "1"}, {"name": "B", "artifactId": "b"}],
)
def test_a_reference_to_nothing_is_waited_out(http: HttpRegistry, reference: object) -> None:
    """Nor is a path left by it."""
    has(http, f"{V3}/ids/globalIds/7", RECORD, reference)
    with pytest.raises(RetryableError, match="holds no schema"):
        fetched(http, "global/7")


@pytest.mark.parametrize(
    ("text", "named", "kind"),
    [
        (RECORD, {}, "AVRO"),
        (RECORD, {"X_Registry_ArtifactType": "AVRO"}, "AVRO"),
        (b'"int"', {}, "AVRO"),
        (b'["null","int"]', {}, "AVRO"),
        (b'{"type":"object"}', {}, "JSON"),
        (b'{"$schema":"http://json-schema.org/draft-07/schema#"}', {}, "JSON"),
        (RECORD, {"X_Registry_ArtifactType": "JSON"}, "JSON"),
        (b'syntax = "proto3";', {"Content_Type": "application/x-protobuf"}, "PROTOBUF"),
        (b'syntax = "proto3";', {}, "OTHER"),
        (b"\xff", {}, "OTHER"),
    ],
)
def test_what_kind_of_schema_it_is_is_told_or_seen(
    http: HttpRegistry, text: bytes, named: dict[str, str], kind: str
) -> None:
    """Version 3 tells it for globalIds only, version 2 never."""
    has(http, f"{V3}/ids/globalIds/7", text, **named)
    assert fetched(http, "global/7").schema_type == kind


@pytest.mark.parametrize("what", ["Content", "Version", "Artifact", "Group"])
def test_what_is_not_there_is_unknown(http: HttpRegistry, what: str) -> None:
    """The registry has answered: what a disk has under this id is not believed any more."""
    http.gate = lambda _: not_found(what)
    with pytest.raises(UnknownSchemaError, match=r"schema_registry\.payload_ids") as caught:
        fetched(http, "global/7")
    assert "secret" not in str(caught.value)


def test_any_other_404_is_about_the_address(http: HttpRegistry) -> None:
    """Version 3's paths at a server that has version 2 only."""
    http.gate = lambda _: (404, {"message": "RESTEASY003210", "error_code": 404})
    with pytest.raises(ConfigError, match=r"check schema_registry\.url") as caught:
        fetched(http, "global/7")
    assert not isinstance(caught.value, UnknownSchemaError)


def test_a_guid_is_confluents_and_not_asked_for_here(http: HttpRegistry) -> None:
    """Nothing has it under any other name."""
    with pytest.raises(ConfigError, match="the registry that the record's producer uses"):
        fetched(http, f"guid/{'0' * 32}")
    assert http.requests == []


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("http://r:8080/apis/registry/v3", Api.APICURIO_V3),
        ("https://r/apis/registry/v2/", Api.APICURIO_V2),
        ("http://r:8080/apis/ccompat/v7", Api.CONFLUENT),
        ("http://r:8081", Api.CONFLUENT),
        ("https://r/contexts/.staging", Api.CONFLUENT),
        ("https://r/apis/registry/v30", Api.CONFLUENT),
    ],
)
def test_an_address_tells_its_api(url: str, api: Api) -> None:
    """Nothing is tried out: a wrong guess could find another schema."""
    assert api_of(url) is api
