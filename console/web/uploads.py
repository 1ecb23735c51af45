"""Files that are too large are read to their end and kept nowhere: neither in memory nor on the disk."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

MOST_BYTES = 12 * 1024 * 1024
"""Somewhat more than any form takes, so that forms say themselves what their limit is."""


class Limited(FileUploadHandler):
    """The first of the upload handlers: it lets nothing pass of a request that is too large."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        self.is_too_large = content_length > MOST_BYTES

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.is_too_large:
            self.request.upload_is_too_large = True  # type: ignore[union-attr]
            raise SkipFile
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def was_too_large(request: HttpRequest) -> bool:
    """Tell whether a file of this request was dropped for its size. It reads the request for that."""
    return bool(request.POST is not None and getattr(request, "upload_is_too_large", False))
