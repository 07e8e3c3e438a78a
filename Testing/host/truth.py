"""What `bool()` says of Qt objects in PythonQt: an empty layout is False, and so is whatever was deleted.

PythonQt gives a class that has `isNull`, `isEmpty` or `isValid` a truth of its own; the classes are those of its
wrappers for Qt 5.15. Every other QObject is True for as long as its C++ object lives.
"""

from __future__ import annotations

import shiboken6

NOT_EMPTY = """QBoxLayout QByteArray QFormLayout QGridLayout QHBoxLayout QItemSelection QItemSelectionRange QJsonArray
QJsonDocument QJsonObject QKeySequence QLayout QLayoutItem QMenu QPainterPath QPolygon QPolygonF QRect QRectF QRegion
QSize QSizeF QSpacerItem QStackedLayout QTextBlockFormat QTextCharFormat QTextDocument QTextDocumentFragment QTextFormat
QTextFrameFormat QTextImageFormat QTextList QTextListFormat QTextTableCellFormat QTextTableFormat QTranslator QUrl
QUrlQuery QVBoxLayout QWidgetItem QDir QProcessEnvironment"""
NOT_NULL = """QBitmap QIcon QImage QLine QLineF QMargins QMarginsF QPicture QPixmap QPoint QPointF QPrinterInfo
QQuaternion QTextCursor QUuid QVector2D QVector3D QVector4D"""
VALID = """QColor QColorSpace QDate QDateTime QElapsedTimer QMimeType QModelIndex QMovie QPageLayout QPageSize
QPersistentModelIndex QPrinter QRawFont QRegularExpression QRegularExpressionMatch QTextBlock QTextFragment QTextLine
QTextTableCell QTime QTimeZone"""
MEANINGS = {"isEmpty": (NOT_EMPTY, False), "isNull": (NOT_NULL, False), "isValid": (VALID, True)}


def _asks(method: str, meaning: bool):
    return lambda self: shiboken6.isValid(self) and getattr(self, method)() is meaning


def give_truth(named: dict[str, type], qobject: type) -> None:
    """Set `__bool__` of the classes in `named` (name to class) and of `qobject`, the base of all others."""
    qobject.__bool__ = lambda self: shiboken6.isValid(self)
    for method, (names, meaning) in MEANINGS.items():
        for name in names.split():
            if hasattr(named.get(name), method):
                named[name].__bool__ = _asks(method, meaning)
