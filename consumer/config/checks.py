"""What must hold between keys of the configuration. Imports the models and `mapping`.

Each check says which keys it rests on; where one of them is wrong it says nothing that counts.
"""

from __future__ import annotations

from consumer.config.edges import CoveoSection
from consumer.config.letters import check_letter_topic
from consumer.config.model import Settings
from consumer.config.registry_checks import check_registry
from consumer.domain.operations import SourceKind
from consumer.domain.problems import outline
from consumer.mapping.problems import Findings

_API_KEY = (("coveo", "api_key"), ("coveo", "api_key_file"))
_LETTERS = (("dead_letters", "directory"), ("dead_letters", "topic"))


def check_together(settings: Settings, found: Findings) -> None:
    """Note whatever cannot be used beside something else."""
    _check_sources(settings, found)
    _check_kinds(settings, found)
    _check_partial(settings, found)
    _check_single_calls(settings, found)
    _check_budget(settings, found)
    _check_deadline(settings.coveo, found)
    _check_key(settings.coveo, found)
    _check_letters(settings, found)
    check_registry(settings.schema_registry, settings.mappings, found)


def _check_sources(settings: Settings, found: Findings) -> None:
    first = dict[str, str]()
    for name, target in settings.targets.items():
        other = first.setdefault(target.source.id, name)
        if other != name:
            found.add(
                ("targets", name, "source"),
                f"'{other}' names the same source: the operations of both would reach it without "
                "a common order; use one target for both",
                ("targets", other, "source"),
                ("targets", name, "source"),
            )


def _check_kinds(settings: Settings, found: Findings) -> None:
    for name, target in settings.targets.items():
        source, secured = ("targets", name, "source"), ("targets", name, "secured")
        if target.kind is SourceKind.CATALOG and target.secured:
            found.add(
                secured,
                "a catalog cannot be secured: no page of Coveo's says that it looks at the "
                "permissions of items, so everybody might see them; use a source of kind 'push', "
                "or set 'secured: false' if everybody may",
                *((*source, "kind"), secured),
            )
        if target.kind is SourceKind.PUSH and "id_fields" in target.source.model_fields_set:
            found.add(
                (*source, "id_fields"),
                "these are fields of a catalog; set 'kind: catalog', or leave them out",
                *((*source, "kind"), (*source, "id_fields")),
            )


def _check_partial(settings: Settings, found: Findings) -> None:
    start = ("kafka", "start")
    if settings.kafka.start != "latest":
        return
    for at, mapping in enumerate(settings.mappings):
        if mapping.partial_updates:
            path = ("mappings", at, "partial_updates")
            found.add(
                path,
                "with 'kafka.start: latest' the rows that are there already get no items, and what "
                "is not there cannot be changed in part; start at 'earliest', or leave it out",
                *(path, start),
            )


def _check_single_calls(settings: Settings, found: Findings) -> None:
    for name, target in settings.targets.items():
        if target.kind is SourceKind.CATALOG and target.single_item_calls:
            calls = ("targets", name, "single_item_calls")
            found.add(
                calls,
                "a catalog is written by the Stream API, which has no call for a single item; "
                "leave it out",
                ("targets", name, "source", "kind"),
                calls,
            )


def _check_budget(settings: Settings, found: Findings) -> None:
    share = settings.budgets.total_bytes // len(settings.targets)
    if share < settings.windows.max_bytes:
        budget, window = ("budgets", "total_bytes"), ("windows", "max_bytes")
        found.add(
            budget if "total_bytes" in settings.budgets.model_fields_set else window,
            f"'budgets.total_bytes' leaves each target {share} bytes, less than one window of "
            f"'windows.max_bytes' ({settings.windows.max_bytes}): raise the first or lower the "
            "second",
            *(budget, window, outline(("targets",))),
        )


def _check_deadline(coveo: CoveoSection, found: Findings) -> None:
    if coveo.max_effect_seconds <= coveo.request_deadline_seconds:
        effect, deadline = ("coveo", "max_effect_seconds"), ("coveo", "request_deadline_seconds")
        found.add(
            effect if "max_effect_seconds" in coveo.model_fields_set else deadline,
            f"'max_effect_seconds' ({coveo.max_effect_seconds:g}) must be greater than "
            f"'request_deadline_seconds' ({coveo.request_deadline_seconds:g}): a request can take "
            "effect as long as it is on its way, and after that; raise the first or lower the "
            "second",
            *(effect, deadline),
        )


def _check_key(coveo: CoveoSection, found: Findings) -> None:
    if (coveo.api_key is None) == (coveo.api_key_file is None):
        found.add(
            ("coveo",) if coveo.api_key is None else ("coveo", "api_key_file"),
            "give the API key once: 'api_key_file', or for local runs the environment variable "
            "COVEO_CDC__COVEO__API_KEY",
            *_API_KEY,
        )


def _check_letters(settings: Settings, found: Findings) -> None:
    letters = settings.dead_letters
    if letters is not None and (letters.directory is None) == (letters.topic is None):
        found.add(("dead_letters",), "give either 'directory' or 'topic'", *_LETTERS)
    check_letter_topic(settings, found)
