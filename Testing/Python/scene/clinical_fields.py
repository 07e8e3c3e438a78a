"""The fields of the panel of the tumour model, as tests of doses in units need them."""

NOTHING = {
    **dict.fromkeys(
        ("weightKg", "heightCm", "ageYears", "sex", "creatinineMgPerDl", "gfrMlPerMin", "albuminGPerDl", "astUPerL"), ""
    ),
    **dict.fromkeys(("mouseWeightG", "dayZero", "regimen", "regimenStart", "lvefAtEntry", "lvef", "neutrophils"), ""),
    **dict.fromkeys(("trastuzumabSet", "pertuzumabSet", "pembrolizumabSet", "antiPd1Set"), ""),
    **dict.fromkeys(("antibodyKind", "cytotoxicKind"), ""),
    "bodiesVary": False,
    **dict.fromkeys(("platelets", "priorDoxorubicin", "priorEpirubicin", "exception"), ""),
    **dict.fromkeys(("liverMetastases", "chestRadiotherapy", "otherCardiotoxic", "metastatic", "growthFactor"), False),
    "lvefRule": "US",
}
"""The fields of the patient in a parameter node that nobody has touched."""
PLAN = {
    "startDay": -1.0,
    "horizonDay": 42.0,
    "doses": 2,
    "intervalDay": 21.0,
    "dose": 1.0,
    "objective": "volume_at_horizon",
    "levelCm3": 1.0,
    "weekdaysOnly": False,
    "weekdayOfDayZero": 0,
    "shortestIntervalDay": 0.0,
    "oneCytotoxicADay": False,
    "toxicityBudget": 0.0,
    **dict.fromkeys(("totalTrastuzumab", "totalCytotoxic", "largestTrastuzumab", "largestCytotoxic"), 0.0),
    **dict.fromkeys(("weightTrastuzumab", "weightCytotoxic"), 1.0),
    "method": "map",
    "mostSteps": 5000,
    "noiseScale": False,
    "candidates": "standard",
    "splits": "1, 2",
    "intervals": "4",
    "profileParameter": "",
    "hiddenVisits": 1,
    "family": "ticked",
    "tickedModels": "two_drug_exponential_death,two_drug_logistic_death",
    "search": "days",
    "risk": "mean",
    "against": "",
    "iterations": 2,
    "clinicalLimits": False,
    "cytotoxicIs": "",
    "draws": 60,
    "seed": 5,
}
