"""The time line: doses in lanes with visits and forecasts as data; where it all goes, and what can be done to it."""

from .drawing import Drawing, around, draw, ghost, ghost_label
from .editing import (
    Edit,
    add,
    add_after,
    applied,
    copy_cycle,
    delete,
    joined,
    move,
    nudge,
    resize,
    resize_to,
    step_size,
    usual_step,
)
from .lanes import Lane, PlacedDose, TimeLine, Visit, beside, lane_key, lanes_of, snapped
from .places import Place, Places, lay_out
from .scale import Span, date_of_day, zoomed
from .strips import Forecast, Strip, state_strip, window_strip
from .words import broken_doses, day_text, said_of_broken, said_of_dose, said_of_place

__all__ = [
    "Drawing",
    "Edit",
    "Forecast",
    "Lane",
    "Place",
    "PlacedDose",
    "Places",
    "Span",
    "Strip",
    "TimeLine",
    "Visit",
    "add",
    "add_after",
    "applied",
    "around",
    "beside",
    "broken_doses",
    "copy_cycle",
    "date_of_day",
    "day_text",
    "delete",
    "draw",
    "ghost",
    "ghost_label",
    "joined",
    "lane_key",
    "lanes_of",
    "lay_out",
    "move",
    "nudge",
    "resize",
    "resize_to",
    "said_of_broken",
    "said_of_dose",
    "said_of_place",
    "snapped",
    "state_strip",
    "step_size",
    "usual_step",
    "window_strip",
    "zoomed",
]
