------------------------------- MODULE Endless -------------------------------
(***************************************************************************)
(* Never ends: for tests of time limits, interrupts and memory limits.     *)
(***************************************************************************)
EXTENDS Naturals

VARIABLES x,    \* counts for ever
          past  \* grows beyond every heap in Grow

Init == x = 0 /\ past = {}

Count == x' = x + 1 /\ UNCHANGED past

Next == Count

Grow == x' = x + 1 /\ past' = {<<i, x>> : i \in 1 .. 3000000}
=============================================================================
