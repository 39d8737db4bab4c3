"""Whom to believe that they are who they are called."""

from __future__ import annotations

import ssl


def trust() -> dict[str, str]:
    """Options for FFmpeg's TLS: it asks nobody for a certificate unless it is told to."""
    trusted = ssl.get_default_verify_paths().cafile
    return {"tls_verify": "1"} | ({"ca_file": trusted} if trusted else {})
