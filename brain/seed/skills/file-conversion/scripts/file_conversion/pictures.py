"""Pictures in another format, upright, without what cameras write about their owners."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

from file_conversion.formats import Unconvertible

_MOST_PIXELS = 120_000_000
_NAMES = {"jpg": "JPEG", "tiff": "TIFF", "pdf": "PDF"}
_OPAQUE = frozenset({"jpg", "bmp", "pdf"})


def convert_picture(path: Path, target: str, made: Path, name: str) -> None:
    """Writes a picture in another format; what was see-through becomes white where it has to.

    Raises:
        Unconvertible: it is no picture, or too large.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = _MOST_PIXELS
    try:
        with warnings.catch_warnings(), Image.open(path) as opened:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = ImageOps.exif_transpose(opened)
            if target in _OPAQUE:
                picture = _on_white(picture)
            elif picture.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
                picture = picture.convert("RGB")
            picture.info.pop("exif", None)
            picture.save(made, _NAMES.get(target, target.upper()), **_options(target))
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unconvertible(f"{name} is no picture that I can read, or has too many pixels.") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Unconvertible(f"{name} is damaged: {error}.") from error


def _on_white(picture: "Image.Image") -> "Image.Image":
    from PIL import Image

    if picture.mode in ("RGB", "L"):
        return picture
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    seen = picture.convert("RGBA")
    white = Image.new("RGBA", seen.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, seen).convert("RGB")


def _options(target: str) -> dict[str, int]:
    return {"quality": 92} if target in ("jpg", "webp") else {}
