# SPDX-License-Identifier: Apache-2.0
"""An executable specification of the sockets API: documents' claims, tried on real systems."""
