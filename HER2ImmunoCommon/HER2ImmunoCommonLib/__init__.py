"""What the three modules of HER2ImmunoImaging share: ROI statistics, tables, volumes, charts, progress, provenance."""

__version__ = "0.1.0"

RESEARCH_ONLY = "For research, not for diagnosing or treating patients."

__all__ = ["RESEARCH_ONLY", "__version__"]
