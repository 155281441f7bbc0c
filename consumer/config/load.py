"""File and environment → settings: all problems at once, each with its place. The only reader.

Imports pydantic and PyYAML through its siblings, and `mapping` to have mappings checked as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from consumer.config.checks import check_together
from consumer.config.document import Document, Tree, parse, value_at
from consumer.config.environment import overlay
from consumer.config.model import Settings
from consumer.config.problems import ConfigErrors, ConfigProblem, Report
from consumer.config.secrets import SecretFile
from consumer.config.sections import validated
from consumer.config.shape import key_paths
from consumer.domain.errors import ConfigError
from consumer.domain.problems import Path as KeyPath
from consumer.domain.problems import Problem
from consumer.mapping.compile import CompiledMapping, prepare_all, put_together
from consumer.mapping.prepare import Prepared
from consumer.mapping.problems import Findings

_KEY_IN_FILE = (
    "an API key must not stand in the file; put it into a file of its own and name that in "
    "'api_key_file', or for local runs set COVEO_CDC__COVEO__API_KEY"
)
_API_KEY = ("coveo", "api_key")
_SECRETS: tuple[KeyPath, ...] = (
    ("coveo", "api_key_file"),
    ("schema_registry", "basic", "password_file"),
    ("schema_registry", "bearer_token_file"),
    ("schema_registry", "oauth", "client_secret_file"),
    ("schema_registry", "tls", "key_password_file"),
)
"""Files that hold nothing but a secret."""
_PATHS: tuple[KeyPath, ...] = (
    *_SECRETS,
    ("schema_registry", "cache_directory"),
    ("schema_registry", "oauth", "ca_file"),
    ("schema_registry", "tls", "ca_file"),
    ("schema_registry", "tls", "certificate_file"),
    ("schema_registry", "tls", "key_file"),
    ("dead_letters", "directory"),
)
_WITH_FILES: tuple[KeyPath, ...] = (("kafka", "settings"), ("schema_registry", "headers"))
"""Maps whose values can be `{file: path}`."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration in which nothing was found wrong."""

    settings: Settings
    mapping: CompiledMapping


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings of a file under an environment. Raises ConfigErrors."""
    return load_compiled(path, environ).settings


Check = Callable[[Settings], Iterable[Problem]]
"""Finds what the parts object to. Where something is wrong already it is given a stand-in, and what
rests on that is left out."""


def load_compiled(path: Path, environ: Mapping[str, str], check: Check = lambda _: ()) -> Loaded:
    """Return settings and compiled mapping. Raises ConfigErrors with everything that is wrong.

    Relative paths in the file start at its folder. Files with secrets are opened, nothing else.
    What `check` finds is told together with the rest.
    """
    document = parse(_text(path))
    report = Report(path, document)
    tree = _tree(document, report)
    unreadable = document.problems and not tree
    resolve_paths(tree, path.absolute().parent)
    report.add_overrides(overlay(tree, environ, (*key_paths(Settings), _API_KEY)))
    if unreadable:
        report.fail()
    _check_secrets(tree, report)
    settings = validated(tree, report)
    prepared = _checked(settings, check, report)
    report.close()
    return Loaded(settings, put_together(prepared, settings.mappings, settings.destinations))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        why = "is not UTF-8 text"
    except ValueError:  # a NUL in its path
        why = "cannot be read: no file can have this name"
    raise ConfigErrors(path, [ConfigProblem(str(path), None, (), f"the file {why}")])


def _tree(document: Document, report: Report) -> Tree:
    """Return what the file says, of which what YAML found wrong is distrusted."""
    tree = document.tree
    if not isinstance(tree, dict):
        report.add(Problem((), "the file must hold sections such as 'kafka:' and 'mappings:'"))
        report.fail()
    for path, _, _ in document.problems:
        # A section was read, whatever is wrong with one of its keys.
        if not isinstance(value_at(tree, path), dict):
            report.distrust(path)
    if _section(tree, "coveo").pop("api_key", None) is not None:
        report.add(Problem(_API_KEY, _KEY_IN_FILE))
    return tree


def _check_secrets(tree: Tree, report: Report) -> None:
    for path, file in secret_files(tree):
        try:
            SecretFile(Path(file)).reveal()
        except ConfigError as error:
            report.add(Problem(path, str(error)))


def _checked(settings: Settings, check: Check, report: Report) -> Sequence[Prepared]:
    """Check everything beside everything else; return the mappings that can be put together."""
    found = Findings()
    prepared = prepare_all(settings.mappings, settings.destinations, found)
    check_together(settings, found)
    report.add(*found.problems, *check(settings))
    return prepared


def resolve_paths(tree: Tree, folder: Path) -> None:
    """Let relative paths of the file start at its folder; the environment's stay as they are."""
    for *place, key in (*_PATHS, *_file_references(tree)):
        holder = _below(tree, place)
        if isinstance(holder.get(key), str):
            holder[key] = str(folder / holder[key])


def _file_references(tree: Tree) -> Iterator[KeyPath]:
    """Yield where `file` may stand in the maps whose values can be read from files."""
    for place in _WITH_FILES:
        yield from ((*place, name, "file") for name in _below(tree, place))


def secret_files(tree: Tree) -> Iterator[tuple[KeyPath, str]]:
    """Yield each file that a secret is read from, and where it is named."""
    for path in (*_SECRETS, *_file_references(tree)):
        file = _below(tree, path[:-1]).get(path[-1])
        if isinstance(file, str):
            yield path, file


def _below(tree: Tree, place: Iterable[str | int]) -> Tree:
    """Return what lies at a place of the tree, an empty section if there is none."""
    for name in place:
        tree = _section(tree, str(name))
    return tree


def _section(tree: Tree, name: str) -> Tree:
    """Return a section of the tree, an empty one if it is not there or something else."""
    section = tree.get(name)
    return section if isinstance(section, dict) else {}
