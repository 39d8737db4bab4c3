"""Networks are loaded to look at many pictures at the same time, or at each as soon as can be."""

from __future__ import annotations

from scenes import scene

from kerchief import Tools
from kerchief.find.detect import detect
from kerchief.find.pyramid import FILM_THRESHOLD, film_looks
from kerchief.models.load import Networks, load_networks
from kerchief.ports import Detection


def test_one_look_on_all_cores_sees_what_many_beside_one_another_see(tools: Tools) -> None:
    alone = load_networks(one_at_a_time=True)
    assert alone.threads == 1
    seen, also = _seen(alone), _seen(tools.networks)
    assert len(seen) == len(also) == 2
    for mine, theirs in zip(seen, also, strict=True):
        assert mine.box.iou(theirs.box) > 0.99
        assert abs(mine.score - theirs.score) < 0.01


def _seen(networks: Networks) -> list[Detection]:
    rgb, _ = scene(640, 360, [(100, 80, 60), (400, 200, 90)])
    return detect(rgb, film_looks(640, 360), networks.by_name, FILM_THRESHOLD)
