"""``s3://BUCKET/KEY``, at Amazon's or at any server that speaks S3 (``AWS_ENDPOINT_URL``), by way of s3fs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import fsspec

from kerchief.scale.storage.objects import Listed, Objects

#: Pieces of one object that are on their way at the same time.
AT_ONCE = 4


class S3(Objects):
    """See ``Objects``."""

    @cached_property
    def client(self) -> Any:  # noqa: ANN401 - fsspec has no types
        """Credentials and server are those that the environment names.

        A machine's own credentials are asked for (at a fixed address) only if it says AWS_EC2_METADATA_DISABLED=false.
        """
        os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
        return fsspec.filesystem("s3", use_listings_cache=False, skip_instance_cache=True)

    def pages(self, bucket: str, prefix: str) -> Iterator[list[Listed]]:
        """A thousand objects a page; s3fs itself would give all of them at once."""
        after: dict[str, str] = {}
        while True:
            page = self.client.call_s3("list_objects_v2", Bucket=bucket, Prefix=prefix, **after)
            if contents := page.get("Contents"):
                yield [Listed(one["Key"], one["Size"], one["ETag"].strip('"')) for one in contents]
            if not page.get("IsTruncated"):
                return
            after = {"ContinuationToken": page["NextContinuationToken"]}

    def sent_with(self, content_type: str) -> dict[str, Any]:
        """See ``Objects``."""
        return {"ContentType": content_type, "max_concurrency": AT_ONCE}
