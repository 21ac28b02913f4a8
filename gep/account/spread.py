"""Spreading values that are known for a larger whole over its zones or ecosystems, by a stated key."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gep.account.evaluate import Evaluator, Trace
from gep.ecosystems import types
from gep.errors import DoesNotAddUp, ZoneError
from gep.profiles import Indicator, Ref, Spread

#: Relative gap between the parts and the whole that floating point explains.
CLOSURE = 1e-12


def read_key(text: str, service: str) -> Spread:
    """Read a key as a user writes it: ``"population"``, ``"area"``, ``"area:forest+grassland"``.

    Examples
    --------
    >>> read_key("area:forest+grassland", "tourism").among
    ('forest', 'grassland')
    """
    name, _, groups = text.replace(" ", "").partition(":")
    if name == "area":
        among = tuple(g for g in groups.split("+") if g)
        strange = [g for g in among if g.removeprefix("!") not in types()]
        if strange:
            near = difflib.get_close_matches(strange[0], types(), n=3)
            raise ZoneError(
                f"the key {text!r} of {service} names no ecosystem: {', '.join(strange)}",
                expected=f"one of {', '.join(near)}" if near else "types of ecosystems.toml",
            )
        return Spread(Ref("area", ""), among=among)
    return Spread(Ref.read(f"input:{name}", service), item=groups)


class Spreader:
    """Brings a line of the account to zones and ecosystems, and notes by which key."""

    def __init__(self, evaluator: Evaluator, chosen: Mapping[str, str]) -> None:
        self.evaluator, self.chosen = evaluator, dict(chosen)
        self.zones = evaluator.extent.zones

    def to_zones(self, data: xr.DataArray, line: Indicator, service: str, trace: Trace) -> xr.DataArray:
        """Return ``data`` by zone where a key is stated; ``trace`` takes note of it.

        Without a key a value of the region stays at region level. Values of a higher level of
        the zones (a county) need a key.
        """
        spread = read_key(self.chosen[service], service) if service in self.chosen else line.zone
        if "zone" not in data.dims:
            if len(self.zones) == 1:
                return data.expand_dims(zone=self.zones.codes)
            if spread is None:
                return data
            weights = self._zone_weights(spread, None, line, trace)
            return _times(data, weights, f"{line.name} over zones by {spread}", trace)
        keys = [str(z) for z in data["zone"].to_numpy()]
        if set(keys) <= set(self.zones.codes):
            if service in self.chosen:
                what = f"{service}.{line.name} is known by zone: the key {self.chosen[service]!r} is not used"
                self.evaluator.notes.append(what)
            return data.reindex(zone=self.zones.codes)
        return self._from_level(data, keys, spread, line, trace)

    def _from_level(
        self, data: xr.DataArray, keys: list[str], spread: Spread | None, line: Indicator, trace: Trace
    ) -> xr.DataArray:
        level = next((n for n in self.zones.levels if set(keys) <= set(self.zones.table[n])), None)
        if level is None:
            strange = sorted(set(keys) - set(self.zones.codes))
            raise ZoneError(
                f"{line.name}: zones {', '.join(strange[:10])} are not known",
                expected=f"codes such as {', '.join(self.zones.codes[:5])}",
                fix="zones are keyed by code, not by name",
            )
        if spread is None:
            raise ZoneError(
                f"{line.name} is known by {level}, zones are smaller and no key is stated",
                fix="compile_account(..., allocate={service: 'population'}) or another key",
            )
        groups = self.zones.by_level(level)
        weights = self._zone_weights(spread, xr.DataArray(groups.to_numpy(), dims="zone"), line, trace)
        every = data.reindex(zone=list(dict.fromkeys(groups)))
        members = every.sel(zone=list(groups)).assign_coords(zone=self.zones.codes)
        trace.spreads.append(f"{line.name} from {level} to zones by {spread}")
        made = (members * weights).assign_attrs(data.attrs)
        _refuse_lost(made, data, groups.to_numpy(), f"{line.name} by {spread}")
        return made

    def _zone_weights(
        self, spread: Spread, groups: xr.DataArray | None, line: Indicator, trace: Trace
    ) -> xr.DataArray:
        key = self._key(spread, "zone", line, trace)
        if groups is None:
            return _share(key, key.sum(), spread, line)
        sums = key.groupby(groups.assign_coords(zone=key["zone"]).rename("group")).sum()
        return _share(key, sums.sel(group=groups).drop_vars("group"), spread, line)

    def to_ecosystems(self, data: xr.DataArray, line: Indicator, trace: Trace) -> xr.DataArray:
        """Return ``data`` by ecosystem where the profile attributes it; ``trace`` takes note of it."""
        target = line.ecosystem
        if "ecosystem" in data.dims or target == "":
            return data
        if isinstance(target, str):
            return data.expand_dims(ecosystem=[target])
        key = self._key(target, "ecosystem", line, trace, by_zone="zone" in data.dims)
        weights = _share(key, key.sum("ecosystem"), target, line)
        return _times(data, weights, f"{line.name} over ecosystems by {target}", trace)

    def _key(
        self, spread: Spread, dim: str, line: Indicator, trace: Trace, *, by_zone: bool = False
    ) -> xr.DataArray:
        """Return the key over ``dim`` (for ecosystems also by zone, if it is known so)."""
        evaluator = self.evaluator
        if spread.key.kind == "area":
            trace.add(evaluator.land_cover())
            area = evaluator.extent.area.sel(ecosystem=evaluator.extent.allowed(spread.among))
            return area.sum("ecosystem") if dim == "zone" else area if by_zone else area.sum("zone")
        found = evaluator.key(spread.ref)
        trace.add(found.trace)
        key = found.data
        if evaluator.extent.spec is not None and set(evaluator.extent.spec.dims) <= set(key.dims):
            raise ZoneError(f"{line.name}: the key {spread} is a grid", expected=f"a table by {dim}")
        if dim not in key.dims:
            what = f"{line.name}: the key {spread} has no values by {dim}"
            raise ZoneError(what, expected=f"a table by {dim}")
        if dim == "zone":
            key = key.reindex(zone=self.zones.codes)
        lacking = [str(v) for v in key[dim].to_numpy()[np.isnan(key.to_numpy())]] if key.ndim == 1 else []
        if lacking:
            raise ZoneError(
                f"{line.name}: the key {spread} has no value for {', '.join(lacking)}",
                expected="a value for each; missing is not zero",
            )
        return key


def _times(data: xr.DataArray, weights: xr.DataArray, note: str, trace: Trace) -> xr.DataArray:
    made = (data * weights).assign_attrs(data.attrs)
    whole, parts = float(data.sum()), float(made.sum())
    if abs(parts - whole) > CLOSURE * abs(whole) * max(made.size, 1):
        raise DoesNotAddUp(
            f"{note}: the parts add up to {parts:g}, the whole is {whole:g}",
            expected="a key that is above zero wherever there is a value",
            fix="state another key with compile_account(..., allocate={...})",
        )
    trace.spreads.append(note)
    return made


def _refuse_lost(made: xr.DataArray, data: xr.DataArray, groups: NDArray[Any], what: str) -> None:
    """Refuse that the value of a county goes nowhere because its key is zero throughout."""
    lost = []
    for name in map(str, data["zone"].to_numpy()):
        whole = data.sel(zone=name, drop=True).fillna(0.0)
        gap = abs(made[{"zone": groups == name}].sum("zone") - whole)
        if bool((gap > CLOSURE * made.size * abs(whole)).any()):
            lost.append(f"{name} ({float(whole.sum()):g} {data.attrs['units']})")
    if lost:
        raise DoesNotAddUp(
            f"{what}: the key is zero throughout {', '.join(lost)}; the value would go nowhere",
            expected="a key that is above zero wherever there is a value",
            fix="state another key with compile_account(..., allocate={...})",
        )


def _share(key: xr.DataArray, total: xr.DataArray, spread: Spread, line: Indicator) -> xr.DataArray:
    """Return the shares of a key; where it is zero throughout there is nothing to share out."""
    if bool((key < 0).any()) or not bool((total > 0).any()):
        raise ZoneError(
            f"{line.name}: the key {spread} is negative somewhere or zero everywhere",
            expected="a key above zero somewhere",
            fix="state another key with compile_account(..., allocate={...})",
        )
    return (key / total.where(total > 0)).fillna(0.0).where(key.notnull())
