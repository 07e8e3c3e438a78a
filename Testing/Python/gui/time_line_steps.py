"""What a person does with the time line of the tumour model's panel, by mouse and keys, and sees in it."""


def cells(panel):
    """Header and lines of the treatment table."""
    from HER2ImmunoCommonLib.scene import read_cells

    return read_cells(panel.parameters.treatments)


def at_dose(view, drug, day):
    """The middle of a dose."""
    number, lane = next((n, lane) for n, lane in enumerate(view.line.lanes) if lane.label == drug)
    dose = next(dose for dose in lane.doses if dose.day == day)
    box = view.places.dose_box(number, dose)
    return point(box.x + box.width / 2, box.y + box.height / 2)


def in_lane(view, drug, day):
    """A place of a lane at a day."""
    number = [lane.label for lane in view.line.lanes].index(drug)
    return point(view.places.scale.x(day), view.places.lane_tops[number] + view.places.lane_height / 2)


def point(x, y):
    from PySide6.QtCore import QPoint

    return QPoint(round(x), round(y))


def click(view, place):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def hold(view, start, stop):
    """Press at a place and move to another, in steps as a hand does."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    for share in (0.3, 0.7, 1.0):
        x, y = (round(a + share * (b - a)) for a, b in ((start.x(), stop.x()), (start.y(), stop.y())))
        QTest.mouseMove(view, QPoint(x, y))


def let_go(view, place):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def drag(view, start, stop):
    hold(view, start, stop)
    let_go(view, stop)


def press(view, key, shift=False):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    QTest.keyClick(view, getattr(Qt.Key, key), modifier)


def hold_key(view, key, times):
    """Hold a key until it has repeated itself so many times."""
    import qt

    for _time in range(times):
        event = qt.QKeyEvent(qt.QEvent.KeyPress, getattr(qt.Qt, key), qt.Qt.NoModifier, "", True)
        qt.QApplication.sendEvent(view, event)


def wait_for_writing(section):
    """Let what was gathered be written."""
    import time

    import slicer

    stop = time.monotonic() + 10.0
    while section._gathered is not None and time.monotonic() < stop:
        slicer.app.processEvents()
        time.sleep(0.01)


def wait_for_forecast(panel):
    """Let what is shown be of the present doses."""
    import time

    import slicer

    stop = time.monotonic() + 60.0
    while panel.live.isBusy and time.monotonic() < stop:
        slicer.app.processEvents()
    assert not panel.live.isBusy


def hover(view, place):
    """Move the mouse to a place, no button held."""
    import qt
    from PySide6.QtCore import QEvent, QPointF, Qt

    none = Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    where, there = QPointF(place), QPointF(view.mapToGlobal(place))
    qt.QApplication.sendEvent(view, qt.QMouseEvent(QEvent.Type.MouseMove, where, there, *none))


def turn(view, place, notches, ctrl=False):
    """Turn the wheel over a place; whether the view took it."""
    import qt

    hover(view, place)
    where = qt.QPointF(place.x(), place.y())
    modifier = qt.Qt.ControlModifier if ctrl else qt.Qt.NoModifier
    turned = qt.QPoint(0, 120 * notches)
    wheel = qt.QWheelEvent(where, where, turned, turned, qt.Qt.NoButton, modifier, qt.Qt.NoScrollPhase, False)
    qt.QApplication.sendEvent(view, wheel)
    return wheel.isAccepted()


def menu_at(section, place):
    """Open the menu of a place by a right click, and give its entries by their text."""
    import qt
    from PySide6.QtGui import QContextMenuEvent

    view = section.view
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.mapToGlobal(place))
    qt.QApplication.sendEvent(view, event)
    found = {action.text: action for action in section.menu.actions() if action.text}
    section.menu.close()
    return found


def drugs_offered(section):
    """Open the menu of drugs that have no lane, and give its entries by their text."""
    section.addButton.click()
    found = {action.text: action for action in section.drugMenu.actions()}
    section.drugMenu.close()
    return found


def picture_of(panel, width):
    """The time line alone, as wide as in an application whose module panel has this width."""
    from layout_check import settle, show_at

    settle(show_at(panel, width))
    return panel.timeLine.grab()


def visits(panel, days, **values):
    """A measurement table with visits on days."""
    import slicer
    from HER2ImmunoCommonLib.measurements import Measurement
    from HER2ImmunoCommonLib.scene import write_table

    rows = [Measurement(f"day {day:g}", day, {"volume_cm3": 8.0 / (1.0 + 0.01 * day), **values}) for day in days]
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Patient")
    write_table(rows, node)
    panel.parameters.measurements = node
    return node


def days(view, drug):
    return [dose.day for lane in view.line.lanes if lane.label == drug for dose in lane.doses]
