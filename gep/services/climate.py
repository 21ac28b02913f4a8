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
    One square metre of forest, 2837.27 kJ/m2/day on 15 days with an efficiency of 3, in kWh:

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
    One cubic metre with 2450 J/g and 125 kWh/m3, in kWh:

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
    Garzê's 1272.35e8 kWh at 805.5556 kWh/m3 are 1.579e8 m3, 55 mm over its 2864.27 km2 of wetland:

    >>> round(open_water_evaporation(0.05514, 2864.27e6) / 1e8, 3)
    1.579
    """
    return depth * area
