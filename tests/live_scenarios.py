"""What may go wrong while a crowd is played, each as one thing that can be asked for by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from time import sleep

from live_faults import busy, damaging, losing, slow_detector
from live_film import Film
from live_receivers import TcpReceiver
from live_rtsp_server import Rtsp
from live_runs import Played, kerchief_live, play
from live_senders import Gap, Take, Tcp, Udp, Way


@dataclass(frozen=True)
class Scenario:
    """A way for things to go.

    Attributes:
        way: how frames get there.
        before: Python that is run in kerchief's process first.
        load: processes that want the cores too.
        is_restarted: whether the source goes away, and comes back at another place of the film.
        changes: whether the picture's size changes in the middle.
        sink_leaves: whether the sink goes away and comes back.
    """

    way: Callable[[Film], Way] = lambda _: Tcp()
    before: str = ""
    load: int = 0
    is_restarted: bool = False
    changes: bool = False
    sink_leaves: bool = False

    def script(self, film: Film) -> Sequence[Take | Gap]:
        """What of a film is sent."""
        count = len(film.frames)
        if not self.is_restarted:
            return [Take(0, count)]
        return [Take(0, count * 2 // 5), Gap(1.5), Take(film.key_from(count // 2), count)]

    def play(
        self, film: Film, receiver: TcpReceiver, *options: str, watch: Callable[[int], None] | None = None
    ) -> Played:
        """Play a film to a receiver like that."""
        seconds = len(film.frames) / film.rate

        def meanwhile() -> None:
            if self.sink_leaves:
                sleep(0.5 * seconds)
                receiver.leave()
                sleep(0.15 * seconds)
                receiver.come_back()

        with ExitStack() as stack:
            stack.enter_context(busy(self.load))
            product = kerchief_live(*options, before=self.before)
            return play(
                film, self.way(film), product, receiver, self.script(film), meanwhile, watch or (lambda _: None)
            )


SCENARIOS = {
    "nothing": Scenario(),
    "nothing, over RTSP": Scenario(way=Rtsp),
    "cores busy": Scenario(load=3),
    "slow detector": Scenario(before=slow_detector(0.02, 0.2)),
    "detector stalls": Scenario(before=slow_detector(0.0, 0.02, stall=2.5, every=12)),
    "datagrams lost": Scenario(way=lambda _: Udp(losing(0.03))),
    "bytes damaged": Scenario(way=lambda _: Tcp(damaging(0.001))),
    "source restarted": Scenario(is_restarted=True),
    "size changes": Scenario(changes=True),
    "size changes, restarted": Scenario(is_restarted=True, changes=True),
    "sink gone": Scenario(sink_leaves=True),
}


def sizes(count: int, width: int) -> list[tuple[int, int]]:
    """Of a film in which the picture's size changes: to three quarters in its middle, and back again."""
    return [(0, width), (count // 2, width * 3 // 4), (count * 3 // 4, width)]
