"""A forwarder to the real Keycloak that can hang: it takes requests and answers none."""

import asyncio
from dataclasses import dataclass

from tests.keycloak.forwarder import Exchange, Forwarder


@dataclass
class Switch(Forwarder):
    """While `is_hanging`, requests are taken and never answered. They are lost when it no longer hangs."""

    is_hanging: bool = False

    async def coming(self, exchange: Exchange) -> None:
        if not self.is_hanging:
            return
        while self.is_hanging:
            await asyncio.sleep(0.05)
        raise ConnectionResetError("it hung")
