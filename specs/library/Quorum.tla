-------------------------------- MODULE Quorum --------------------------------
(***************************************************************************)
(* Majorities of a finite set of members.  Any two majorities of the same  *)
(* set meet; everything a quorum protects rests on that.                   *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets

IsQuorum(S, members) == 2 * Cardinality(S \cap members) > Cardinality(members)
===============================================================================
