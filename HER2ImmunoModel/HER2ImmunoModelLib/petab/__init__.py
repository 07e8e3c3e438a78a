"""Problems of parameter estimation shared with other tools, in the files of PEtab 1."""

from .objective import objective
from .problem import PetabProblem, problem_of, problem_of_shares
from .writing import write_petab

__all__ = [
    "PetabProblem",
    "objective",
    "problem_of",
    "problem_of_shares",
    "write_petab",
]
