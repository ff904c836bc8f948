"""All these tests compile into one directory that is thrown away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def throwaway_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADFORM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
