# SPDX-License-Identifier: Apache-2.0
"""The mark ``needs``: a test that needs tools that not every machine has."""

from __future__ import annotations

import os
import shutil

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose tools are missing, and say which; in CI that is a failure."""
    tools = [str(tool) for mark in item.iter_markers("needs") for tool in mark.args]
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if not missing:
        return
    why = f"did not run: {', '.join(missing)} not found; see tests/packages.txt"
    if os.environ.get("CI"):
        pytest.fail(why, pytrace=False)
    pytest.skip(why)
