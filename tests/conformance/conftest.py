# SPDX-License-Identifier: Apache-2.0
"""Makes ``pytest tests/conformance`` work in a checkout that is not installed."""

from __future__ import annotations

import pytest

from sockspec import plugin


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Bring in the plugin, unless the installed package has done so."""
    del parser
    if not pluginmanager.is_registered(plugin):
        pluginmanager.register(plugin, "sockspec.plugin")
