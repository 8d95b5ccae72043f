"""Definitions that are nearly the same, found among many without comparing each with each."""

import ast
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from nbpromote.analysis.clones.form import Form

NEAR = 0.85  # of the tokens
SMALLEST = 40  # tokens; shorter definitions are alike by chance
_TOLD = 0.75  # of the names of attributes and functions, and of the constants: a shape alone says little
_GRAM = 5
_SHARED = 0.5  # of the runs of tokens; one changed token changes five of them


def likeness(one: Form, other: Form) -> float:
    """How much of two forms is the same, in order: 1 for all, 0 for nothing."""
    if one.key == other.key:
        return 1.0
    told, others_told = _telling(one), _telling(other)
    if 2 * (told & others_told).total() < _TOLD * (told.total() + others_told.total()):
        return 0.0
    matcher = SequenceMatcher(None, one.tokens, other.tokens, autojunk=False)
    if matcher.real_quick_ratio() < NEAR or matcher.quick_ratio() < NEAR:
        return 0.0
    return matcher.ratio()


def near_pairs(forms: Sequence[Form]) -> Iterator[tuple[int, int, float]]:
    """The pairs of different forms that are near, by their places.

    Two forms that are near share runs of tokens, and so at least one of the rarest runs of each: only forms that do are
    compared (prefix filtering: Chaudhuri, Ganti, Kaushik, 2006).
    """
    grams = [_grams(form) for form in forms]
    frequency = Counter(gram for each in grams for gram in each)
    holders: dict[int, list[int]] = {}
    for place, form in enumerate(forms):
        if form.size < SMALLEST:
            continue
        rare = sorted(grams[place], key=lambda gram: (frequency[gram], gram))
        prefix = rare[: len(rare) - math.ceil(_SHARED * len(rare)) + 1]
        candidates: set[int] = set()
        for gram in prefix:
            candidates.update(holders.get(gram, ()))
            holders.setdefault(gram, []).append(place)
        for other in sorted(candidates):
            if forms[other].key == form.key or not _may_be_near(forms[other].size, form.size):
                continue
            shared = len(grams[place] & grams[other])
            if shared < _SHARED * max(len(grams[place]), len(grams[other])):
                continue
            found = likeness(forms[other], form)
            if found >= NEAR:
                yield other, place, found


def _telling(form: Form) -> Counter[str]:
    return Counter(token for token in form.tokens if token[:1] not in "[]-<" and not hasattr(ast, token))


def _grams(form: Form) -> frozenset[int]:
    tokens = form.tokens
    return frozenset(hash(tokens[place : place + _GRAM]) for place in range(max(1, len(tokens) - _GRAM + 1)))


def _may_be_near(one: int, other: int) -> bool:
    return 2 * min(one, other) >= NEAR * (one + other)
