"""``gs://BUCKET/KEY``: Google Cloud Storage, by way of gcsfs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import fsspec

from kerchief.scale.storage.objects import Listed, Objects

FIELDS = "nextPageToken,items(name,size,etag)"


class Gs(Objects):
    """See ``Objects``."""

    @cached_property
    def client(self) -> Any:  # noqa: ANN401 - fsspec has no types
        """Credentials are those that the environment names; without any, the client asks as anybody.

        A machine's own credentials are asked for (at a fixed address) only if it says NO_GCE_CHECK=false. Of gcsfs's
        parts one asks a second service what kind each bucket is; it is left out.
        """
        os.environ.setdefault("NO_GCE_CHECK", "true")
        os.environ.setdefault("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
        return fsspec.filesystem("gs", use_listings_cache=False, skip_instance_cache=True)

    def pages(self, bucket: str, prefix: str) -> Iterator[list[Listed]]:
        """A thousand objects a page; gcsfs itself would give all of them at once."""
        after: dict[str, str] = {}
        while True:
            page = self.client.call("GET", "b/{}/o", bucket, prefix=prefix, fields=FIELDS, json_out=True, **after)
            if items := page.get("items"):
                yield [Listed(one["name"], int(one["size"]), one["etag"]) for one in items]
            if "nextPageToken" not in page:
                return
            after = {"pageToken": page["nextPageToken"]}

    def sent_with(self, content_type: str) -> dict[str, Any]:
        """The store's digest is held against the one of what was sent."""
        return {"content_type": content_type, "consistency": "md5"}
