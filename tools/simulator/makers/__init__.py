"""The makers' tables, one file per country. A new meter is a table here, and its name in MAKERS."""

from simulator.maker import FOUR_WIRE, ONE_PHASE, THREE_WIRE
from simulator.makers.austria import ISKRA_AT, KAIFA_AT, LANDIS_GYR_AT, NETZ_NOE, P1_AT, WIENER_NETZE
from simulator.makers.belgium import P1_BE
from simulator.makers.denmark import KAMSTRUP_DK, P1_DK
from simulator.makers.finland import P1_FI
from simulator.makers.hungary import P1_HU
from simulator.makers.luxembourg import P1_LU
from simulator.makers.netherlands import P1_NL
from simulator.makers.norway import AIDON, EMBRIQ, KAIFA, KAMSTRUP, KAMSTRUP_HOURLY_S, KAMSTRUP_REVISION_S
from simulator.makers.slovenia import ISKRA_HR, ISKRA_SI, LANDIS_GYR_SI
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
    "p1-be": P1_BE,
    "p1-lu": P1_LU,
    "p1-hu": P1_HU,
    "mbus-at": NETZ_NOE,
    "kaifa-at": KAIFA_AT,
    "landisgyr-at": LANDIS_GYR_AT,
    "wien-at": WIENER_NETZE,
    "iskra-at": ISKRA_AT,
    "p1-at": P1_AT,
    "iskra-si": ISKRA_SI,
    "landisgyr-si": LANDIS_GYR_SI,
    "iskra-hr": ISKRA_HR,
    "landisgyr-ch": LANDIS_GYR_CH,
}
