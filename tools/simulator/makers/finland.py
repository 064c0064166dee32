"""Finland: the Swedish telegram on the same socket, in Finnish time; registers move on once a minute (decree
767/2021, SK 13-1:2022)."""

from simulator.clock import EET_S, Clock
from simulator.maker import Every
from simulator.makers.sweden import EFS, LGF5, P1_SE, p1_types

STANDARD_TIME = Clock(zone_s=EET_S)
P1_FI = P1_SE._replace(
    name="P1 (FI)",
    message=EFS,
    schedule=Every(10_000, register_step_s=60),
    types=p1_types(
        efs=EFS._replace(ident="XXX5\\SYN0002", clock=STANDARD_TIME),
        lgf5=LGF5._replace(clock=STANDARD_TIME),
    ),
)
