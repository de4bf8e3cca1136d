"""A file of fri-nettleie, the collection of Norwegian grid tariffs, becomes tables of our own form.

Its prices are without value added tax and without consumption tax and Enova's fee, which the user says: the border of
value added tax is not that of price areas. Prices for a kWh are in øre, those for power in kr a year.
"""

from hanlogger.tariffs.nettleie.document import LIKE
from hanlogger.tariffs.nettleie.tariff import read_nettleie

__all__ = ["LIKE", "read_nettleie"]
