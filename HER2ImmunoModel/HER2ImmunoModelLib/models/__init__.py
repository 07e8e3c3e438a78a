"""What a tumour model is, the models there are, and their descriptions on disk."""

from .covariates import with_covariate
from .descriptions import describe, read_model, write_model
from .library import family, get, names
from .model import Drug, Model, State, targeted_and_cytotoxic
from .parameters import Parameter

__all__ = [
    "Drug",
    "Model",
    "Parameter",
    "State",
    "describe",
    "family",
    "get",
    "names",
    "read_model",
    "targeted_and_cytotoxic",
    "with_covariate",
    "write_model",
]
