"""How long the passes over a grid and a whole account take; asv runs these classes."""

from __future__ import annotations

import pandas as pd

import gep
from benchmarks.grids import CLASSES, landscape
from gep.grid.positions import contingency, integrate

CELLS = 4e6


class Aggregate:
    """One pass over a grid."""

    params = (11, 1000)
    param_names = ("zones",)
    cells = CELLS

    def setup(self, zones: int) -> None:
        grids = landscape(self.cells, zones)
        self.zones = gep.Zones.from_labels(grids["zone"])
        self.classes = grids["land_cover"].to_numpy().astype("int16") - 1
        self.field = grids["precipitation"].to_numpy()
        self.area = self.zones.cell_area

    def time_contingency(self, zones: int) -> None:
        contingency(self.zones.index, self.classes, self.area, len(self.zones), len(CLASSES))

    def time_integrate(self, zones: int) -> None:
        size = (len(self.zones), len(CLASSES))
        integrate(self.field, self.zones.index, self.classes, self.area, *size, per_area=True)


class Account:
    """A water conservation account from grids to ledger."""

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
