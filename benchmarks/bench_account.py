"""How long a whole account takes from grids to ledger; asv runs this class."""

from __future__ import annotations

import pandas as pd

import gep
from benchmarks.grids import CLASSES, landscape

CELLS = 4e6


class Account:
    """A water conservation account."""

    cells = CELLS

    def setup(self) -> None:
        grids = landscape(self.cells, 11)
        self.zones = gep.Zones.from_labels(grids["zone"])
        self.inputs = gep.Inputs()
        self.inputs.add_land_cover(grids["land_cover"], CLASSES, status="illustrative")
        fields = grids[["precipitation", "evapotranspiration"]]
        self.inputs.add_grids(fields, status="illustrative", source="benchmark")
        profile = gep.load_profile("mee-2020").only("water_conservation")
        self.profile = profile.using(coefficients=["garze-2010"], regions=["513300"])

    def time_compile(self) -> gep.Ledger:
        return gep.compile_account(self.profile, self.inputs, self.zones, 2010)

    def peakmem_compile(self) -> None:
        self.time_compile()

    def track_rows(self) -> int:
        return len(self.time_compile().frame)


def table(account: Account) -> pd.DataFrame:
    """Return the account by zone, to look at what was measured."""
    return account.time_compile().by("zone")
