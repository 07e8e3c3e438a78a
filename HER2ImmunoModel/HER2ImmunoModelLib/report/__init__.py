"""The report of one subject: a page that explains itself, and its numbers, from what was found."""

from .content import GivenDose, LimitsChecked, ReportedScenario, SubjectReport
from .courses import Course, Quantiles, course_table, follow
from .files import page_of, report_numbers, report_tables, write_report
from .of_ranking import report_of_ranking
from .page import report_page
from .pdf import NO_BROWSER, find_browser, print_page
from .request import DrugGiven, ReportRequest, TriedScenario

__all__ = [
    "NO_BROWSER",
    "Course",
    "DrugGiven",
    "GivenDose",
    "LimitsChecked",
    "Quantiles",
    "ReportRequest",
    "ReportedScenario",
    "SubjectReport",
    "TriedScenario",
    "course_table",
    "find_browser",
    "follow",
    "page_of",
    "print_page",
    "report_numbers",
    "report_of_ranking",
    "report_page",
    "report_tables",
    "write_report",
]
