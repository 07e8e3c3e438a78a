"""The whole path of one subject: study description, analysis of every visit, report."""

from .sample_data import load_images, load_tables, show_sample

__all__ = [
    "load_images",
    "load_tables",
    "show_sample",
]
