"""The page of an audit says what the report says, and takes no label for markup."""

from __future__ import annotations

import numpy as np

from kerchief.choices import Margin
from kerchief.pages.audit import audit_page
from kerchief.prove.audit import AuditReport, Face, compared, group_of, sliced
from kerchief.prove.differential import differential


def test_the_page_shows_every_label_each_size_and_the_recogniser() -> None:
    random = np.random.default_rng(3)
    faces = [
        Face(
            n % 5 == 0,
            f"person {n}",
            {"tone": ("<b>dark</b>", "light")[n % 2], "size": ("10 to 20 px", "80 px and more")[n % 3 % 2]},
        )
        for n in range(120)
    ]
    people, labels = [face.person for face in faces], [face.labels for face in faces]
    report = AuditReport(
        kerchief="1.2.3",
        margin=Margin.STANDARD,
        own_detector=False,
        pictures=9,
        unreadable=2,
        refused=1,
        has_persons=True,
        overall=group_of("all", faces),
        columns=tuple(compared(faces, name, random) for name in ("tone", "size")),
        slices=sliced(faces, ("tone",), (("size",),), random),
        recogniser=differential(
            "made", random.normal(0, 1, (120, 8)).astype(np.float32), people, labels, ("tone",), random
        ),
    )
    html = audit_page(report)
    assert html.count("<svg") == 3, "two labels, and one of them within sizes"
    assert "&lt;b&gt;dark&lt;/b&gt;" in html
    assert "<b>" not in html
    assert report.columns[0].sentence.replace("<b>", "&lt;b&gt;").replace("</b>", "&lt;/b&gt;") in html
    assert "Pictures that could not be read, whose faces are not counted: 2." in html
    assert "for a sure face still shows: 1." in html
    assert "Errors by tone" in html
    assert html == audit_page(report), "the same report gives the same page"
    assert "person 7" not in html
