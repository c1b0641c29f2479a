# SPDX-License-Identifier: Apache-2.0
"""``python -m sockspec``."""

from sockspec.cli import main

if __name__ == "__main__":
    main()
