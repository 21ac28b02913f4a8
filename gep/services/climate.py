"""Climate regulation: heat taken up by transpiration and evaporation, as energy to replace."""

from __future__ import annotations

from gep.formula import Values, formula


@formula(
    "kJ/year",
    heat="kJ/m2/day",
    area="m2",
    days="day/year",
    efficiency="1",
    cite="garze-2010:§2.4.8(1)",
)
def transpiration_energy(heat: Values, area: Values, days: Values, efficiency: Values) -> Values:
    """Return the electricity an air conditioner would need to do what transpiration does.

    植被蒸腾降温替代能耗：单位面积蒸腾耗热量乘以面积和空调开放天数，再除以空调能效比。

    Parameters
    ----------
    heat : kJ/m2/day
        Heat taken up by transpiration of the ecosystem type.
    area : m2
        Area of the type.
    days : day/year
        Days on which people would cool.
    efficiency : 1
        Energy efficiency ratio (COP) of the air conditioner, about 3.

    Returns
    -------
    kJ/year

    Notes
    -----
    ``E = H S d / R``. All heat counts, also where nobody lives who would cool; the result bounds
    the service from above. Published values of the heat differ widely: name the source of those used.

    References
    ----------
    garze-2010:§2.4.8(1)

    Examples
    --------
    One square metre of forest in kWh; the source prints neither the heat nor the days, 2837.27
    kJ/m2/day is worked back from its money with 15 days and an efficiency of 3 assumed:

    >>> from gep.units import factor
    >>> round(transpiration_energy(2837.27, 1.0, 15.0, 3.0) * factor("kJ", "kWh"), 6)
    3.940653
    """
    return heat * area * days / efficiency


@formula(
    "kJ/year",
    volume="m3/year",
    density="kg/m3",
    latent_heat="kJ/kg",
    humidifier="kJ/m3",
    cite="garze-2010:§2.4.8(2)",
)
def evaporation_energy(volume: Values, density: Values, latent_heat: Values, humidifier: Values) -> Values:
    """Return the energy of cooling and humidifying that evaporating water replaces.

    水面蒸发降温增湿替代能耗：蒸发潜热与加湿器能耗之和。

    Parameters
    ----------
    volume : m3/year
        Water evaporated from open water.
    density : kg/m3
        Density of water, 1000.
    latent_heat : kJ/kg
        Latent heat of evaporation, about 2450 (the same number in J/g).
    humidifier : kJ/m3
        Electricity a humidifier needs for one cubic metre; 125 kWh/m3 is 450000 kJ/m3.

    Returns
    -------
    kJ/year

    Notes
    -----
    ``E = V ρ q + V γ``. As in the source no air conditioner efficiency is applied to the latent
    heat, although the same paper applies one to transpiration.

    References
    ----------
    garze-2010:§2.4.8(2)

    Examples
    --------
    One cubic metre with 2450 J/g and 125 kWh/m3, in kWh; the source prints no number for it, that of
    the humidifier is another study's (Jiaozhou):

    >>> from gep.units import factor
    >>> humidifier = 125.0 * factor("kWh/m3", "kJ/m3")
    >>> round(evaporation_energy(1.0, 1000.0, 2450.0, humidifier) * factor("kJ", "kWh"), 4)
    805.5556
    """
    return volume * (density * latent_heat + humidifier)


@formula("m3/year", depth="m/year", area="m2", cite="garze-2010:§2.4.8(2)")
def open_water_evaporation(depth: Values, area: Values) -> Values:
    """Return the volume that evaporates from open water.

    水面蒸发量：蒸发深度乘以水面面积。

    Parameters
    ----------
    depth : m/year
        Evaporation from open water, for those days only that are to count.
    area : m2
        Area of open water.

    Returns
    -------
    m3/year

    Notes
    -----
    ``V = e A``. Pan evaporation is more than that of a lake; it needs its pan coefficient first.

    References
    ----------
    garze-2010:§2.4.8(2)

    Examples
    --------
    55.14 mm over Garzê's 2864.27 km2 of wetland, a depth worked back from its 1272.35e8 kWh at
    805.5556 kWh/m3; the source prints none:

    >>> round(open_water_evaporation(0.05514, 2864.27e6) / 1e8, 3)
    1.579
    """
    return depth * area


@formula("degC", kind="empirical", surface="degC", cite="xian-2018:§2.1.1 eq. 2")
def air_temperature_from_surface(surface: Values) -> Values:
    """Return the air temperature near the ground from the temperature of the surface.

    由地表温度推算近地面气温（遥感反演温度的经验关系）。

    Parameters
    ----------
    surface : degC
        Temperature of the surface as seen by a satellite.

    Returns
    -------
    degC

    Notes
    -----
    ``T = (D - 6.3655) / 1.137``, taken over by the source from another study and used there for summer
    days in Xi'an; elsewhere, at night or in winter it is extrapolated. Kelvin are converted first.

    References
    ----------
    xian-2018:§2.1.1 eq. 2

    Examples
    --------
    >>> round(air_temperature_from_surface(40.0), 4)
    29.5818
    """
    return (surface - 6.3655) / 1.137


@formula(
    "1",
    kind="empirical",
    shade="1",
    albedo="1",
    evapotranspiration="1",
    cite="invest-users-guide:Urban Cooling, cooling capacity",
)
def cooling_capacity(shade: Values, albedo: Values, evapotranspiration: Values) -> Values:
    """Return the cooling capacity of a cell by day, an index between 0 and 1.

    降温能力指数（InVEST 城市降温模型，白天）：为相对指数。

    Parameters
    ----------
    shade : 1
        Part of the cell under trees of at least 2 m.
    albedo : 1
        Part of the sunlight thrown back.
    evapotranspiration : 1
        Potential evapotranspiration over the largest of the area of interest.

    Returns
    -------
    1

    Notes
    -----
    ``CC = 0.6 shade + 0.2 albedo + 0.2 ETI``. The weights are a recommendation drawn from few cities.
    What large parks do for their neighbours comes on top of it, by distance.

    References
    ----------
    invest-users-guide:Urban Cooling, cooling capacity

    Examples
    --------
    >>> round(cooling_capacity(0.5, 0.2, 0.9), 6)
    0.52
    """
    return 0.6 * shade + 0.2 * albedo + 0.2 * evapotranspiration


@formula("K", mitigation="1", heat_island="K", cite="invest-users-guide:Urban Cooling, air temperature")
def temperature_drop(mitigation: Values, heat_island: Values) -> Values:
    """Return how much cooler a cell is than the hottest place of the town.

    降温幅度：热缓解指数乘以城市热岛最大强度。

    Parameters
    ----------
    mitigation : 1
        Heat mitigation index of the cell, its cooling capacity where no large park is near.
    heat_island : K
        Largest excess of the town over its surroundings.

    Returns
    -------
    K

    Notes
    -----
    ``ΔT = HM UHI``, which follows from ``T = T_ref + (1 - HM) UHI`` and a hottest place of
    ``T_ref + UHI``. Air that mixes smooths it; the mean over some hundred metres is what is felt.

    References
    ----------
    invest-users-guide:Urban Cooling, air temperature

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> round(temperature_drop(0.52, 2.5), 6)
    1.3
    """
    return mitigation * heat_island


@formula(
    "kWh/year",
    consumption="kWh/K/m2/year",
    area="m2",
    difference="K",
    cite="invest-users-guide:Urban Cooling, energy savings",
)
def cooling_energy_saved(consumption: Values, area: Values, difference: Values) -> Values:
    """Return the electricity that buildings save because it is cooler.

    降温节能量（温差法）：单位建筑面积每度能耗增量乘以建筑面积和降温幅度。

    Parameters
    ----------
    consumption : kWh/K/m2/year
        What one square metre of building uses more for each degree, in a season of cooling. Written
        with K; with degC a difference cannot be told from a temperature.
    area : m2
        Footprint of the buildings that are cooled.
    difference : K
        How much cooler it is, measured or from :func:`temperature_drop`.

    Returns
    -------
    kWh/year

    Notes
    -----
    ``E = c A ΔT``. Only buildings count: unlike :func:`transpiration_energy` it is nil where nobody
    cools. The increase per degree is made for a climate and a kind of building.

    References
    ----------
    invest-users-guide:Urban Cooling, energy savings

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> round(cooling_energy_saved(4.0, 2000.0, 1.5), 6)
    12000.0
    """
    return consumption * area * difference
