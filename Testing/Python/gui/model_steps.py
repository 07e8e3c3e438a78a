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
