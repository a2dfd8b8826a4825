"""Media types that schemathesis does not know."""

import schemathesis


@schemathesis.serializer("application/offset+octet-stream")
def piece(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
