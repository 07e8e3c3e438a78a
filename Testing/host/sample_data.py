"""`SampleData`: what modules register there, refused as Slicer 5.12 refuses it, and the buttons made of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import qt
import slicer

PER_FILE = ("fileNames", "nodeNames", "loadFiles", "loadFileTypes", "checksums")


@dataclass
class SampleDataSource:
    """One sample. `uris` decides how many files it has: without it Slicer fails, an empty list means none."""

    sampleName: str | None = None
    sampleDescription: str | None = None
    uris: list | str | None = None
    fileNames: list | str | None = None
    nodeNames: list | str | None = None
    checksums: list | str | None = None
    loadFiles: list | bool | None = None
    customDownloader: object = None
    thumbnailFileName: str | None = None
    loadFileTypes: list | str | None = None
    loadFileProperties: dict | None = field(default_factory=dict)
    loadFileType: list | str | None = None

    def __post_init__(self):
        if self.loadFileType is not None:
            raise NotImplementedError("loadFileType is deprecated: use loadFileTypes.")
        self.sampleDescription = self.sampleDescription or self.sampleName
        if isinstance(self.uris, str):
            self.uris = [self.uris]
            for name in PER_FILE:
                setattr(self, name, [getattr(self, name)])
        elif self.uris is not None:
            self._fill_in(len(self.uris))
        lengths = [len(getattr(self, name)) for name in ("uris", *PER_FILE)]
        if len(set(lengths)) != 1:
            raise ValueError(f"All fields of sample data source must have the same length, not {lengths}")

    def _fill_in(self, count: int) -> None:
        if self.loadFileTypes is None or isinstance(self.loadFileTypes, str):
            self.loadFileTypes = [self.loadFileTypes] * count
        for name in ("nodeNames", "loadFiles", "checksums"):
            if getattr(self, name) is None:
                setattr(self, name, [None] * count)


class SampleDataLogic:
    """Keeps sources in `slicer.modules.sampleDataSources`, by category."""

    @staticmethod
    def registerCustomSampleDataCategory(category, title):
        SampleDataLogic._dictionary("sampleDataSourceCategories").setdefault(category, {})["title"] = title

    @staticmethod
    def registerCustomSampleDataSource(
        category="Custom",
        sampleName=None,
        uris=None,
        fileNames=None,
        nodeNames=None,
        customDownloader=None,
        thumbnailFileName=None,
        loadFileTypes=None,
        loadFiles=None,
        loadFileProperties={},  # noqa: B006  (Slicer's signature)
        checksums=None,
        loadFileType=None,
    ):
        """As in Slicer, the category is there even if its source is refused."""
        sources = SampleDataLogic._dictionary("sampleDataSources").setdefault(category, [])
        source = SampleDataSource(
            sampleName=sampleName,
            uris=uris,
            fileNames=fileNames,
            nodeNames=nodeNames,
            customDownloader=customDownloader,
            thumbnailFileName=thumbnailFileName,
            loadFileTypes=loadFileTypes,
            loadFiles=loadFiles,
            loadFileProperties=loadFileProperties,
            checksums=checksums,
            loadFileType=loadFileType,
        )
        if source not in sources:
            sources.append(source)

    @staticmethod
    def categoryTitle(category):
        return SampleDataLogic._dictionary("sampleDataSourceCategories").get(category, {}).get("title", category)

    @staticmethod
    def sampleDataSourcesByCategory(category=None):
        sources = SampleDataLogic._dictionary("sampleDataSources")
        return sources if category is None else sources.get(category, [])

    @staticmethod
    def isSampleDataSourceRegistered(category, sampleDataSource):
        return sampleDataSource in SampleDataLogic.sampleDataSourcesByCategory(category)

    def sourceForSampleName(self, sampleName):
        sources = [source for each in self.sampleDataSourcesByCategory().values() for source in each]
        return next((source for source in sources if source.sampleName == sampleName), None)

    @staticmethod
    def _dictionary(name: str) -> dict:
        if not hasattr(slicer.modules, name):
            setattr(slicer.modules, name, {})
        return getattr(slicer.modules, name)


class SampleData:
    """The module: its class, when registered."""

    def __init__(self, parent):
        parent.title = "Sample Data"
        SampleDataLogic.sampleDataSourcesByCategory()  # the dictionary is there from now on


class SampleDataWidget:
    """Its panel, made when it is first opened of what is registered by then."""

    def __init__(self, parent):
        self.parent = parent

    def setup(self):
        for category, sources in SampleDataLogic.sampleDataSourcesByCategory().items():
            self._add(category, sources)

    def _add(self, category, sources) -> None:
        """A group box and a button a sample, with Slicer's names, properties and texts."""
        frame = qt.QGroupBox(SampleDataLogic.categoryTitle(category), self.parent)
        frame.setObjectName(f"{category}CollapsibleGroupBox")
        frame.setProperty("sampleDataCategory", category)
        rows = qt.QVBoxLayout(frame)
        self.parent.layout().addWidget(frame)
        for source in sources:
            button = qt.QToolButton(frame)
            button.setText(source.sampleDescription or source.nodeNames[0])
            button.setIcon(qt.QIcon(source.thumbnailFileName or ""))
            button.setObjectName(f"{source.sampleName}PushButton")
            button.connect("clicked()", lambda source=source: source.customDownloader(source))
            rows.addWidget(button)
