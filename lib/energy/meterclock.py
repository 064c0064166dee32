"""What the meter's clock shows, in UTC: some makers' clocks follow summer time, others never do, and few say so.

The maker's habit or the owner's word decides, and the dongle's own clock is the referee: set by NTP it knows which
of the times the meter shows, and also otherwise which of the two that the hour is which comes twice in autumn.
"""

from .calendar import HOUR_S, is_summer_time

STANDARD = "standard"  # winter time all year
LOCAL = "local"  # as people live
MARKED = "marked"  # the meter says which of the two it is (the S and W of P1 telegrams)
OFF = "off"  # neither: our own clock is taken
# Far less than the hour that zones are apart; hours are the nearest ones, whatever the meter's clock is off by.
_CLOSE_S = 1500
# So many readings in a row, with clocks that move, must speak against what was taken for right.
_VOTES = 3


class MeterClock:
    """Tells UTC from what a meter's clock shows. Times are seconds since 2020-01-01 00:00."""

    def __init__(self, zone_h, rule=None):
        """`zone_h` is the zone's winter time; `rule`, STANDARD or LOCAL, is the owner's word, against which nothing
        stands."""
        self._zone_s = zone_h * HOUR_S
        self._is_fixed = rule is not None
        self.rule = rule or STANDARD
        self._votes = 0
        self._vote = self._shown_s = None

    def expect(self, rule):
        """What meters of this kind do."""
        if not self._is_fixed:
            self.rule = rule
            self._votes = 0

    def utc(self, shown_s, is_summer, own_s, is_sure):
        """The UTC of a reading whose clock shows `shown_s`; None while that is in doubt.

        `is_summer` is what a MARKED clock says; `own_s` is our own clock, None when it is not set, and `is_sure` when
        NTP has set it.
        """
        has_moved = shown_s != self._shown_s
        self._shown_s = shown_s
        if self._is_fixed or not is_sure:
            return self._by(STANDARD if self.rule == OFF else self.rule, shown_s, is_summer, own_s)
        verdict = self._judge(shown_s, is_summer, own_s)
        if verdict == self.rule:
            self._votes = 0
        elif has_moved:
            # A list that repeats an earlier one, clock and all, looks like another zone, and comes alone.
            self._votes = self._votes + 1 if verdict == self._vote else 1
            self._vote = verdict
            if self._votes >= _VOTES:
                self.expect(verdict)
        if verdict != self.rule:
            return None
        return own_s if verdict == OFF else self._by(verdict, shown_s, is_summer, own_s)

    def _judge(self, shown_s, is_summer, own_s):
        """The rule by which the meter's clock is right."""
        for rule in (self.rule, STANDARD, LOCAL):
            if rule != OFF and abs(self._by(rule, shown_s, is_summer, own_s) - own_s) <= _CLOSE_S:
                return rule
        return OFF

    def _by(self, rule, shown_s, is_summer, own_s):
        """UTC by one rule; of the two that a clock may mean in autumn, the one nearer to our own, else the first."""
        winter_s = shown_s - self._zone_s
        summer_s = winter_s - HOUR_S
        if rule == STANDARD or (rule == MARKED and not is_summer):
            return winter_s
        if rule == MARKED:
            return summer_s
        if not is_summer_time(summer_s):
            return winter_s
        if is_summer_time(winter_s) or own_s is None:
            return summer_s
        return winter_s if abs(own_s - winter_s) < abs(own_s - summer_s) else summer_s
