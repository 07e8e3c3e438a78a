"""Work in a thread of which only the latest counts."""

import threading
import time

import pytest
import slicer


@pytest.fixture
def told(host, scene, frame):
    """`told.latest`, what it said in `told.done` and `told.failed`, and `told.wait()`."""
    from HER2ImmunoCommonLib.gui import Latest

    class Told:
        def __init__(self):
            self.done, self.failed = [], []
            self.latest = Latest(frame, self.done.append, self.failed.append)

        def wait(self):
            stop = time.monotonic() + 20.0
            while self.latest.isBusy and time.monotonic() < stop:
                slicer.app.processEvents()
            assert not self.latest.isBusy

    told = Told()
    yield told
    told.latest.cleanup()


def test_what_was_asked_for_meanwhile_is_done_but_for_the_last_dropped(told):
    going, ran = threading.Event(), []

    def work(name):
        def run():
            ran.append(name)
            going.wait(20.0)
            return name

        return run

    for name in ("first", "second", "third"):
        told.latest.ask(work(name))
    going.set()
    told.wait()
    assert ran == ["first", "third"]
    assert told.done == ["first", "third"]


def test_it_is_told_on_the_main_thread_and_done_on_another(told):
    seen = []
    told.latest._done = lambda found: seen.extend([found, threading.get_ident()])
    told.latest.ask(threading.get_ident)
    told.wait()
    assert seen[0] != threading.get_ident() == seen[1]


def test_an_error_of_input_is_told_and_the_next_work_is_done(told):
    from HER2ImmunoCommonLib.errors import InputError

    def refuse():
        raise InputError("Not so.")

    told.latest.ask(refuse)
    told.wait()
    told.latest.ask(lambda: 1)
    told.wait()
    assert [str(error) for error in told.failed] == ["Not so."]
    assert told.done == [1]


def test_nothing_is_told_of_what_was_dropped(told):
    told.latest.ask(lambda: time.sleep(0.05))
    told.latest.ask(lambda: 2)
    told.latest.drop()
    for _turn in range(20):
        slicer.app.processEvents()
        time.sleep(0.01)
    assert told.done == []
    assert not told.latest.isBusy
