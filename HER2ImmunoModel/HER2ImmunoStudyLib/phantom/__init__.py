"""A digital patient with known truth, as the DICOM of a scanner; its physics is not that of the analysis."""
