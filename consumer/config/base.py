"""What all sections of the configuration share. Imports pydantic."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

PositiveSeconds: TypeAlias = Annotated[float, Field(gt=0, le=86_400)]
PositiveCount: TypeAlias = Annotated[int, Field(ge=1)]
Bytes: TypeAlias = Annotated[int, Field(ge=1)]
NonEmpty: TypeAlias = Annotated[str, Field(min_length=1)]


class Section(BaseModel):
    """A part of the configuration: nothing unknown gets in, nothing changes, no value in errors."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )
