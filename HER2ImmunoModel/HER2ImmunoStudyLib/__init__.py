"""From DICOM to report for one subject, the virtual patient, and the command line: it stands on all other libraries."""
