"""Runs inside Slicer: every library file is where its CMake list should have put it, and imports."""

import importlib
import pkgutil
import unittest

LIBRARIES = ("HER2ImmunoCommonLib", "QuantDCELib", "PETHypoxiaLib", "HER2ImmunoModelLib", "HER2ImmunoStudyLib")


class HER2ImmunoImportTest(unittest.TestCase):
    """Imports the libraries that Slicer's module paths offer."""

    def test_every_library_file_imports(self):
        for library in LIBRARIES:
            package = importlib.import_module(library)
            for found in pkgutil.walk_packages(package.__path__, prefix=f"{library}."):
                with self.subTest(file=found.name):
                    importlib.import_module(found.name)
