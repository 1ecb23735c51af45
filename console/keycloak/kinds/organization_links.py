"""What belongs to an organization: identity providers and members, and the members of its groups."""

from collections.abc import Sequence

from console.engine.operation import Operation
from console.engine.state import Address, Kind, Resource
from console.keycloak import bulk
from console.keycloak.errors import Permanent
from console.keycloak.kinds.handler import LinkHandler, Owner, id_at, resource
from console.keycloak.kinds.identity_provider import provider, providers
from console.keycloak.organizations import (
    group,
    groups,
    groups_of_member,
    members,
    organization,
    organization_at,
    organizations,
    place_of_group,
)
from console.keycloak.realm import Realm, gathered


class OrganizationProviderHandler(LinkHandler):
    """Gives identity providers to an organization and takes them away; each belongs to one at most."""

    kind = Kind.ORGANIZATION_PROVIDER

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the identity provider is of that organization."""
        alias, provider_alias = address.path
        its_organization = await organization(realm, alias)
        found = await provider(realm, provider_alias) if its_organization else None
        if its_organization is None or found is None:
            return []
        return [Resource(address)] if found.get("organizationId") == its_organization["id"] else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the links of all identity providers: each names its organization."""
        aliases = {one["id"]: alias for alias, one in (await organizations(realm)).items()}
        linked = [one for one in await providers(realm) if one.get("organizationId") in aliases]
        return [resource(self.kind, aliases[one["organizationId"]], one["alias"]) for one in linked]

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Give them. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
        for link in links:  # Keycloak takes each by a call of its own
            await realm.post(*await _providers_of(realm, link), json=link.path[1])

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Take them away. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
        for link in links:
            await realm.delete(*await _providers_of(realm, link), link.path[1])


async def _providers_of(realm: Realm, link: Address) -> tuple[str, ...]:
    return ("organizations", (await organization_at(realm, link.path[0]))["id"], "identity-providers")


class OrganizationMemberHandler(LinkHandler):
    """Adds people to an organization and takes them out; who belongs to it altogether is left in it."""

    kind = Kind.ORGANIZATION_MEMBER

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the person is a member."""
        alias, username = address.path
        its_organization = await organization(realm, alias)
        person_id = await realm.id(Kind.PERSON, username) if its_organization else None
        if its_organization is None or person_id is None:
            return []
        place = ("organizations", its_organization["id"], "members", person_id)
        return [Resource(address)] if await realm.find(*place) else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the members of all organizations; service accounts are no people."""
        some = await organizations(realm)
        if not some:
            return []
        names = {one["id"]: one["username"] for one in await bulk.people(realm)}
        several = await gathered(members(realm, "organizations", one["id"]) for one in some.values())
        return [
            resource(self.kind, alias, names[one["id"]])
            for alias, found in zip(some, several, strict=True)
            for one in found
            if one["id"] in names
        ]

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Join. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
        for link in links:
            its_organization = await organization_at(realm, link.path[0])
            person_id = await id_at(realm, Kind.PERSON, link.path[1])
            await realm.post("organizations", its_organization["id"], "members", json=person_id)

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Leave. Raises Permanent for a managed member: Keycloak would delete the account.

        https://www.keycloak.org/docs/latest/server_admin/index.html#_managing_members_
        """
        for link in links:
            its_organization = await organization_at(realm, link.path[0])
            person_id = await id_at(realm, Kind.PERSON, link.path[1])
            place = ("organizations", its_organization["id"], "members", person_id)
            found = await realm.find(*place)
            if found and found.get("membershipType") == "MANAGED":
                raise Permanent(
                    f"The account of {link.path[1]} belongs to the organization “{link.path[0]}”: taken out, "
                    "it would be deleted by Keycloak. Nothing was sent."
                )
            await realm.delete(*place)


class OrganizationGroupMemberHandler(LinkHandler):
    """Adds members of an organization to its groups and takes them out; other memberships stay."""

    kind = Kind.ORGANIZATION_GROUP_MEMBER

    def owner(self, operation: Operation) -> Owner:
        """Return the group whose members are written."""
        return (self.kind, *operation.address.path[:2])

    async def read(self, realm: Realm, address: Address) -> list[Resource]:
        """Return the link, if the person is in the group itself."""
        alias, path, username = address.path
        its_organization, found = await organization(realm, alias), await group(realm, alias, path)
        person_id = await realm.id(Kind.PERSON, username) if found else None
        if its_organization is None or found is None or person_id is None:
            return []
        inside = await groups_of_member(realm, its_organization["id"], person_id)
        return [Resource(address)] if found["id"] in inside else []

    async def read_all(self, realm: Realm) -> list[Resource]:
        """Return the members of all groups of all organizations: one call for each group."""
        some = await organizations(realm)
        if not some:
            return []
        names = {one["id"]: one["username"] for one in await bulk.people(realm)}
        inside = await gathered(groups(realm, one) for one in some.values())
        places = {
            (alias, path): ("organizations", some[alias]["id"], "groups", one["id"])
            for alias, found in zip(some, inside, strict=True)
            for path, one in found.clear.items()
        }
        several = await gathered(members(realm, *place) for place in places.values())
        return [
            resource(self.kind, alias, path, names[one["id"]])
            for (alias, path), found in zip(places, several, strict=True)
            for one in found
            if one["id"] in names
        ]

    async def link(self, realm: Realm, links: Sequence[Address]) -> None:
        """Join. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
        for link in links:
            await realm.put(*await _seat(realm, link))

    async def unlink(self, realm: Realm, links: Sequence[Address]) -> None:
        """Leave. https://www.keycloak.org/docs-api/latest/rest-api/index.html#_organizations."""
        for link in links:
            await realm.delete(*await _seat(realm, link))


async def _seat(realm: Realm, link: Address) -> tuple[str, ...]:
    alias, path, username = link.path
    return (*await place_of_group(realm, alias, path), "members", await id_at(realm, Kind.PERSON, username))
