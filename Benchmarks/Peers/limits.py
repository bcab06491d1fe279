"""What a ratio may be."""


class AtMost(float):
    """A ratio may not be larger."""

    def holds(self, ratio):
        return ratio <= self


class AtLeast(float):
    """A ratio may not be smaller."""

    def holds(self, ratio):
        return ratio >= self
