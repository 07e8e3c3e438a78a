"""The commands, in the order of the help page."""

from . import calibrate, dce, demo, hypoxia, optimize, phantom, simulate, study, suv

COMMANDS = (demo, study, dce, suv, hypoxia, calibrate, simulate, optimize, phantom)
