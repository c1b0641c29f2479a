# SPDX-License-Identifier: Apache-2.0
"""Where the parts of the product are: in the package, in a checkout, or where a variable says.

The variables SOCKSPEC_CHECKS, SOCKSPEC_CLAIMS, SOCKSPEC_LIES and SOCKSPEC_BASELINES name other
folders, for those who work on checks or bring their own.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sockspec.catalogue import Catalogue
    from sockspec.lies import Lies

_PACKAGE: Final = Path(__file__).parent


def _folder(variable: str, installed: str, checkout: str) -> Path:
    if os.environ.get(variable):
        return Path(os.environ[variable]).absolute()
    here = _PACKAGE / installed
    return here if here.is_dir() else _PACKAGE.parents[1] / checkout


def checks_folder() -> Path:
    """Where the checks are."""
    return _folder("SOCKSPEC_CHECKS", "conformance", "tests/conformance")


def baselines_folder() -> Path:
    """Where the baselines are."""
    return _folder("SOCKSPEC_BASELINES", "baselines", "reports/baselines")


def catalogue() -> Catalogue:
    """All claims."""
    from sockspec.catalogue import load_catalogue

    return load_catalogue(_folder("SOCKSPEC_CLAIMS", "claims", "harness/sockspec/claims"))


def lies(catalogue: Catalogue) -> Lies:
    """All lies about the claims of a catalogue; none where the claims are somebody else's."""
    from sockspec.lies import Lies, load_lies

    if os.environ.get("SOCKSPEC_CLAIMS") and not os.environ.get("SOCKSPEC_LIES"):
        return Lies()
    folder = _folder("SOCKSPEC_LIES", "lies", "harness/sockspec/lies")
    return load_lies(folder, catalogue.by_id)
