# SPDX-License-Identifier: Apache-2.0
"""A module of checks that cannot be imported."""

from __future__ import annotations

import sockspec.there_is_no_such_module  # type: ignore[import-not-found]  # noqa: F401
