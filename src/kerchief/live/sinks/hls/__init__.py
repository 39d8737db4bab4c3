"""A folder that a web server gives out: a playlist and the last pieces of the stream (HLS, RFC 8216)."""
