"""The makers' tables, one file per country. A new meter is a table here, and its name in MAKERS."""

from simulator.maker import FOUR_WIRE, ONE_PHASE, THREE_WIRE
from simulator.makers.austria import NETZ_NOE
from simulator.makers.denmark import KAMSTRUP_DK, P1_DK
from simulator.makers.finland import P1_FI
from simulator.makers.netherlands import P1_NL
from simulator.makers.norway import AIDON, EMBRIQ, KAIFA, KAMSTRUP, KAMSTRUP_HOURLY_S, KAMSTRUP_REVISION_S
from simulator.makers.sweden import AIDON_SE, KAIFA_SE, KAMSTRUP_SE, P1_SE
from simulator.makers.switzerland import LANDIS_GYR_CH

__all__ = [
    "FOUR_WIRE",
    "KAMSTRUP_HOURLY_S",
    "KAMSTRUP_REVISION_S",
    "MAKERS",
    "ONE_PHASE",
    "THREE_WIRE",
]

MAKERS = {
    "aidon": AIDON,
    "embriq": EMBRIQ,
    "kaifa": KAIFA,
    "kamstrup": KAMSTRUP,
    "aidon-se": AIDON_SE,
    "kaifa-se": KAIFA_SE,
    "kamstrup-se": KAMSTRUP_SE,
    "p1-se": P1_SE,
    "kamstrup-dk": KAMSTRUP_DK,
    "p1-dk": P1_DK,
    "p1-fi": P1_FI,
    "p1-nl": P1_NL,
    "mbus-at": NETZ_NOE,
    "landisgyr-ch": LANDIS_GYR_CH,
}
