# SPDX-License-Identifier: Apache-2.0
"""``python -m sockspec.schema``: write the schema files anew."""

from sockspec.schema import write

write()
