"""Progress is told a few times a second, and the time left truly."""

import re

import pytest
from HER2ImmunoCommonLib.progress import Cancelled, paced, time_left


class Clock:
    """Seconds that pass when told to."""

    now = 100.0

    def __call__(self):
        return self.now


def told_by(work_s, steps, clock):
    """(seconds since the start, text) of what is passed on by steady work that reports at each of its steps."""
    told, start = [], clock.now
    report = paced(lambda fraction, text: told.append((clock.now - start, text)), clock)
    for step in range(steps):
        clock.now = start + work_s * step / steps
        report(step / steps, "Reading")
    return told


def test_thousands_of_reports_are_passed_on_four_times_a_second():
    told = told_by(60.0, 12_000, Clock())
    assert 235 <= len(told) <= 241
    assert told[0] == (0.0, "Reading (0%)")


def test_the_time_left_is_true_for_steady_work():
    for passed_s, text in told_by(60.0, 12_000, Clock()):
        left = re.search(r"about (\d+) s left", text)
        if left:
            assert int(left[1]) == pytest.approx(60.0 - passed_s, abs=3.0)
        else:
            assert passed_s < 2.0 or passed_s > 54.0 or "min left" in text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "a few seconds"), (7.0, "about 5 s"), (33.0, "about 35 s"), (58.0, "about 1 min"), (200.0, "about 3 min")],
)
def test_times_left_in_words(seconds, words):
    assert time_left(seconds) == f"{words} left"


def test_cancelling_passes_through():
    def cancel(fraction, text):
        raise Cancelled

    with pytest.raises(Cancelled):
        paced(cancel)(0.0, "Reading")
