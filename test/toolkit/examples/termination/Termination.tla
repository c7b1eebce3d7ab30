---------------------------- MODULE Termination ----------------------------
(***************************************************************************)
(* Has everybody finished?  Nodes stand in a ring and give each other      *)
(* work; an idle node may be woken at any time.  Node 1 finds out when all *)
(* are idle for good: it sends a token round the ring, from the last node  *)
(* down to itself.  A node that gives work to a higher one, which the      *)
(* token may have passed already, becomes stained, and stains the token    *)
(* when it hands it on; a token that comes home clean, to a clean and idle *)
(* node 1, proves the end.                                                 *)
(*                                                                         *)
(* After Dijkstra, Feijen and van Gasteren, "Derivation of a termination   *)
(* detection algorithm for distributed computations", 1983 (EWD 840).      *)
(* Left out: work in flight; giving work is one step for both nodes.       *)
(***************************************************************************)
EXTENDS Naturals

CONSTANT N  \* the number of nodes

ASSUME N \in Nat /\ N > 1

VARIABLES
  active,  \* active[n]: node n has work
  stained, \* stained[n]: node n gave work upwards since it had the token
  token,   \* where the token is, and whether it is stained
  finished \* node 1 has announced the end

vars == <<active, stained, token, finished>>

Nodes == 1..N

TypeOK ==
  /\ active \in [Nodes -> BOOLEAN]
  /\ stained \in [Nodes -> BOOLEAN]
  /\ token \in [at : Nodes, stained : BOOLEAN]
  /\ finished \in BOOLEAN

(* Anybody may have work at first; the token is at home, worth nothing. *)
Init ==
  /\ active \in [Nodes -> BOOLEAN]
  /\ stained = [n \in Nodes |-> FALSE]
  /\ token = [at |-> 1, stained |-> TRUE]
  /\ finished = FALSE

(* Node n gives work to another node, idle or not. *)
GiveWork(n, to) ==
  /\ active[n]
  /\ n # to
  /\ active' = [active EXCEPT ![to] = TRUE]
  /\ stained' = [stained EXCEPT ![n] = @ \/ to > n]
  /\ UNCHANGED <<token, finished>>

(* Node n has nothing left to do. *)
Rest(n) ==
  /\ active[n]
  /\ active' = [active EXCEPT ![n] = FALSE]
  /\ UNCHANGED <<stained, token, finished>>

(* The token came home without a proof: node 1 sends it out again, clean. *)
SendToken ==
  /\ token.at = 1
  /\ ~ finished
  /\ token.stained \/ stained[1] \/ active[1]
  /\ token' = [at |-> N, stained |-> FALSE]
  /\ stained' = [stained EXCEPT ![1] = FALSE]
  /\ UNCHANGED <<active, finished>>

(* An idle node hands the token down the ring, and is clean again. *)
HandOn(n) ==
  /\ n # 1
  /\ token.at = n
  /\ ~ active[n]
  /\ token' = [at |-> n - 1, stained |-> token.stained \/ stained[n]]
  /\ stained' = [stained EXCEPT ![n] = FALSE]
  /\ UNCHANGED <<active, finished>>

(* The proof: a clean token at a clean and idle node 1. *)
Announce ==
  /\ token.at = 1
  /\ ~ finished
  /\ ~ token.stained
  /\ ~ stained[1]
  /\ ~ active[1]
  /\ finished' = TRUE
  /\ UNCHANGED <<active, stained, token>>

Next ==
  \/ \E n \in Nodes, to \in Nodes : GiveWork(n, to)
  \/ \E n \in Nodes : Rest(n)
  \/ SendToken
  \/ \E n \in Nodes : HandOn(n)
  \/ Announce

Spec ==
  /\ Init
  /\ [][Next]_vars
  /\ WF_vars(SendToken)
  /\ \A n \in Nodes : WF_vars(HandOn(n))
  /\ WF_vars(Announce)

AllIdle == \A n \in Nodes : ~ active[n]

(* Never announced too early. *)
FinishedInv == finished => AllIdle

(* And never kept secret. *)
FoundProp == AllIdle ~> finished
=============================================================================
