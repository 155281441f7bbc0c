"""The official clients that run here."""

from __future__ import annotations

from enum import StrEnum


class Client(StrEnum):
    """One language each."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"
