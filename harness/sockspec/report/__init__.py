# SPDX-License-Identifier: Apache-2.0
"""What a person or a CI server reads of a run, made from ``verdicts.json``: `html`, `junit`."""
