"""The Bitrix24 API: requests and answers. No Flask and no database in this folder."""

from b24app.bitrix24.gateway import Bitrix24

__all__ = ["Bitrix24"]
