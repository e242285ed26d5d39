"""The wire: what Bitrix24 says and hears. No Flask and no database in this folder."""

from b24app.bitrix24.gateway import Bitrix24

__all__ = ["Bitrix24"]
