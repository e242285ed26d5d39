"""Uploaded pictures become icons; decompression bombs, garbage and metadata do not."""

import struct
import time
import tracemalloc
import zlib
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from b24app.errors import PictureUnfit
from b24app.services.settings import icon_pictures

RED, BLUE, CLEAR = (200, 20, 20, 255), (20, 20, 200, 255), (0, 0, 0, 0)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><script>alert(1)</script></svg>'


def picture(
    kind: str = "PNG", size: tuple[int, int] = (60, 60), colour: Any = RED, mode: str = "RGBA", **options: Any
) -> bytes:
    made = BytesIO()
    image = Image.new(mode, size, colour)
    image.save(made, kind, **options)
    return made.getvalue()


def icon(content: bytes) -> Image.Image:
    """What became of it, as the portal wants it."""
    made = icon_pictures.fitted(content)
    assert made.startswith(b"\x89PNG")
    opened = Image.open(BytesIO(made))
    assert (opened.size, opened.mode, opened.info) == ((24, 24), "RGBA", {})
    return opened


def reason(content: bytes) -> str:
    with pytest.raises(PictureUnfit) as caught:
        icon_pictures.fitted(content)
    return caught.value.reason


def is_like(colour: Any, other: tuple[int, int, int, int]) -> bool:
    return all(abs(one - two) < 12 for one, two in zip(colour, other, strict=True))


def png_of(width: int, height: int, rows: bytes = b"") -> bytes:
    """A PNG that says to be so large, whatever is in it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class TestFitting:
    """What is fit."""

    @pytest.mark.parametrize(
        ("kind", "mode", "colour"),
        [
            ("PNG", "RGBA", RED),
            ("PNG", "RGB", RED[:3]),
            ("JPEG", "RGB", RED[:3]),
            ("WEBP", "RGBA", RED),
            ("GIF", "RGB", RED[:3]),
        ],
    )
    def test_every_kind_becomes_a_small_png(self, kind: str, mode: str, colour: Any) -> None:
        assert is_like(icon(picture(kind, mode=mode, colour=colour)).getpixel((12, 12)), RED)

    @pytest.mark.parametrize(
        ("mode", "colour"),
        [("L", 200), ("1", 1), ("LA", (200, 255)), ("P", 0), ("I;16", 51200), ("CMYK", (0, 0, 0, 55))],
    )
    def test_every_way_to_write_a_colour_is_understood(self, mode: str, colour: Any) -> None:
        kind = "JPEG" if mode == "CMYK" else "PNG"
        red, green, blue, alpha = icon(picture(kind, mode=mode, colour=colour)).getpixel((12, 12))  # type: ignore[misc]
        assert (red == green == blue, alpha) == (True, 255)
        assert red in ({255} if mode == "1" else {0} if mode == "P" else range(195, 206))

    @pytest.mark.parametrize(("size", "seen"), [((100, 50), (24, 12)), ((10, 40), (6, 24)), ((12, 12), (24, 24))])
    def test_the_whole_of_it_is_seen_in_its_own_shape(self, size: tuple[int, int], seen: tuple[int, int]) -> None:
        made = icon(picture(size=size))
        left, top, right, bottom = made.getbbox()  # type: ignore[misc]
        assert (right - left, bottom - top) == seen
        assert abs(left - (24 - right)) <= 1
        assert abs(top - (24 - bottom)) <= 1

    @pytest.mark.parametrize("size", [(4000, 1), (1, 4000), (1, 1)])
    def test_a_thread_is_still_a_picture(self, size: tuple[int, int]) -> None:
        assert icon(picture(size=size)).getbbox()

    def test_what_is_transparent_stays_so_without_dark_edges(self) -> None:
        disc = Image.new("RGBA", (200, 200), CLEAR)
        disc.paste(RED, (50, 50, 150, 150))
        made = BytesIO()
        disc.save(made, "PNG")
        small = icon(made.getvalue())
        assert small.getpixel((0, 0)) == CLEAR
        edges = [small.getpixel((x, 12)) for x in range(24)]
        assert all(is_like((*edge[:3], 255), RED) for edge in edges if edge[3] > 8)  # type: ignore[index]

    def test_the_camera_knows_where_is_up(self) -> None:
        photo = Image.new("RGB", (400, 400), RED[:3])
        photo.paste(BLUE[:3], (0, 0, 400, 200))
        exif = Image.Exif()
        exif[0x0112] = 6
        made = BytesIO()
        photo.save(made, "JPEG", exif=exif)
        small = icon(made.getvalue())
        assert is_like(small.getpixel((20, 12)), BLUE)
        assert is_like(small.getpixel((3, 12)), RED)

    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
    def test_of_an_animation_the_first_frame_counts(self, kind: str) -> None:
        frames = [Image.new("RGBA", (30, 30), BLUE) for _ in range(3)]
        made = BytesIO()
        Image.new("RGBA", (30, 30), RED).save(made, kind, save_all=True, append_images=frames)
        assert is_like(icon(made.getvalue()).getpixel((12, 12)), RED)

    def test_nothing_but_its_colours_comes_along(self) -> None:
        words = PngImagePlugin.PngInfo()
        words.add_text("Author", "Clara Lindqvist")
        made = icon_pictures.fitted(picture(pnginfo=words) + b"<script>alert(1)</script>")
        assert b"Clara" not in made
        assert b"script" not in made


class TestNonsense:
    """What is not."""

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"Just words, called picture.png",
            SVG,
            b"\xef\xbb\xbf" + SVG,
            b"%PDF-1.7\n%\xe2\xe3",
            b"II*\x00\x08\x00\x00\x00",
            b"P6 1 1 255 \x00\x00\x00",
            picture("BMP", mode="RGB", colour=RED[:3]),
            picture("ICO"),
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a",
        ],
    )
    def test_other_kinds_are_refused(self, content: bytes) -> None:
        assert reason(content) == "kind"

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
    def test_half_a_picture_is_none(self, kind: str) -> None:
        noise = Image.effect_noise((300, 300), 90).convert("RGB")
        made = BytesIO()
        noise.save(made, kind)
        assert reason(made.getvalue()[: len(made.getvalue()) // 2]) in {"broken", "kind"}

    def test_broken_bytes_are_refused_and_nothing_else(self) -> None:
        whole = picture("PNG", size=(40, 40))
        for place in range(8, len(whole), 3):
            broken = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
            with suppress(PictureUnfit):
                icon_pictures.fitted(broken)

    def test_a_picture_of_nothing_is_refused(self) -> None:
        assert reason(picture(colour=CLEAR)) == "empty"


class TestBombs:
    """What would explode."""

    @pytest.mark.parametrize("size", [(60_000, 60_000), (2_000_000_000, 2_000_000_000), (4097, 4097), (20_000_000, 1)])
    def test_many_pixels_are_refused_before_they_are_decoded(self, size: tuple[int, int]) -> None:
        tracemalloc.start()
        begun = time.monotonic()
        assert reason(png_of(*size)) == "pixels"
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 1_000_000
        assert time.monotonic() - begun < 1

    @pytest.mark.parametrize("kind", ["GIF", "WEBP", "JPEG"])
    def test_other_kinds_of_bombs_too(self, kind: str) -> None:
        small = bytearray(picture(kind, mode="RGB", colour=RED[:3], size=(16, 16), **HEADER_OPTIONS.get(kind, {})))
        assert reason(enlarged(kind, small)) == "pixels"

    def test_a_picture_that_is_only_large_is_no_bomb(self) -> None:
        assert icon(picture("JPEG", size=(4096, 4096), mode="RGB", colour=RED[:3]))

    def test_many_frames_cost_no_more_than_one(self) -> None:
        frame = picture("GIF", size=(2, 2), mode="P", colour=0)
        head, body = frame[:-1], frame[13 + 3 * 2 ** ((frame[10] & 7) + 1) : -1]
        many = head + body * ((1_000_000 - len(head)) // len(body)) + b";"
        begun = time.monotonic()
        assert icon(many)
        assert time.monotonic() - begun < 1

    def test_compressed_words_do_not_swell(self) -> None:
        whole = picture()
        swollen = b"Comment\x00\x00" + zlib.compress(b"x" * 100_000_000)
        chunk = b"zTXt" + swollen
        bomb = whole[:33] + struct.pack(">I", len(swollen)) + chunk + struct.pack(">I", zlib.crc32(chunk)) + whole[33:]
        tracemalloc.start()
        assert reason(bomb) == "broken"
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 10_000_000


HEADER_OPTIONS: dict[str, dict[str, Any]] = {"WEBP": {"lossless": True}}


def enlarged(kind: str, content: bytearray) -> bytes:
    """The same file, whose header claims the largest picture that its format allows."""
    if kind == "GIF":
        content[6:10] = struct.pack("<HH", 65535, 65535)
    elif kind == "JPEG":
        at = content.index(b"\xff\xc0") + 5
        content[at : at + 4] = struct.pack(">HH", 65535, 65535)
    else:
        at = content.index(b"VP8L") + 9
        rest = struct.unpack("<I", content[at : at + 4])[0] & ~0xFFFFFFF
        content[at : at + 4] = struct.pack("<I", rest | 0xFFFFFFF)
    return bytes(content)
