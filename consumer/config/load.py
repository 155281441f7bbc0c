"""File and environment → settings: all problems at once, each with its place. The only reader.

Imports pydantic and PyYAML through its siblings, and `mapping` to have mappings checked as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from consumer.config.document import Document, Tree, parse
from consumer.config.environment import Override, overlay
from consumer.config.letters import check_letter_topic
from consumer.config.messages import described
from consumer.config.model import Settings
from consumer.config.problems import ConfigErrors, ConfigProblem
from consumer.config.secrets import SecretFile
from consumer.domain.errors import ConfigError
from consumer.mapping.compile import CompiledMapping, compile_mappings, prepare_all
from consumer.mapping.prepare import Secured
from consumer.mapping.problems import Findings
from consumer.mapping.problems import Path as KeyPath
from consumer.mapping.spec import MappingSpec

_KEY_IN_FILE = (
    "an API key must not stand in the file; put it into a file of its own and name that in "
    "'api_key_file', or for local runs set COVEO_CDC__COVEO__API_KEY"
)
_PATHS = (
    ("coveo", "api_key_file"),
    ("schema_registry", "cache_directory"),
    ("dead_letters", "directory"),
)
_PASSED_ON = ("kafka", "schema_registry")
"""Sections whose `settings` go to a library as they are."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration in which nothing was found wrong."""

    settings: Settings
    mapping: CompiledMapping


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings of a file under an environment. Raises ConfigErrors."""
    return load_compiled(path, environ).settings


Check = Callable[[Settings], Iterable[tuple[KeyPath, str]]]
"""Finds what the parts object to: the path in the file, and what is wrong with it."""


def load_compiled(path: Path, environ: Mapping[str, str], check: Check = lambda _: ()) -> Loaded:
    """Return settings and compiled mapping. Raises ConfigErrors with everything that is wrong.

    Relative paths in the file start at its folder. Files with secrets are opened, nothing else.
    What `check` finds is told together with the rest.
    """
    return _Reading(path, parse(_text(path)), check).load(environ)


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


class _Reading:
    """One file on its way to settings, and what was found on the way."""

    def __init__(self, file: Path, document: Document, check: Check) -> None:
        self._file = file
        self._check = check
        self._document = document
        self._problems: list[ConfigProblem] = []
        self._overrides: tuple[Override, ...] = ()

    def load(self, environ: Mapping[str, str]) -> Loaded:
        self._read_document()
        self._read_environment(environ)
        settings = self._validate()
        self._check_mappings(settings)
        self._check_secrets()
        for path, message in self._check(settings) if settings is not None else ():
            self._add(path, message)
        if self._problems or settings is None:
            raise ConfigErrors(self._file, self._problems)
        return Loaded(settings, compile_mappings(settings.mappings, settings.secured))

    def _read_document(self) -> None:
        """Keep what YAML itself found; go on only if something is there to be checked."""
        tree = self._document.tree
        for path, line, message in self._document.problems:
            self._problems.append(ConfigProblem(str(self._file), line, path, message))
        if not isinstance(tree, dict):
            self._add((), "the file must hold sections such as 'kafka:' and 'mappings:'")
        if not isinstance(tree, dict) or (self._problems and not tree):
            raise ConfigErrors(self._file, self._problems)
        if _section(tree, "coveo").pop("api_key", None) is not None:
            self._add(("coveo", "api_key"), _KEY_IN_FILE)

    def _read_environment(self, environ: Mapping[str, str]) -> None:
        _resolve_paths(self._document.tree, self._file.absolute().parent)
        self._overrides = overlay(self._document.tree, environ)
        for override in self._overrides:
            if override.problem is not None:
                problem = ConfigProblem(override.variable, None, override.path, override.problem)
                self._problems.append(problem)

    def _validate(self) -> Settings | None:
        tree = self._document.tree
        try:
            return Settings.model_validate(tree)
        except ValidationError as error:
            errors = error.errors(include_url=False, include_input=False)
            for path, message in described(errors, tree, Settings):
                self._add(path, message)
        return None

    def _check_mappings(self, settings: Settings | None) -> None:
        """Check what can be checked of the mappings, also if something else is wrong."""
        found = Findings()
        if settings is None:
            specs, secured = _mappings(self._document.tree), _secured(self._document.tree)
            prepared = prepare_all(specs, secured, found)
        else:
            prepared = prepare_all(dict(enumerate(settings.mappings)), settings.secured, found)
        check_letter_topic(self._document.tree, prepared, found)
        for problem in found.problems:
            self._add(problem.path, problem.message)

    def _check_secrets(self) -> None:
        for path, file in _secret_files(self._document.tree):
            try:
                SecretFile(Path(file)).reveal()
            except ConfigError as error:
                self._add(path, str(error))

    def _add(self, path: KeyPath, message: str) -> None:
        """Note a problem, with the environment variable or the line that said the wrong thing."""
        origin, line = str(self._file), self._document.line(path)
        for override in self._overrides:
            if override.path and override.path == path[: len(override.path)]:
                origin, line = override.variable, None
        self._problems.append(ConfigProblem(origin, line, path, message))


def _resolve_paths(tree: Tree, folder: Path) -> None:
    """Let relative paths of the file start at its folder; the environment's stay as they are."""
    holders = [(_section(tree, section), key) for section, key in _PATHS]
    for section in _PASSED_ON:
        settings = _section(_section(tree, section), "settings")
        holders.extend((_section(settings, name), "file") for name in settings)
    for holder, key in holders:
        if isinstance(holder.get(key), str):
            holder[key] = str(folder / holder[key])


def _mappings(tree: Tree) -> Mapping[int, MappingSpec]:
    """Return the mappings that are well-formed, by their place."""
    listed = tree.get("mappings")
    made = {}
    for at, one in enumerate(listed if isinstance(listed, list) else ()):
        with suppress(ValidationError):
            made[at] = MappingSpec.model_validate(one)
    return made


def _secured(tree: Tree) -> Secured:
    """Return the targets that are named, and whether each is secured, as far as that is said."""
    targets = _section(tree, "targets")
    flags = {name: _section(targets, name).get("secured") for name in targets}
    return {name: flag if isinstance(flag, bool) else None for name, flag in flags.items()}


def _secret_files(tree: Tree) -> Iterator[tuple[KeyPath, str]]:
    key_file = _section(tree, "coveo").get("api_key_file")
    if isinstance(key_file, str):
        yield ("coveo", "api_key_file"), key_file
    for section in _PASSED_ON:
        settings = _section(_section(tree, section), "settings")
        for name in settings:
            file = _section(settings, name).get("file")
            if isinstance(file, str):
                yield (section, "settings", name, "file"), file


def _section(tree: Tree, name: str) -> Tree:
    """Return a section of the tree, an empty one if it is not there or something else."""
    section = tree.get(name)
    return section if isinstance(section, dict) else {}
