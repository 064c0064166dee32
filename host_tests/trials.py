"""Random trials (hypothesis): the same examples in every run, however slow the machine is."""

from hypothesis import HealthCheck, Phase, settings


def examples(count):
    """A decorator for tests of so many."""
    return settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
