"""The stand-in's SampleData refuses what Slicer 5.12 refuses."""

import pytest
import slicer


@pytest.fixture
def logic(host):
    import SampleData

    return SampleData.SampleDataLogic


def load(source=None):
    return []


def test_an_unregistered_keyword_is_a_type_error(logic):
    with pytest.raises(TypeError, match="sampleDescription"):
        logic.registerCustomSampleDataSource(
            category="Ours", sampleName="A", sampleDescription="the A", uris=[], fileNames=[], customDownloader=load
        )


@pytest.mark.parametrize("given", [{}, {"uris": []}, {"fileNames": []}])
def test_uris_and_file_names_must_be_there(logic, given):
    with pytest.raises(TypeError, match="NoneType"):
        logic.registerCustomSampleDataSource(category="Ours", sampleName="A", customDownloader=load, **given)
    assert slicer.modules.sampleDataSources == {"Ours": []}


def test_lists_of_different_lengths_are_refused(logic):
    with pytest.raises(ValueError, match="same length"):
        logic.registerCustomSampleDataSource("Ours", "A", uris=["file:///a"], fileNames=[])


def test_empty_lists_are_enough_for_a_function_of_one_s_own(logic):
    for _ in range(2):
        logic.registerCustomSampleDataSource("Ours", "A", uris=[], fileNames=[], customDownloader=load)
    (source,) = slicer.modules.sampleDataSources["Ours"]
    assert (source.sampleName, source.sampleDescription, source.customDownloader) == ("A", "A", load)
    assert source.nodeNames == source.checksums == []


def test_a_file_has_its_fields_filled_in(logic):
    logic.registerCustomSampleDataSource("Ours", "A", uris="file:///a.nrrd", fileNames="a.nrrd")
    (source,) = logic.sampleDataSourcesByCategory("Ours")
    assert (source.uris, source.fileNames, source.nodeNames) == (["file:///a.nrrd"], ["a.nrrd"], [None])


def test_a_category_has_a_title(logic):
    logic.registerCustomSampleDataCategory("Ours", "Our samples")
    assert logic.categoryTitle("Ours") == "Our samples"
    assert logic.categoryTitle("Others") == "Others"
    with pytest.raises(TypeError):
        logic.registerCustomSampleDataCategory("Ours")
