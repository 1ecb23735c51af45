"""A blueprint with its parameters: what is declared in the realm, and what its rights open."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from console.blueprints import meaning_realm, meaning_rights
from console.blueprints.blame import blamed
from console.blueprints.model import (
    Blueprint,
    ClientManifest,
    ClientSecret,
    Count,
    Critical,
    Expansion,
    KeptElsewhere,
    PresetEntitlement,
    PresetResource,
    Restart,
    Values,
    WrongParameters,
    plain,
)
from console.blueprints.parameters import checked
from console.blueprints.placeholders import resolved
from console.blueprints.realm_parts import placed
from console.blueprints.rights import catalogue, digest_of
from console.engine.kinds import KINDS, REALM
from console.engine.state import Address, Kind, State
from console.graph.catalogue import Note, Reading

Data = Mapping[str, Any]
GLOSS = 3  # so many names stand beside a number


def expand(blueprint: Blueprint, parameters: Mapping[str, Any]) -> Expansion:
    """Return all that a blueprint says with these values. Raises WrongParameters with a sentence for each.

    Values may come as a form has them: a number as its digits, a list as lines, yes or no as text.
    """
    values = checked(blueprint, parameters)
    found = resolved(blueprint.body, values)
    if wrong := [*meaning_realm.faults_of(found.data), *meaning_rights.faults_of(found.data)]:
        raise WrongParameters(blamed(blueprint, found, wrong))
    return expanded(blueprint, values, found.data)


def expanded(blueprint: Blueprint, values: Values, data: Data) -> Expansion:
    """Return all that a blueprint says with values that were checked. `data` is its body with them."""
    notes = notes_of(data, blueprint)
    kept = {one.name: plain(values[one.name]) for one in blueprint.parameters if not one.is_secret}
    state = State.of(one.resource for one in placed(data))
    entitlements = data.get("entitlements") or {}
    return Expansion(
        blueprint=blueprint.key,
        version=blueprint.version,
        realm_name=data["realm"].get("name", ""),
        state=state,
        catalogue=catalogue(data, notes=notes, digest=_digest(blueprint, kept)),
        parameters=kept,
        secrets=_secrets(data),
        resources=tuple(PresetResource(**one) for one in entitlements.get("resources") or ()),
        entitlements=tuple(PresetEntitlement(**one) for one in entitlements.get("named") or ()),
        client_secrets=tuple(_client_secrets(data)),
        manifests=tuple(_manifests(data)),
        restart=_restart(data),
        kept_elsewhere=tuple(KeptElsewhere(**one) for one in data.get("kept_elsewhere") or ()),
        protected_roles=tuple(data.get("protected_roles") or ()),
        reasons=_reasons(data, notes),
        criticals=tuple(_criticals(blueprint, values)),
        counts=_counts(state, data),
        happens=tuple(data.get("happens") or ()),
    )


def notes_of(data: Data, blueprint: Blueprint) -> tuple[Note, ...]:
    """Return the notes with the parameters that correct them."""
    corrects = {one.note: one.name for one in blueprint.parameters if one.note}
    return tuple(note(one, corrects) for one in data.get("notes") or ())


def note(one: Data, corrects: Mapping[str, str]) -> Note:
    """Return a note of plain data."""
    return Note(
        key=one["key"],
        title=one["title"],
        says=tuple(one.get("says") or ()),
        reading=one["reading"],
        kind=Reading(one.get("kind", "ambiguous")),
        parameter=corrects.get(one["key"], ""),
    )


def _digest(blueprint: Blueprint, kept: Mapping[str, Any]) -> str:
    return digest_of(blueprint.digest, json.dumps(kept, sort_keys=True))


def _secrets(data: Data) -> dict[Address, dict[str, str]]:
    """Return the secrets that were given, by what they belong to."""
    found = {REALM: _given(data["realm"])}
    for one in data.get("things") or ():
        found[Address(Kind(one["kind"]), tuple(one.get("path") or ()))] = _given(one)
    return {address: given for address, given in found.items() if given}


def _given(one: Data) -> dict[str, str]:
    return {name: value for name, value in (one.get("secrets") or {}).items() if value}


def _client_secrets(data: Data) -> Iterator[ClientSecret]:
    for one in data.get("clients") or ():
        if secret := one.get("secret"):
            yield ClientSecret(
                client=one["id"],
                variable=secret.get("variable", ""),
                containers=tuple(secret.get("containers") or ()),
                is_stated=secret.get("is_stated", True),
                notes=tuple(secret.get("notes") or ()),
            )


def _manifests(data: Data) -> Iterator[ClientManifest]:
    for one in data.get("clients") or ():
        if manifest := one.get("manifest"):
            yield ClientManifest(client=one["id"], **manifest)


def _restart(data: Data) -> Restart | None:
    found = data.get("restart")
    if not found:
        return None
    several = {key: tuple(found.get(key) or ()) for key in ("containers", "notes")}
    return Restart(**{**found, **several})


def _reasons(data: Data, notes: Iterable[Note]) -> dict[Address, Note]:
    by_key = {one.key: one for one in notes}
    return {
        Address(Kind.CLIENT, (one["id"],)): by_key[one["open"]]
        for one in data.get("clients") or ()
        if one.get("open") in by_key
    }


def _criticals(blueprint: Blueprint, values: Values) -> Iterator[Critical]:
    for parameter in blueprint.parameters:
        for choice in parameter.choices:
            if choice.critical and values[parameter.name] == choice.value:
                yield Critical(parameter=parameter.name, label=choice.label, sentence=choice.critical)


def _counts(state: State, data: Data) -> tuple[Count, ...]:
    """Return how many things of each kind are made, links of one kind together, and what they open."""
    counted = Counter(one.address.kind for one in state)
    kinds = sorted(counted, key=lambda kind: (KINDS[kind].is_link, KINDS[kind].rank, kind))
    made = [_count(state, kind, counted[kind]) for kind in kinds]
    services = data.get("services") or ()
    opened = Count(
        label="services" if len(services) != 1 else "service",
        number=len(services),
        gloss=_some([one["short"] for one in services]),
    )
    return (*made, opened) if services else tuple(made)


def _count(state: State, kind: Kind, number: int) -> Count:
    label = KINDS[kind].label if number == 1 else KINDS[kind].plural
    return Count(label=label, number=number, gloss=_gloss(state, kind), kind=kind)


def _gloss(state: State, kind: Kind) -> str:
    if KINDS[kind].is_link or kind is Kind.REALM:
        return ""
    return _some([one.address.path[-1] for one in state.of_kind(kind) if one.address.path])


def _some(names: list[str]) -> str:
    rest = f" and {len(names) - GLOSS} more" if len(names) > GLOSS else ""
    return ", ".join(names[:GLOSS]) + rest
