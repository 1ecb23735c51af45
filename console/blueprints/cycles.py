"""Circles in what includes what."""

from collections.abc import Mapping, Sequence


def cycle_in(links: Mapping[str, Sequence[str]]) -> list[str]:
    """Return one circle, its first name again at the end, or nothing."""
    settled: set[str] = set()
    for start in links:
        if found := _from(start, links, settled):
            return found
    return []


def _from(start: str, links: Mapping[str, Sequence[str]], settled: set[str]) -> list[str]:
    """Follow the links from one name, without recursion: a chain may be long."""
    way = [start]
    waiting = [list(links.get(start, ()))]
    while waiting:
        if not waiting[-1]:
            settled.add(way.pop())
            waiting.pop()
            continue
        name = waiting[-1].pop()
        if name in way:
            return [*way[way.index(name) :], name]
        if name not in settled:
            way.append(name)
            waiting.append(list(links.get(name, ())))
    return []
