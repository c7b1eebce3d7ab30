------------------------------- MODULE Consensus -------------------------------
(***************************************************************************)
(* Consensus, slot by slot: at most one value is chosen in a slot, and a   *)
(* chosen value stays chosen.  One step may show several slots at once.    *)
(* This module has no code: Replication refines it.                        *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets

CONSTANTS
  Value,  \* what may be chosen
  Slot    \* the places of the log

VARIABLE
  chosen  \* [Slot -> SUBSET Value]: empty, or the one value chosen

Init == chosen = [s \in Slot |-> {}]

Choose ==
  /\ DOMAIN chosen' = Slot
  /\ chosen' # chosen
  /\ \A s \in Slot :
       IF chosen[s] = {}
       THEN chosen'[s] = {} \/ \E v \in Value : chosen'[s] = {v}
       ELSE chosen'[s] = chosen[s]

Next == Choose

Spec == Init /\ [][Next]_chosen
===============================================================================
