"""Types of fields that requests and replies of several subjects share, with their bounds."""

from typing import Annotated, Final

from msgspec import Meta

MAX_AGE: Final = 120

Age = Annotated[int, Meta(ge=0, le=MAX_AGE, description="In years.")]
