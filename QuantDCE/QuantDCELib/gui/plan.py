"""What a computation would do with the present choices, in one sentence."""

from __future__ import annotations

from HER2ImmunoCommonLib.errors import InputError
from HER2ImmunoCommonLib.scene import segment_name
from slicer.i18n import tr as _

from ..analysis.settings import BEST_MODEL, REFERENCE_MODELS, SEMI_QUANTITATIVE, DceSettings
from ..scene.choices import TABLE, settings_of
from ..scene.found_motion import is_corrected
from ..scene.summary import model_label
from . import labels


def plan(parameters) -> str:
    """Model, region, input and T1 of what *Compute* would do; what is wrong where they cannot be used."""
    try:
        settings = settings_of(parameters)
    except InputError as error:
        return str(error)
    return " ".join(filter(None, (_work(parameters, settings), _series(parameters))))


def _work(parameters, settings: DceSettings) -> str:
    where = _where(parameters)
    if settings.model == SEMI_QUANTITATIVE:
        return _(
            "Measures enhancement, wash-in, wash-out, SER and functional tumour volume {where}; fits no model."
        ).format(where=where)
    return _("Fits {what} to each voxel {where}, with {input}, {t1} and {r1}.").format(
        what=_model(settings), where=where, input=_input(parameters, settings), t1=_t1(parameters), r1=_r1(settings)
    )


def _series(parameters) -> str:
    return _("The series is corrected for motion.") if is_corrected(parameters.dynamic) else ""


def _model(settings: DceSettings) -> str:
    if settings.model == BEST_MODEL:
        return _("the best of {models}").format(models=", ".join(model_label(name) for name in settings.candidates))
    return _("the model {name}").format(name=model_label(settings.model))


def _where(parameters) -> str:
    name = segment_name(parameters.segmentation, parameters.segmentId)
    if not parameters.wholeVolume:
        return _("of {name}").format(name=name) if name else _("of the tumour (not chosen yet)")
    return _("of the whole volume, measured in {name}").format(name=name) if name else _("of the whole volume")


def _input(parameters, settings: DceSettings) -> str:
    unknown = _("(not chosen yet)")
    if settings.model in REFERENCE_MODELS:
        name = segment_name(parameters.referenceSegmentation, parameters.referenceSegmentId)
        return _("the curve of the reference tissue {name} in place of an input").format(name=name or unknown)
    if parameters.aif == "roi":
        name = segment_name(parameters.arterySegmentation, parameters.arterySegmentId)
        return _("the input measured in the artery {name}").format(name=name or unknown)
    if parameters.aif == "auto":
        return _("the input measured in an artery found automatically")
    if parameters.aif == TABLE:
        return _("the input of the table {name}").format(name=_nameOf(parameters.aifTable) or unknown)
    if parameters.aif == "file":
        return _("the input of a CSV file")
    return _("the input {name}").format(name=labels.INPUTS[parameters.aif])


def _t1(parameters) -> str:
    unknown = _("(not chosen yet)")
    if parameters.t1Source == "fixed":
        value = parameters.t1S.strip()
        return _("T1 of {value} s").format(value=value) if value else _("T1 (not given yet)")
    node = parameters.vfa if parameters.t1Source == "vfa" else parameters.t1Map
    return _("T1 from {name}").format(name=_nameOf(node) or unknown)


def _r1(settings: DceSettings) -> str:
    if settings.agent:
        return _("the relaxivity of {agent}").format(agent=settings.agent)
    return _("r1 {value:g} /mM/s").format(value=settings.r1_per_mM_s)


def _nameOf(node) -> str:
    return "" if node is None else node.GetName()
