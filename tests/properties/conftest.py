# SPDX-License-Identifier: Apache-2.0
"""Properties of this system's own libc, by way of CFFI, against `sockspec.oracles`.

``--hypothesis-profile=repeatable`` tries the same examples in every run, so that it ends the same;
``--hypothesis-profile=explore`` tries many, for some minutes.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("repeatable", max_examples=400, derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=20000, deadline=None)
