# SPDX-License-Identifier: Apache-2.0
# The compiled module; its typed face is sockspec.libc.
from typing import Any

ffi: Any
lib: Any
