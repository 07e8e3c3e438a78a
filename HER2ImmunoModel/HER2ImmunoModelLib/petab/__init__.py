"""Problems of parameter estimation shared with other tools, in the files of PEtab 1."""

from .calibrating import calibrate_problem
from .foreign_model import FROM_FILE
from .objective import objective
from .problem import PetabProblem, problem_of, problem_of_shares
from .reading import read_petab
from .writing import write_petab

__all__ = [
    "FROM_FILE",
    "PetabProblem",
    "calibrate_problem",
    "objective",
    "problem_of",
    "problem_of_shares",
    "read_petab",
    "write_petab",
]
