"""Asks librdkafka about one setting at a time: whether it knows it, and takes the value.

May import `confluent_kafka`.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final, TypeAlias

from confluent_kafka import Consumer, KafkaException

from consumer.kafka.errors import error_in
from consumer.kafka.names import CLIENT_NAMES, JAVA_NAMES
from consumer.kafka.refused import REFUSED

Option: TypeAlias = str | int | float | bool

_NO_SETTING: Final = "coveo-cdc.asks.whether.the.setting.before.this.one.is.right"
_UNKNOWN: Final = "No such configuration property"
_RANGE: Final = re.compile(r"is outside allowed range (-?[0-9]+)\.\.(-?[0-9]+)")
_CLOSE: Final = 0.75
"""How alike names must be: they are made of the same words, so many are half alike."""


def flaw(name: str, value: Option) -> str | None:
    """Return what is wrong with a setting and what to do, or `None`. Connects to nothing.

    The client takes settings in their order and stops at the first that it refuses: with one that
    it cannot know at the end, it is never made. Its own message is not passed on, because it
    repeats the value. Settings that contradict each other, and what is read when a client is made,
    are found then (`open_membership`).
    """
    try:
        Consumer({"group.id": "check", name: value, _NO_SETTING: ""})
    except KafkaException as exception:
        return _in_words(name, error_in(exception).str())
    except TypeError:
        return "must be text, a number or true/false"
    return None


def _in_words(name: str, message: str) -> str | None:
    if name in JAVA_NAMES:
        return f"this is the Java client's name; librdkafka's is {JAVA_NAMES[name]}"
    if _UNKNOWN in message:
        return None if _NO_SETTING in message else _unknown(name)
    bounds = _RANGE.search(message)
    if bounds:
        return f"must be between {bounds[1]} and {bounds[2]}"
    return "librdkafka refuses the value; see its CONFIGURATION.md for those that it takes"


def _unknown(name: str) -> str:
    unknown = "librdkafka knows no setting of this name"
    close = get_close_matches(name, CLIENT_NAMES - REFUSED.keys(), n=2, cutoff=_CLOSE)
    if close:
        return f"{unknown}; did you mean {' or '.join(repr(one) for one in close)}?"
    return f"{unknown}; look it up in its CONFIGURATION.md, or remove it"
