"""Errors: fields, several faults in one, and survival of pickling."""

import pickle

import pytest

from gep import errors
from gep.errors import Fault, Faults, GepError, MissingExtra, PriceYearError, UnitError, need_extra


def test_a_fault_says_where_what_expected_and_what_to_do():
    error = UnitError("got t", where="yield", expected="t/ha", fix="divide by the area")
    assert str(error) == "yield: got t; expected t/ha; to mend it: divide by the area"
    assert error.faults == (Fault("got t", "yield", "t/ha", "divide by the area"),)


def test_several_faults_come_as_one_numbered_error():
    faults = Faults()
    faults.add("first", where="line 2")
    faults.take(UnitError("second", fix="mend"), where="line 3")
    faults.take(UnitError("third", where="line 4"), where="not this one")
    assert [f.where for f in faults] == ["line 2", "line 3", "line 4"]
    with pytest.raises(UnitError) as caught:
        faults.raise_as(UnitError, "the table is wrong", where="file")
    assert str(caught.value).splitlines() == [
        "file: the table is wrong (3 faults)",
        "  1. line 2: first",
        "  2. line 3: second; to mend it: mend",
        "  3. line 4: third",
    ]
    assert len(caught.value.faults) == 3


def test_one_fault_speaks_for_itself_and_none_raises_nothing():
    faults = Faults()
    faults.raise_as(GepError, "nothing is wrong")
    faults.add("the only fault", expected="none")
    with pytest.raises(GepError) as caught:
        faults.raise_as(GepError, "summary", where="file")
    assert str(caught.value) == "file: the only fault; expected none"


KINDS = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, GepError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_errors_survive_pickling(kind):
    error = kind("what", where="here", expected="there", fix="so", faults=[Fault("a"), Fault("b", "c")])
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind
    assert str(back) == str(error)
    assert back.faults == error.faults


def test_the_family():
    assert issubclass(PriceYearError, UnitError)
    assert issubclass(errors.MissingCoefficient, errors.CoefficientError)
    assert issubclass(errors.DoesNotAddUp, errors.LedgerError)
    assert len(KINDS) >= 13


def test_a_missing_extra_is_an_import_error_that_names_the_extra():
    error = need_extra("rasterio", "geo", "reading a raster")
    assert isinstance(error, MissingExtra)
    assert isinstance(error, ImportError)
    assert "pip install 'gep[geo]'" in str(error)
