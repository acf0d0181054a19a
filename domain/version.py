"""Which Fleet Gateway this is. The image has no package metadata to ask, so it stands here."""

from typing import Final

VERSION: Final = "0.1.0"
"""By the rules of Semantic Versioning; the same as in pyproject.toml."""
