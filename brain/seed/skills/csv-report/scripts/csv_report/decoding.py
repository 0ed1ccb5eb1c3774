"""Which encoding a file is written in, decided from its bytes alone."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from csv_report.problems import UnusableTable

_CHUNK_BYTES = 1 << 20
_BOMS = (  # UTF-32's little-endian mark begins with UTF-16's, so the longer ones come first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KNOWN_BINARIES = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", "a Parquet file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


@dataclass(frozen=True)
class Encoding:
    """A codec's name, and a remark for the report if the bytes did not fit it everywhere."""

    codec: str
    remark: str | None = None


def detect_encoding(path: Path) -> Encoding:
    """Decides by byte order mark, then by zero bytes (UTF-16), then by trying UTF-8 on the whole file.

    Raises:
        UnusableTable: the file is empty or is not text.
    """
    with path.open("rb") as file:
        head = file.read(_CHUNK_BYTES)
    if not head.strip():
        raise UnusableTable("The file is empty. Send one with a header line and at least one row.")
    for mark, what in _KNOWN_BINARIES:
        if head.startswith(mark):
            raise UnusableTable(f"The file is {what}, not a CSV file. Export the table as CSV and send that.")
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return Encoding(codec)
    if b"\x00" in head:
        return _wide(head)
    return _narrow(path)


def _wide(head: bytes) -> Encoding:
    """UTF-16 without its mark: Western text has a zero in every second byte."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    for zeros, others, codec in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if zeros > len(head) // 4 and others < zeros // 10:
            return Encoding(codec)
    raise UnusableTable("The file holds binary data, not text. Export the table as CSV and send that.")


def _narrow(path: Path) -> Encoding:
    valid, broken, high = _count_utf8(path)
    if not broken:
        return Encoding("utf-8")
    if valid > 10 * broken:
        plural = "byte is" if broken == 1 else "bytes are"
        return Encoding("utf-8", f"{broken:,} {plural} no valid UTF-8 and shown as �.")
    # 0x80-0x9f hold the euro sign and curly quotes in Windows-1252 and nothing printable in Latin-1.
    return Encoding("cp1252" if high else "latin-1", None)


def _count_utf8(path: Path) -> tuple[int, int, bool]:
    """How many multi-byte characters are valid, how many bytes are not, and whether any is 0x80-0x9f."""
    broken, high = 0, False
    plain = multi = 0

    def note(error: UnicodeError) -> tuple[str, int]:
        nonlocal broken, high
        assert isinstance(error, UnicodeDecodeError)  # noqa: S101  (only decoders call this)
        broken += 1
        high = high or 0x80 <= error.object[error.start] <= 0x9F
        return "", error.start + 1

    codecs.register_error("csv_report.count", note)
    decoder = codecs.getincrementaldecoder("utf-8")("csv_report.count")
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            text = decoder.decode(chunk)
            if not text.isascii():
                plain = len(text.encode("ascii", "ignore"))
                multi += len(text) - plain
    decoder.decode(b"", final=True)
    return multi, broken, high
