"""The run bar: start, cancel, progress, and every way the work can end."""

import time

import pytest
import slicer
from HER2ImmunoCommonLib.errors import InputError, Question, QuestionsError


@pytest.fixture
def bar(host, frame):
    from HER2ImmunoCommonLib.gui.run_bar import RunBar

    running, questions = [], []
    bar = RunBar(frame, "Compute maps", lambda: bar.run(*bar.task), running.append, questions.extend)
    bar.running_states, bar.questions = running, questions
    bar.task = (lambda report: 3, lambda result: f"{result} maps are ready.")
    bar.setMRMLScene(slicer.mrmlScene)
    yield bar
    bar.cleanup()


def endless(report):
    while True:
        report(0.5, "Fitting")
        time.sleep(0.005)


def refuse(result):
    raise AssertionError("a cancelled run must not store anything")


def later(action):
    import qt

    qt.QTimer.singleShot(60, action)


def test_the_button_starts_the_work_and_the_outcome_is_told(bar):
    bar.button.click()
    assert (bar.status.look, bar.status.text) == ("ok", "✓ 3 maps are ready.")
    assert bar.running_states == [True, False]


def test_the_button_cancels_while_the_work_runs(bar):
    seen = []

    def click():
        seen.append((bar.button.text, bar.progressBar.isHidden(), bar.progressBar.value, bar.status.text))
        bar.button.click()

    bar.task = (endless, refuse)
    later(click)
    bar.button.click()
    assert seen == [("Cancel", False, 50, "Fitting")]
    assert (bar.status.look, bar.status.text) == ("warning", "⚠ Cancelled: nothing was changed.")
    assert bar.button.text == "Compute maps"
    assert bar.button.enabled
    assert bar.progressBar.isHidden()
    assert bar.running_states == [True, False]


def test_a_second_run_is_refused(bar):
    answers = []
    bar.task = (endless, refuse)
    later(lambda: (answers.append(bar.run(lambda report: 1, refuse)), bar.cancel()))
    bar.button.click()
    assert answers == [False]


@pytest.mark.parametrize("where", ["work", "done"])
def test_refused_input_is_a_sentence_in_the_panel(bar, where):
    error = InputError("The segment is empty; draw it first.")

    def fail(_):
        raise error

    assert bar.run(*((fail, refuse) if where == "work" else (lambda report: 1, fail))) is False
    assert (bar.status.look, bar.status.text) == ("error", f"✗ {error}")
    assert bar.questions == []
    assert bar.button.enabled


@pytest.mark.parametrize(("keys", "words"), [(["dose"], "question"), (["dose", "weight"], "questions")])
def test_a_question_stands_where_it_is_answered_and_not_in_the_status_line_too(bar, keys, words):
    asked = [Question(key, f"What was the {key}?") for key in keys]

    def ask(_):
        raise QuestionsError(asked)

    assert bar.run(ask, refuse) is False
    assert bar.questions == asked
    assert (bar.status.look, bar.status.text) == ("warning", f"⚠ Answer the {words} above.")
    assert bar.button.enabled


def test_a_question_without_a_place_for_its_answer_is_a_sentence(host, frame):
    from HER2ImmunoCommonLib.gui.run_bar import RunBar

    def start():
        raise QuestionsError([Question("dose", "What was the dose?")])

    bar = RunBar(frame, "Compute maps", start)
    bar.button.click()
    assert bar.status.text == "✗ What was the dose?"
    bar.cleanup()


def test_input_refused_while_it_is_gathered_is_told_too(host, frame):
    from HER2ImmunoCommonLib.gui.run_bar import RunBar

    def start():
        raise InputError("The segment is empty; draw it first.")

    bar = RunBar(frame, "Compute maps", start)
    bar.button.click()
    assert bar.status.text == "✗ The segment is empty; draw it first."
    assert not host.slot_errors
    bar.cleanup()


def test_an_unexpected_error_on_click_is_logged_and_not_hidden(host, frame):
    from HER2ImmunoCommonLib.gui.run_bar import RunBar

    bar = RunBar(frame, "Compute maps", lambda: bar.run(lambda report: 1 / 0, refuse))
    bar.button.click()
    assert bar.status.look == "error"
    assert [type(error) for error in host.slot_errors] == [ZeroDivisionError]
    host.slot_errors.clear()
    bar.cleanup()


def test_an_unexpected_error_is_passed_on_and_the_bar_is_usable_again(bar):
    with pytest.raises(ZeroDivisionError):
        bar.run(lambda report: 1 / 0, refuse)
    assert bar.status.look == "error"
    assert bar.button.text == "Compute maps"
    assert bar.running_states == [True, False]


def test_not_ready_is_disabled_with_its_reason_inline_and_as_tool_tip(bar):
    bar.setReady(False, "Choose the tumour segment.")
    assert not bar.button.enabled
    assert bar.button.toolTip == "Choose the tumour segment."
    assert bar.status.text == "Choose the tumour segment."
    bar.setReady(True)
    assert bar.button.enabled
    assert bar.status.isHidden()


def test_being_still_ready_keeps_the_outcome_on_show(bar):
    bar.setReady(True)
    bar.button.click()
    bar.setReady(True)
    assert bar.status.text == "✓ 3 maps are ready."


def test_closing_the_scene_cancels_without_a_word_about_it(bar):
    bar.task = (endless, refuse)
    later(lambda: slicer.mrmlScene.Clear(0))
    bar.button.click()
    assert bar.running_states == [True, False]
    assert bar.status.text == ""
    bar.setReady(False, "Choose the tumour segment.")
    bar.setReady(True)
    bar.task = (endless, refuse)
    later(lambda: (slicer.mrmlScene.Clear(0), bar.setReady(False, "Choose the tumour segment.")))
    bar.button.click()
    assert (bar.status.look, bar.status.text) == ("plain", "Choose the tumour segment.")


def test_a_run_that_is_cancelled_after_another_scene_was_closed_says_so(bar):
    slicer.mrmlScene.Clear(0)
    bar.task = (endless, refuse)
    later(bar.cancel)
    bar.button.click()
    assert bar.status.text == "⚠ Cancelled: nothing was changed."


@pytest.mark.parametrize("palette", ["light_palette", "dark_palette"])
def test_the_looks_read_on_light_and_dark(frame, palette):
    """Contrast of at least 4.5 to 1 (WCAG AA) of each coloured look with the window behind it."""
    import qt
    from HER2ImmunoCommonLib.gui.status_line import StatusLine
    from host import application

    line = StatusLine(frame)
    frame.setPalette(getattr(application, palette)())
    plain = line.palette.color(qt.QPalette.WindowText).name()
    for look in ("ok", "warning", "error"):
        line.say(look, "A sentence.")
        assert contrast(*inkOf(line)) >= 4.5, look
    line.say("plain", "A sentence.")
    assert line.palette.color(qt.QPalette.WindowText).name() == plain


def test_what_was_said_is_read_after_the_theme_has_changed(frame):
    import qt
    from HER2ImmunoCommonLib.gui.status_line import StatusLine
    from host import application

    lines = {look: StatusLine(frame) for look in ("ok", "warning", "error")}
    for look, line in lines.items():
        line.say(look, "A sentence.")
    for palette in (application.dark_palette(), application.light_palette()):
        frame.setPalette(palette)
        application_events()
        for look, line in lines.items():
            assert line.palette.color(qt.QPalette.Window).name() == palette.color(qt.QPalette.Window).name()
            assert contrast(*inkOf(line)) >= 4.5, look


def application_events():
    for _ in range(3):
        slicer.app.processEvents()


def inkOf(label):
    """Colours of its text and of what is behind it."""
    import qt

    return label.palette.color(qt.QPalette.WindowText), label.palette.color(qt.QPalette.Window)


def contrast(one, other):
    def luminance(colour):
        shares = (channel / 255 for channel in (colour.red(), colour.green(), colour.blue()))
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_time_left_is_told_with_the_stage(bar, monkeypatch):
    from HER2ImmunoCommonLib import progress
    from HER2ImmunoCommonLib.gui.status_line import StatusLine

    told, now, say = [], [0.0], StatusLine.say

    def fits(report):
        for step in range(5):
            now[0] = 4.0 * step
            report(step / 5, "Fitting Extended Tofts")
            while len(told) < step and bar.running:
                time.sleep(0.005)
        return 3

    monkeypatch.setattr(StatusLine, "say", lambda line, look, text: (told.append(text), say(line, look, text)))
    monkeypatch.setattr("HER2ImmunoCommonLib.gui.run_bar.TimeLeft", lambda: progress.TimeLeft(lambda: now[0]))
    bar.task = (fits, lambda result: "Done.")
    bar.button.click()
    assert "Fitting Extended Tofts, about 10 s left" in told
    assert told[-1] == "Done."


@pytest.fixture(params=["QVBoxLayout", "QFormLayout", "widget"])
def elsewhere(bar, frame, request):
    """The bar, with its start button and another one in a section above it."""
    import qt

    section = qt.QWidget(frame)
    if request.param != "widget":
        getattr(qt, request.param)(section)
    bar.preview = qt.QPushButton("Preview", section)
    bar.preview.setToolTip("One slice at once")
    bar.placeButton(section if request.param == "widget" else section.layout(), bar.preview)
    bar.section = section
    return bar


def test_the_start_button_is_put_elsewhere_with_another_beside_it(elsewhere):
    assert elsewhere.section.isAncestorOf(elsewhere.button)
    assert elsewhere.section.isAncestorOf(elsewhere.preview)
    assert elsewhere.button.parentWidget() is elsewhere.preview.parentWidget()
    assert not elsewhere.isAncestorOf(elsewhere.button)
    assert elsewhere.cancelButton.isHidden()


def test_work_that_was_started_elsewhere_is_cancelled_at_the_foot(elsewhere):
    seen = []

    def click():
        buttons = elsewhere.button, elsewhere.preview, elsewhere.cancelButton
        seen.append([(each.text, each.enabled, each.isHidden()) for each in buttons])
        elsewhere.cancelButton.click()
        seen.append((elsewhere.cancelButton.text, elsewhere.cancelButton.enabled))

    elsewhere.task = (endless, refuse)
    later(click)
    elsewhere.button.click()
    running = [("Compute maps", False, False), ("Preview", False, False), ("Cancel", True, False)]
    assert seen == [running, ("Cancelling…", False)]
    assert elsewhere.status.text == "⚠ Cancelled: nothing was changed."
    assert (elsewhere.button.enabled, elsewhere.preview.enabled) == (True, True)
    assert (elsewhere.cancelButton.text, elsewhere.cancelButton.isHidden()) == ("Cancel", True)
    assert elsewhere.preview.toolTip == "One slice at once"


def test_what_is_not_ready_elsewhere_says_why_on_both_buttons(elsewhere):
    elsewhere.setReady(False, "Choose the tumour segment.")
    for button in (elsewhere.button, elsewhere.preview):
        assert (button.enabled, button.toolTip) == (False, "Choose the tumour segment.")
    assert elsewhere.status.text == "Choose the tumour segment."


def test_what_another_button_begins_is_told_as_what_the_start_button_does(elsewhere):
    def refused():
        raise InputError("The segment is empty; draw it first.")

    elsewhere.begin(refused)
    assert elsewhere.status.text == "✗ The segment is empty; draw it first."
    elsewhere.begin(lambda: elsewhere.run(lambda report: 1, lambda result: "One slice is ready."))
    assert elsewhere.status.text == "✓ One slice is ready."


def test_a_panel_with_steps_locks_those_and_nothing_else(example):
    import ctk
    from HER2ImmunoCommonLib.gui import Step, Steps

    panel, states = example.panel, []
    made = [ctk.ctkCollapsibleButton(panel.form) for _ in range(2)]
    names = ("compute", "look")
    panel.steps = Steps(
        [Step(s, n, n, lambda p: False, locked=n == "compute") for s, n in zip(made, names, strict=True)]
    )

    def look(report):
        states.append([panel.ui.inputs.enabled, *(step.body.enabled for step in panel.steps.steps)])

    panel.run(look, lambda result: "Done.")
    look(None)
    assert states == [[True, False, True], [True, True, True]]
