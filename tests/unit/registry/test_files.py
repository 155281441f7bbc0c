"""Schemas on disk: whole, unchanged and of this registry, or not there at all."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consumer.domain.schemas import SchemaRef, WriterSchema
from consumer.registry.files import SchemaFiles
from consumer.registry.settings import RegistrySettings

ID = SchemaRef("id/7")
SCHEMA = WriterSchema(ID, "AVRO", '"int"', (("a", '"a"'), ("b", '"b"')))


def identity(url: str, context: str | None = None) -> str:
    """Return what tells a registry from others."""
    return RegistrySettings(url, context=context).identity


@pytest.fixture
def files(tmp_path: Path) -> SchemaFiles:
    """Give the folder of one registry."""
    return SchemaFiles(tmp_path, identity("http://one:8081"))


@pytest.mark.parametrize("content", ["", "[]", "7", "null", '{"schema_type": "AVRO"}', "[" * 9_999])
def test_a_damaged_file_is_no_schema(files: SchemaFiles, tmp_path: Path, content: str) -> None:
    """Half a schema would decode half a row."""
    files.save(SCHEMA)
    assert files.load(ID) == SCHEMA
    (path,) = tmp_path.rglob("*.json")
    path.write_text(content)
    assert files.load(ID) is None
    files.save(SCHEMA)
    path.write_text(path.read_text()[:-4])
    assert files.load(ID) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema", '"long"'),
        ("schema_type", "JSON"),
        ("references", [["a", '"long"'], ["b", '"b"']]),
        ("references", [["b", '"b"'], ["a", '"a"']]),
        ("references", [["a", '"a"']]),
        ("sha256", "0" * 64),
        ("sha256", None),
    ],
)
def test_a_file_that_was_changed_is_not_believed(
    files: SchemaFiles, tmp_path: Path, key: str, value: object
) -> None:
    """A bit that turned, or somebody's correction, would read rows wrongly without any error."""
    files.save(SCHEMA)
    (path,) = tmp_path.rglob("*.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    assert files.load(ID) is None


def test_a_file_that_was_copied_is_not_believed(files: SchemaFiles, tmp_path: Path) -> None:
    """Its name says another id than it was written for."""
    files.save(SCHEMA)
    (path,) = tmp_path.rglob("*.json")
    path.rename(path.with_name("id-8.json"))
    assert files.load(SchemaRef("id/8")) is None


def test_a_folder_that_was_copied_from_another_registrys_is_not_believed(tmp_path: Path) -> None:
    """Moved to a new address with its volume, a registry may have begun its numbers anew."""
    one = SchemaFiles(tmp_path, identity("http://one:8081"))
    two = SchemaFiles(tmp_path, identity("http://two:8081"))
    one.save(SCHEMA)
    (written,) = tmp_path.rglob("*.json")
    two.save(WriterSchema(SchemaRef("id/8"), "AVRO", '"int"'))
    (folder,) = {path.parent for path in tmp_path.rglob("*.json")} - {written.parent}
    shutil.copy(written, folder)
    assert (one.load(ID), two.load(ID)) == (SCHEMA, None)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless file here")
def test_a_file_without_an_end_is_no_schema(files: SchemaFiles, tmp_path: Path) -> None:
    """Memory is bounded, whatever lies in the folder."""
    files.save(SCHEMA)
    (path,) = tmp_path.rglob("*.json")
    path.unlink()
    path.symlink_to("/dev/zero")
    assert files.load(ID) is None


def test_schemas_of_another_registry_or_context_are_not_looked_at(tmp_path: Path) -> None:
    """The same number means another schema there."""
    SchemaFiles(tmp_path, identity("http://one:8081/")).save(SCHEMA)
    assert SchemaFiles(tmp_path, identity("http://one:8081")).load(ID)
    for url, context in (("http://two:8081", None), ("http://one:8081", ".staging")):
        assert SchemaFiles(tmp_path, identity(url, context)).load(ID) is None


REFS = st.sampled_from(
    [
        "id/7",
        "global/7",
        "content/7",
        f"guid/{'a' * 32}",
        f"hash/{'0' * 64}",
        "version/default/a/1",
        "version/default/a-1/1",
        f"version/default/{'%2F' * 512}/1",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(REFS, REFS, st.text(), st.lists(st.tuples(st.text(), st.text()), max_size=3))
def test_whatever_was_saved_is_loaded_under_its_own_name_only(
    tmp_path: Path, ref: str, other: str, text: str, references: list[tuple[str, str]]
) -> None:
    """Texts are untrusted, and some names are longer than any file's may be."""
    files = SchemaFiles(tmp_path / str(len(list(tmp_path.iterdir()))), "registry")
    schema = WriterSchema(SchemaRef(ref), "AVRO", text, tuple(references))
    files.save(schema)
    assert files.load(schema.ref) == schema
    assert (files.load(SchemaRef(other)) is None) == (other != ref)
