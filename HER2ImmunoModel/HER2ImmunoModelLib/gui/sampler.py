"""The one optional package, asked for where it is needed."""

from __future__ import annotations

import subprocess

from HER2ImmunoCommonLib.errors import InputError
from slicer.i18n import tr as _

PACKAGE = "emcee>=3.1,<4"


def ensureSampler() -> None:
    """Make sure that the sampler is installed, asking first.

    Raises
    ------
    InputError
        It was declined or could not be installed.
    """
    import slicer.packaging

    other = _("choose the posterior mode, which needs no package, or run again and allow it.")
    try:
        slicer.packaging.pip_ensure(PACKAGE, requester=_("HER2 Immuno Model"))
    except RuntimeError as error:
        raise InputError(_("The full posterior needs the package emcee, which was not installed; ") + other) from error
    except subprocess.CalledProcessError as error:
        raise InputError(_("The package emcee could not be installed (see the application log); ") + other) from error
