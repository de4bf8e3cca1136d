"""The objects of the Eltariff API 0.3.2: which fields each must have, and which it may have."""

from __future__ import annotations

from hanlogger.tariffs.node import make_form

MANY = make_form("tariffs calendarPatterns")
ONE = make_form("tariff calendarPatterns")
TARIFF = make_form(
    "id name published validPeriod timeZone companyName companyOrgNo product direction billingPeriod "
    "fixedPrice energyPrice powerPrice",
    "description",
)
GROUP = make_form("id name costFunction components", "description")
FIXED = make_form("id name type reference validPeriod price pricedPeriod", "description")
ENERGY = make_form("id name type reference validPeriod unit", "description price spotPriceSettings recurringPeriods")
POWER = make_form(
    "id name type reference validPeriod",
    "description price unit url peakIdentificationSettings recurringPeriods",
)
PEAKS = make_form("peakFunction peakIdentificationPeriod peakDuration numberOfPeaksForAverageCalculation")
PRICE = make_form("priceExVat priceIncVat currency")
SPOT = make_form("multiplier currency")
DATES = make_form("fromIncluding toExcluding")
RECURRING = make_form("reference frequency activePeriods")
ACTIVE = make_form("fromIncluding toExcluding calendarPatternReferences")
REFERENCES = make_form("", "include exclude")
PATTERN = make_form("reference frequency", "days dates")
