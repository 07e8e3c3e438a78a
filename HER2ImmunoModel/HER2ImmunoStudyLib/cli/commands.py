"""The commands, in the order of the help page."""

from . import calibrate, dce, demo, hypoxia, models, optimize, phantom, rank, simulate, study, suv

COMMANDS = (demo, study, dce, suv, hypoxia, calibrate, simulate, rank, optimize, models, phantom)
