"""What a person does with the panel of the tumour model, and sees in it."""


def run(section):
    """Open a section, click its button, and give what it shows."""
    if section.section.inherits("ctkCollapsibleButton"):
        section.section.collapsed = False
    section.runBar.button.click()
    assert section.runBar.status.look == "ok", section.runBar.status.text
    return section.view


def fill(panel, regimen, start=""):
    """Fill the treatment table from a regimen."""
    panel.regimens.regimen.choose(regimen)
    panel.regimens.start.write(start)
    panel.regimens.replaceButton.click()


def shown(table):
    """The cells of a table, line by line."""
    return [[table.item(row, c).text() for c in range(table.columnCount)] for row in range(table.rowCount)]


def numbers(panel, role, column):
    """A column of a result table."""
    table = panel.parameters.parameterNode.GetNodeReference(role).GetTable()
    return [table.GetValueByName(row, column).ToDouble() for row in range(table.GetNumberOfRows())]


def in_both_looks(panel, host, photograph, name, width=440):
    """Photograph the panel on a light and on a dark theme."""
    import qt
    from test_model_time_line_shown import dark

    light = qt.QApplication.palette()
    try:
        for look, palette in (("light", light), ("dark", dark(host))):
            qt.QApplication.setPalette(palette)
            photograph(panel.widget, f"{name}-{look}", width)
    finally:
        qt.QApplication.setPalette(light)
