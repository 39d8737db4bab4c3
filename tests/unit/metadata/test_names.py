"""File names: which ones a device or messenger gave, and which ones a person did."""

from __future__ import annotations

import pytest

from kerchief.metadata import stamped

TIME = "when it was taken"
NUMBER = "the camera's own number"
MESSENGER = "the messenger it came through"
SCREEN = "when the screen was captured"
UNIQUE = "a number that occurs only once"
PLACE = "the place where it was taken"
SENT = "when it was taken or sent"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("IMG_20240131_123456.jpg", TIME),
        ("IMG_20240131_123456_HDR.jpg", TIME),
        ("IMG_20240131.jpg", TIME),
        ("PXL_20240131_123456789.jpg", TIME),
        ("PXL_20240131_123456789.MP.jpg", TIME),
        ("PXL_20240131_123456789.PORTRAIT-02.ORIGINAL.jpg", TIME),
        ("MVIMG_20240131_123456.jpg", TIME),
        ("VID_20240131_123456.mp4", TIME),
        ("WIN_20240131_12_34_56_Pro.jpg", TIME),
        ("00100lPORTRAIT_00100_BURST20240131123456789_COVER.jpg", TIME),
        ("20240131_123456.jpg", TIME),
        ("20240131123456.jpg", TIME),
        ("2024-01-31 12.34.56.jpg", TIME),
        ("2024-01-31T12:34:56Z.jpg", TIME),
        ("Photo on 31-01-2024 at 9.34.jpg", TIME),
        ("Photo 31-01-24, 12 34 56.jpg", TIME),
        ("DJI_20240131123456_0001_D.JPG", TIME),
        ("march 2024-01-31_12-34.kerchief.jpg", TIME),
        ("DSC01234.JPG", NUMBER),
        ("DSC_0123.NEF", NUMBER),
        ("_DSC1234.jpg", NUMBER),
        ("DSCF1234.jpg", NUMBER),
        ("DSCN1234.jpg", NUMBER),
        ("IMG_1234.HEIC", NUMBER),
        ("IMG_E1234.JPG", NUMBER),
        ("img_1234.jpg", NUMBER),
        ("IMG_1234(1).jpg", NUMBER),
        ("IMG_1234 2.jpg", NUMBER),
        ("IMG_1234 (1)-edited.jpg", NUMBER),
        ("Copy of IMG_1234.jpg", NUMBER),
        ("IMG_1234.kerchief.jpg", NUMBER),
        ("_MG_1234.CR2", NUMBER),
        ("GOPR0123.JPG", NUMBER),
        ("GX010123.MP4", NUMBER),
        ("DJI_0123.JPG", NUMBER),
        ("P1010001.JPG", NUMBER),
        ("CIMG1234.jpg", NUMBER),
        ("SAM_1234.JPG", NUMBER),
        ("100_1234.JPG", NUMBER),
        ("IMGP1234.JPG", NUMBER),
        ("R0012345.JPG", NUMBER),
        ("MVI_1234.AVI", NUMBER),
        ("folder/IMG_1234.jpg", NUMBER),
        ("C:\\Users\\x\\IMG_1234.jpg", NUMBER),
        ("WhatsApp Image 2024-01-31 at 12.34.56.jpeg", MESSENGER),
        ("WhatsApp_Image_2024-01-31_at_12.34.56.jpeg", MESSENGER),
        ("IMG-20240131-WA0001.jpg", MESSENGER),
        ("signal-2024-01-31-12-34-56-123.jpg", MESSENGER),
        ("photo_2024-01-31_12-34-56.jpg", MESSENGER),
        ("KakaoTalk_20240131_123456789.jpg", MESSENGER),
        ("FB_IMG_1706704496123.jpg", MESSENGER),
        ("received_1234567890123456.jpeg", MESSENGER),
        ("mmexport1706704496123.jpg", MESSENGER),
        ("Screenshot_20240131-123456_Chrome.png", SCREEN),
        ("Screenshot 2024-01-31 at 9.34.56\u202fAM.png", SCREEN),
        ("Screen Shot 2024-01-31 at 9.34.56 AM.png", SCREEN),
        ("1706704496123.jpg", SENT),
        ("52.520008,13.404954.jpg", PLACE),
        ("march_52.5200N_13.4050E.jpg", PLACE),
        ("12345678_10215123456789_1234567890123456789_n.jpg", "the social network it came from"),
        ("8D8AC610-566D-4EF0-9C22-186B2A5ED793.jpg", UNIQUE),
        ("0a1b2c3d4e5f60718293a4b5c6d7e8f9.jpg", UNIQUE),
    ],
)
def test_a_name_that_a_device_gave_says_what_it_gives_away(name, reason):
    assert stamped(name) == reason


@pytest.mark.parametrize(
    "name",
    [
        "",
        "crowd.jpg",
        "crowd",
        "photo1.jpg",
        "photo-12.jpg",
        "photo_2.jpg",
        "march-2024.jpg",
        "march on 1 May 2024.jpg",
        "2024.jpg",
        "0001.jpg",
        "IMG.jpg",
        "IMG_crowd.jpg",
        "DSC.jpg",
        "img1.png",
        "image001.png",
        "face_0001.png",
        "frame_000123.png",
        "page-12.tif",
        "p1.jpg",
        "g20.jpg",
        "r2d2.png",
        "sam.jpg",
        "samuel_1.jpg",
        "screenshot.png",
        "screenshot of the site.png",
        "signal-box.jpg",
        "telegram.jpg",
        "line_up.jpg",
        "line_1.png",
        "viber.png",
        "messenger_pigeon.jpg",
        "whatsapp-logo.png",
        "wallpaper-3840x2160.png",
        "version-1.10.2.png",
        "deadbeef.png",
        "stock-photo-123456789.jpg",
        "crowd.kerchief.jpg",
        "IMG_1234/crowd.jpg",
    ],
)
def test_a_name_that_a_person_gave_is_left_alone(name):
    assert stamped(name) is None


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["1", "_1", "_", "(1)", "-edited", "1.1111", "2024", "2024-01-31_at_", ".T,", "a.bb"])
def test_a_long_name_is_read_quickly(piece):
    stamped("IMG_1234" + piece * 20_000 + "?")
