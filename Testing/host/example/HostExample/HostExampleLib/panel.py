"""The panel of the example: counts the voxels above a threshold, slowly."""

import time

import slicer
from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.gui import ModulePanel, SegmentSection
from HER2ImmunoCommonLib.progress import tell


class Panel(ModulePanel):
    """Form, segment section and run bar."""

    runText = "Count voxels"

    def build(self):
        self.segments = SegmentSection(self.ui.tumourSection, "HostExample.SegmentEditor")
        self.ui.tumourSection.layout().addWidget(self.segments)
        self.parts.append(self.segments)

    def reasonNotReady(self):
        return "Choose the image." if self.parameters.image is None else self.segments.reason()

    def onParametersChanged(self):
        self.segments.setSourceVolume(self.parameters.image)

    def start(self):
        parameters = self.parameters
        values = slicer.util.arrayFromVolume(parameters.image).copy()
        threshold, frames = parameters.threshold, parameters.frames

        def work(report):
            if values.max() <= threshold:
                raise InputError("No voxel is above the threshold; lower it.")
            for frame in range(frames):
                tell(report, frame / frames, f"Frame {frame + 1} of {frames}")
                time.sleep(0.02)
            return int((values > threshold).sum())

        def done(count):
            parameters.results = [str(count)]
            return f"{count} voxels are above the threshold."

        self.run(work, done)
