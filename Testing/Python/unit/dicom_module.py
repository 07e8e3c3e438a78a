"""What the application's DICOM module has and leaves: its database over a folder, and nodes with the attributes of its
plugins (MultiVolumeImporterPlugin, DICOMScalarVolumePlugin)."""

from pathlib import Path

import numpy as np

UNITS = {"AcquisitionTime": "ms", "ContentTime": "ms", "FlipAngle": "degrees", "TemporalPositionIdentifier": "count"}
INSTANCES = "DICOM.instanceUIDs"


class Database:
    """The methods of ctkDICOMDatabase that are asked, over the files of folders."""

    isOpen = True  # a property in the application

    def __init__(self, *folders):
        import pydicom

        paths = [path for folder in folders for path in sorted(Path(folder).rglob("*.dcm"))]
        self.headers = {str(path): pydicom.dcmread(path, stop_before_pixels=True) for path in paths}
        self.files = {str(header.SOPInstanceUID): path for path, header in self.headers.items()}

    def fileForInstance(self, uid):
        return self.files.get(uid, "")

    def filesForSeries(self, uid, hits=-1):
        return [path for path, header in self.headers.items() if str(header.SeriesInstanceUID) == uid]

    def fileValue(self, path, tag):
        element = self.headers[path].get(tuple(int(part, 16) for part in tag.split(",")))
        if element is None or element.value is None:
            return ""
        return "\\".join(map(str, element.value)) if element.VM > 1 else str(element.value)

    def instanceValue(self, uid, tag):
        return self.fileValue(self.files[uid], tag) if uid in self.files else ""


class ClosedDatabase:
    """It prints an error at each question in the application; here it raises one."""

    isOpen = False

    def __getattr__(self, name):
        raise AssertionError(f"a closed database was asked for {name}")


def frames_in(folder, tag):
    """Headers with pixels of each frame, sorted in space, and the value of `tag` by which the importer told them."""
    from HER2ImmunoCommonLib.dicom import order_slices, scan

    groups = {}
    for series in scan(folder, pixels=True):
        for header in series.headers:
            groups.setdefault(_value(header, tag), []).append(header)
    return [order_slices(groups[value])[0] for value in sorted(groups)], sorted(groups)


def load_sequence(scene, folder, tag, name="1000: MR DCE dynamic - frames Volume Sequence"):
    """A volume sequence with its browser; its instances are on its frames and on the item of the volume shown."""
    frames, labels = frames_in(folder, tag)
    node = scene.AddNewNodeByClass("vtkMRMLSequenceNode", name)
    node.SetIndexName("")
    node.SetIndexUnit("")
    _label(node, frames, labels, tag)
    for number, headers in enumerate(frames):
        volume = _volume(scene, headers, "frame")
        node.SetDataNodeAtValue(volume, str(number))
        _remove(scene, volume)
    browser = scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode", f"{name} browser")
    browser.SetAndObserveMasterSequenceNodeID(node.GetID())
    _add_to_hierarchy(scene, browser.GetProxyNode(node), [header for headers in frames for header in headers])
    return node


def load_multivolume(scene, folder, tag, name="1000: MR DCE dynamic - 60 frames MultiVolume by AcquisitionTime"):
    """All frames in the components of one volume; slicer-core has no vtkMRMLMultiVolumeNode, which is like this one."""
    import slicer
    import vtk

    frames, labels = frames_in(folder, tag)
    node = scene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", name)
    arrays, matrix = [], vtk.vtkMatrix4x4()
    for headers in frames:
        volume = _volume(scene, headers, "frame")
        arrays.append(slicer.util.arrayFromVolume(volume).copy())
        volume.GetIJKToRASMatrix(matrix)
        _remove(scene, volume)
    slicer.util.updateVolumeFromArray(node, np.stack(arrays, axis=-1))
    node.SetIJKToRASMatrix(matrix)
    _label(node, frames, labels, tag)
    every = [header for headers in frames for header in headers]
    node.SetAttribute(INSTANCES, _uids(every))
    _add_to_hierarchy(scene, node, every)
    return node


def load_volumes(scene, folder, tag):
    """One volume a frame, each with its instances."""
    frames, _ = frames_in(folder, tag)
    nodes = [_volume(scene, headers, f"{headers[0].SeriesNumber}: MR volume") for headers in frames]
    for node, headers in zip(nodes, frames, strict=True):
        _add_to_hierarchy(scene, node, headers)
    return nodes


def _value(header, tag):
    value = header.get(tag)
    if not tag.endswith("Time"):
        return float(value)
    text = str(value)
    return 1000.0 * (3600 * int(text[:2]) + 60 * int(text[2:4]) + float(text[4:]))


def _label(node, frames, labels, tag):
    first = labels[0] if tag in ("AcquisitionTime", "ContentTime") else 0.0
    node.SetAttribute("MultiVolume.FrameLabels", ",".join(str(label - first) for label in labels))
    node.SetAttribute("MultiVolume.FrameIdentifyingDICOMTagName", tag)
    node.SetAttribute("MultiVolume.FrameIdentifyingDICOMTagUnits", UNITS[tag])
    node.SetAttribute("MultiVolume.NumberOfFrames", str(len(frames)))
    for other in {"EchoTime", "RepetitionTime", "FlipAngle"} - {tag}:
        node.SetAttribute(f"MultiVolume.DICOM.{other}", str(frames[-1][0].get(other)))


def _volume(scene, headers, name):
    from HER2ImmunoCommonLib.dicom import load_volume
    from HER2ImmunoCommonLib.scene import node_from_volume

    node = node_from_volume(scene, load_volume(headers), name)
    node.SetAttribute(INSTANCES, _uids(headers))
    return node


def _remove(scene, volume):
    for part in (volume.GetDisplayNode(), volume.GetStorageNode(), volume):
        if part is not None:
            scene.RemoveNode(part)


def _add_to_hierarchy(scene, node, headers):
    import slicer

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    item = hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
    hierarchy.SetItemUID(item, "DICOM", str(headers[0].SeriesInstanceUID))
    hierarchy.SetItemUID(item, "DICOMInstanceUID", _uids(headers))


def _uids(headers):
    return " ".join(str(header.SOPInstanceUID) for header in headers)
