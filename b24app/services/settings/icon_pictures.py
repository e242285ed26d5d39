"""Makes icons of uploaded pictures: 24×24 pixels on a transparent background, without metadata."""

import threading
import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from b24app.errors import PictureUnfit

SIDE = 24
KINDS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 4096 * 4096
# Photographs are decoded at a fraction of their size, which is still several times the icon's.
DECODED_SIDE = 8 * SIDE

# Pillow compares the size in the header with this before decoding; above it, it only warns.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)

# Decoding the largest picture takes about 300 MB, so only one is decoded at a time.
_one_at_a_time = threading.Lock()


def fitted(content: bytes) -> bytes:
    """The icon as PNG: the whole picture, rotated by its EXIF orientation; the first frame of an animation.

    Raises PictureUnfit: kind (not one of KINDS), pixels (too many), broken, or empty (nothing visible).
    """
    with _one_at_a_time:
        try:
            icon = _fit(_opened(content))
        except PictureUnfit:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise PictureUnfit(reason="pixels") from None
        except Exception:  # Pillow's readers raise nearly any exception for broken files
            raise PictureUnfit(reason="broken") from None
    if icon.getchannel("A").getextrema()[1] == 0:
        raise PictureUnfit(reason="empty")
    written = BytesIO()
    icon.save(written, "PNG", optimize=True)
    return written.getvalue()


def _opened(content: bytes) -> Image.Image:
    """Open a picture, reading only its header, with the readers of KINDS alone."""
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
    # A new picture, so that nothing but colours is copied.
    icon = Image.new("RGBA", (SIDE, SIDE))
    icon.paste(small, ((SIDE - width) // 2, (SIDE - height) // 2))
    return icon


def _in_colour(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        # 16-bit greys, which Pillow would clip to the darkest ones.
        picture = picture.convert("I").point(lambda grey: grey / 256).convert("L")
    return picture.convert("RGBA")
