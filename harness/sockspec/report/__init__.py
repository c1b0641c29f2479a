# SPDX-License-Identifier: Apache-2.0
"""What a person or a CI server reads of a run: HTML and JUnit XML, made from ``verdicts.json``."""

from __future__ import annotations

from sockspec.report.html import write_html
from sockspec.report.junit import write_junit

__all__ = ["write_html", "write_junit"]
