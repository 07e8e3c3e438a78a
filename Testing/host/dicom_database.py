"""`slicer.dicomDatabase` on a folder of real DICOM files; while it is not open every query is a complaint."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Property, QObject, Signal

from .complaints import complain
from .pythonqt import declared_by_host

FIELDS = {"PatientsName": "PatientName", "PatientsBirthDate": "PatientBirthDate", "PatientsSex": "PatientSex"}


def _query(empty):
    """Decorator of a method that a database which is not open answers with `empty` and an SQL error."""

    def decorate(function):
        def ask(self, *arguments):
            if not self._open:
                complain(f"SQL error: {function.__name__}: Driver not loaded: the DICOM database is not open")
                return empty
            return function(self, *arguments)

        ask.__name__, ask.__doc__ = function.__name__, function.__doc__
        return ask

    return decorate


@declared_by_host
class ctkDICOMDatabase(QObject):
    """CTK's queries; the index of a patient is the text of its ID."""

    isOpen = Property(bool, lambda self: self._open)
    databaseDirectory = Property(str, lambda self: self._folder)

    opened = Signal()
    closed = Signal()
    databaseChanged = Signal()

    def __init__(self, folder: Path | None = None):
        super().__init__()
        self._headers, self._paths, self._folder, self._open = {}, {}, str(folder or ""), folder is not None
        if folder is not None:
            self._index(Path(folder))

    def _index(self, folder: Path) -> None:
        import pydicom

        for path in sorted(folder.rglob("*")):
            if path.is_file() and pydicom.misc.is_dicom(path):
                header = pydicom.dcmread(path, stop_before_pixels=True)
                self._headers[str(path)] = header
                self._paths[str(header.SOPInstanceUID)] = str(path)

    def closeDatabase(self):
        self._open = False
        self.closed.emit()

    def _unique(self, wanted: str, **where) -> list[str]:
        """Values of one element, each once, of the files in which others have the values given."""
        found = [
            str(header.get(wanted, ""))
            for header in self._headers.values()
            if all(str(header.get(name, "")) == value for name, value in where.items())
        ]
        return list(dict.fromkeys(found))

    def _first(self, wanted: str, **where) -> str:
        return next(iter(self._unique(wanted, **where)), "")

    @_query([])
    def patients(self):
        return self._unique("PatientID")

    @_query([])
    def studiesForPatient(self, patientUID):
        return self._unique("StudyInstanceUID", PatientID=patientUID)

    @_query([])
    def seriesForStudy(self, studyUID):
        return self._unique("SeriesInstanceUID", StudyInstanceUID=studyUID)

    @_query([])
    def instancesForSeries(self, seriesUID, hits=-1):
        return self._unique("SOPInstanceUID", SeriesInstanceUID=seriesUID)[: hits if hits > 0 else None]

    @_query("")
    def studyForSeries(self, seriesUID):
        return self._first("StudyInstanceUID", SeriesInstanceUID=seriesUID)

    @_query("")
    def patientForStudy(self, studyUID):
        return self._first("PatientID", StudyInstanceUID=studyUID)

    @_query([])
    def filesForSeries(self, seriesUID, hits=-1):
        found = [path for path, header in self._headers.items() if str(header.SeriesInstanceUID) == seriesUID]
        return found[: hits if hits > 0 else None]

    @_query("")
    def fileForInstance(self, sopInstanceUID):
        return self._paths.get(sopInstanceUID, "")

    @_query("")
    def seriesForFile(self, fileName):
        return str(self._headers[fileName].SeriesInstanceUID) if fileName in self._headers else ""

    @_query("")
    def instanceForFile(self, fileName):
        return str(self._headers[fileName].SOPInstanceUID) if fileName in self._headers else ""

    @_query([])
    def allFiles(self):
        return list(self._headers)

    @_query("")
    def descriptionForSeries(self, seriesUID):
        return self._first("SeriesDescription", SeriesInstanceUID=seriesUID)

    @_query("")
    def descriptionForStudy(self, studyUID):
        return self._first("StudyDescription", StudyInstanceUID=studyUID)

    @_query("")
    def nameForPatient(self, patientUID):
        return self._first("PatientName", PatientID=patientUID)

    @_query("")
    def fieldForSeries(self, field, seriesInstanceUID):
        return self._first(FIELDS.get(field, field), SeriesInstanceUID=seriesInstanceUID)

    @_query("")
    def fieldForStudy(self, field, studyInstanceUID):
        return self._first(FIELDS.get(field, field), StudyInstanceUID=studyInstanceUID)

    @_query("")
    def fieldForPatient(self, field, patientUID):
        return self._first(FIELDS.get(field, field), PatientID=patientUID)

    @_query("")
    def instanceValue(self, sopInstanceUID, tag, element=None):
        """Text of an element; `tag` is "0008,103e", or the group where `element` is given."""
        return self._value(self._paths.get(sopInstanceUID, ""), tag, element)

    @_query("")
    def fileValue(self, fileName, tag, element=None):
        """Text of an element; a file that is not in the database is read."""
        return self._value(fileName, tag, element)

    def _value(self, path: str, tag, element) -> str:
        import pydicom

        group, element = (int(part, 16) for part in tag.split(",")) if element is None else (tag, element)
        header = self._headers.get(path)
        if header is None and not Path(path).is_file():
            return ""
        header = header if header is not None else pydicom.dcmread(path, stop_before_pixels=True)
        value = header[group, element].value if (group, element) in header else None
        many = isinstance(value, pydicom.multival.MultiValue)
        return "" if value is None else "\\".join(map(str, value)) if many else str(value)
