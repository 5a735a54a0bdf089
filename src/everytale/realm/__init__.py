"""The realm of a story: every situation that it can come to, when people act only for reasons of their own.

A *situation* is a state that some tale comes to; the graph of situations and moves is a Markov chain, or with a played person a Markov
decision process. From it follow the odds of every ending, proofs and refutations of what the author claims, what never happens,
and what changes when a premise is flipped.
"""

from everytale.realm.claims import Verdict, claims, judge
from everytale.realm.explore import Outcome, Realm, explore
from everytale.realm.keep import Known
from everytale.realm.odds import Bounds

__all__ = ["Bounds", "Known", "Outcome", "Realm", "Verdict", "claims", "explore", "judge"]
