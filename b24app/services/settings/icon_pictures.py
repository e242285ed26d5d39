"""Pictures that people upload, made into icons: 24×24 pixels on a transparent background, without metadata."""

import threading
import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from b24app.errors import PictureUnfit

SIDE = 24
KINDS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 4096 * 4096
# A photograph is decoded at a fraction of its size, which still is several times that of the icon.
DECODED_SIDE = 8 * SIDE

# Pillow compares the size in the header with this before it decodes anything; above it only warns.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

# The largest picture takes some 300 MB while it is decoded: one at a time, whatever many threads are asked for.
_one_at_a_time = threading.Lock()


def fitted(content: bytes) -> bytes:
    """The icon as PNG: the whole picture, turned as its camera meant it, of an animation the first frame.

    Raises PictureUnfit: kind (none of KINDS), pixels (too many), broken, or empty (nothing to be seen).
    """
    with _one_at_a_time:
        try:
            icon = _fit(_opened(content))
        except PictureUnfit:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise PictureUnfit(reason="pixels") from None
        except Exception:  # readers of picture files raise nearly anything over nonsense
            raise PictureUnfit(reason="broken") from None
    if icon.getchannel("A").getextrema()[1] == 0:
        raise PictureUnfit(reason="empty")
    written = BytesIO()
    icon.save(written, "PNG", optimize=True)
    return written.getvalue()


def _opened(content: bytes) -> Image.Image:
    """Only the header has been read; no other reader than those of KINDS sees the content."""
    try:
        return Image.open(BytesIO(content), formats=KINDS)
    except UnidentifiedImageError:
        raise PictureUnfit(reason="kind") from None


def _fit(picture: Image.Image) -> Image.Image:
    picture.draft(None, (DECODED_SIDE, DECODED_SIDE))
    coloured = _in_colour(ImageOps.exif_transpose(picture))
    scale = SIDE / max(coloured.size)
    width, height = (max(1, round(side * scale)) for side in coloured.size)
    small = coloured.resize((width, height), Image.Resampling.LANCZOS)
    # A new picture, so that nothing of the old one but its colours comes along.
    icon = Image.new("RGBA", (SIDE, SIDE))
    icon.paste(small, ((SIDE - width) // 2, (SIDE - height) // 2))
    return icon


def _in_colour(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        # Greys of 16 bits, of which Pillow would cut off all but the darkest.
        picture = picture.convert("I").point(lambda grey: grey / 256).convert("L")
    return picture.convert("RGBA")
