"""Long work runs in a thread, reports on the main thread, stops when told to, and one piece at a time."""

import threading
import time

import pytest
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.progress import Cancelled


@pytest.fixture
def worker(host):
    from HER2ImmunoCommonLib.gui.worker import Worker

    return Worker()


def endless(report):
    while True:
        report(0.5, "working")
        time.sleep(0.005)


def test_the_result_comes_from_another_thread_and_progress_on_this_one(worker):
    threads = []

    def work(report):
        for step in range(4):
            report(step / 4, f"step {step}")
            time.sleep(0.05)
        return threading.get_ident()

    heard = []

    def progress(fraction, text):
        heard.append((fraction, text))
        threads.append(threading.get_ident())

    assert worker.run(work, progress) != threading.get_ident()
    assert set(threads) == {threading.get_ident()}
    assert heard == sorted(heard)
    assert heard[-1] == (0.75, "step 3")
    assert not worker.running


def test_events_are_handled_while_it_runs(worker):
    import qt

    ticks = []
    timer = qt.QTimer()
    timer.timeout.connect(lambda: ticks.append(1))
    timer.start(10)
    worker.run(lambda report: time.sleep(0.3), lambda fraction, text: None)
    timer.stop()
    assert len(ticks) > 3


def test_cancel_stops_the_work(worker):
    with pytest.raises(Cancelled):
        worker.run(endless, lambda fraction, text: worker.cancel())
    assert not worker.running
    assert worker.run(lambda report: 7, lambda fraction, text: None) == 7


def test_cancel_wins_over_work_that_just_finished(worker):
    def work(report):
        report(1.0, "done")
        time.sleep(0.1)
        return 7

    with pytest.raises(Cancelled):
        worker.run(work, lambda fraction, text: worker.cancel())


def test_an_error_is_raised_here(worker):
    def work(report):
        raise InputError("The folder is empty.")

    with pytest.raises(InputError, match="The folder is empty"):
        worker.run(work, lambda fraction, text: None)
    assert not worker.running


def test_an_error_while_showing_progress_stops_the_work(worker):
    def progress(fraction, text):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        worker.run(endless, progress)


def test_a_second_run_is_refused(worker):
    refused = []

    def progress(fraction, text):
        with pytest.raises(RuntimeError, match="already running"):
            worker.run(lambda report: 1, progress)
        refused.append(1)
        worker.cancel()

    with pytest.raises(Cancelled):
        worker.run(endless, progress)
    assert refused
