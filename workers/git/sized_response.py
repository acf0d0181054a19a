"""An answer over http that is read no further than its sizes say."""

from http.client import HTTPException, HTTPResponse


class SizedResponse(HTTPResponse):
    """An answer whose chunks have sizes: -1 would be read to the end, however far that is."""

    def _read_next_chunk_size(self) -> int:
        size: int = super()._read_next_chunk_size()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType]
        if size < 0:
            raise HTTPException
        return size  # pyright: ignore[reportUnknownVariableType]
