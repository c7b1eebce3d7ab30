------------------------------- MODULE Shapes -------------------------------
(***************************************************************************)
(* Next-state relations of every shape: those the toolkit takes apart, and *)
(* those it must refuse. Each test names its own NEXT.                     *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets

CONSTANTS Sites, None

VARIABLES held, seen

vars == <<held, seen>>

Init == held = None /\ seen = {}

Take(s) == held = None /\ held' = s /\ UNCHANGED seen
Drop == held # None /\ held' = None /\ UNCHANGED seen
Move(from, to) == held = from /\ held' = to /\ UNCHANGED seen
Note(n, site) ==
  /\ held = site
  /\ Cardinality(seen) < 2
  /\ seen' = seen \cup {n}
  /\ UNCHANGED held
Record(r) == seen' = seen \cup {r} /\ UNCHANGED held

Others(s) == Sites \ {s}
Pairs == {<<a, b>> \in Sites \X Sites : a # b}

\* Taken apart:
FlatNext == (\E s \in Sites : Take(s)) \/ Drop
NestedNext ==
  Drop \/ \E s \in Sites : (Take(s) \/ \E t \in Others(s) : Move(s, t))
TupleNext ==
  Drop \/ (\E s \in Sites : Take(s)) \/ \E <<a, b>> \in Pairs : Move(a, b)
FixedNext ==
  \/ Drop
  \/ \E s \in Sites : Take(s)
  \/ \E s \in Sites : Note(1 + 1, s)
  \/ \E n \in {3, 5} : \E s \in
       {t \in Sites :
          /\ t # None
          /\ TRUE} : Note(n, s)
Borrow == (\E s \in Sites : Take(s)) \/ Drop
GroupNext == Borrow
ValueNext == \E r \in [{"a", "b"} -> Sites] : Record(r)

\* Refused:
StateNext == Drop \/ \E s \in seen \cup Sites : Take(s)
GivenNext == Drop \/ Take(held)
InlineNext == Drop \/ (held = None /\ held' = 1 /\ UNCHANGED seen)
EmptyNext == \E s \in {} : Take(s)

PrimedBound == held' # None
Bound == Cardinality(seen) < 2
View == held
FlatSpec == Init /\ [][FlatNext]_vars
FairSpec == FlatSpec /\ \A s \in Sites : WF_vars(Take(s))
OddSpec == Init /\ [][FlatNext]_vars /\ seen = {}
Released == [](held # None => <>(held = None))
=============================================================================
