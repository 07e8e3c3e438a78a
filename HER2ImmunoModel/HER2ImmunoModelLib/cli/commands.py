"""The commands, in the order of the help page."""

from . import calibrate, dce, demo, hypoxia, phantom, simulate, study, suv

COMMANDS = (demo, study, dce, suv, hypoxia, calibrate, simulate, phantom)
