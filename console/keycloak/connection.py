"""Which Keycloak server, and as which service client."""

from dataclasses import dataclass

from console.transport import Secret, origin_of


@dataclass(frozen=True, slots=True)
class Connection:
    """A server and the service client that we are there. `realm` is the one that the client lives in.

    `master` for a client with `create-realm`; for a realm that we did not create, that realm's own client.
    """

    url: str
    client_id: str
    client_secret: Secret
    realm: str = "master"

    @property
    def origin(self) -> str:
        """Return scheme, host, port and path prefix. Raises Refused for a wrong address."""
        return origin_of(self.url)
