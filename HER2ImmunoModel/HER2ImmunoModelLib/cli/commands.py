"""The commands, in the order of the help page."""

from . import dce, phantom, suv

COMMANDS = (phantom, dce, suv)
