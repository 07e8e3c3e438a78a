"""A panel goes with its module: nothing of it, or of the product, keeps it once it was cleaned up and deleted."""

import gc
import weakref

import pytest

MODULES = ("QuantDCE", "PETHypoxia", "HER2ImmunoModel")


def opened(host, name):
    """Open a module's panel, leave it and open it again, and give what is to go with it, by name."""
    widget = host.load_module(name)
    panel = widget.panel
    widget.exit()
    widget.enter()
    parts = {type(part).__name__: part for part in (panel.form, panel.runBar, panel.offering, *panel.parts)}
    kept = {"widget": widget, "panel": panel, "parent": widget.parent, **parts}
    return {name: weakref.ref(each) for name, each in kept.items()}


def left(refs):
    gc.collect()
    return sorted(name for name, ref in refs.items() if ref() is not None)


@pytest.mark.parametrize("name", MODULES)
def test_nothing_of_a_panel_is_left_when_its_module_is_unloaded(host, scene, name):
    refs = opened(host, name)
    assert left(refs) == sorted(refs)
    host.unload_all()
    assert left(refs) == []


@pytest.mark.parametrize("name", MODULES)
def test_a_panel_leaves_no_observer_on_its_parameter_node(host, scene, name):
    widget = host.load_module(name)
    node = widget.panel.parameters.parameterNode
    assert node.HasObserver("ModifiedEvent")
    del widget
    host.unload_all()
    assert not node.HasObserver("ModifiedEvent")


def test_widgets_to_be_deleted_later_are_gone_after_the_test(host, scene):
    import qt
    import shiboken6

    widget = qt.QWidget()
    child = qt.QLabel("x", widget)
    widget.deleteLater()
    host.unload_all()
    assert not shiboken6.isValid(widget)
    assert not shiboken6.isValid(child)
