----------------------------- MODULE MCReplication -----------------------------
(***************************************************************************)
(* Constants of the models of Replication, by name; each model's cfg picks *)
(* its own.  Models bound by constant sets alone, so that every state      *)
(* stands in the graph with all its steps.                                 *)
(***************************************************************************)
EXTENDS Replication

ThreeReplicas == {"r1", "r2", "r3"}
TwoReplicas == {"r1", "r2"}
FiveReplicas == {"r1", "r2", "r3", "r4", "r5"}
TwoBallots == 1 .. 2
ThreeBallots == 1 .. 3

OwnersInTurn == [b \in Ballot |-> CASE b = 1 -> "r1" [] b = 2 -> "r2"
                                    [] OTHER -> IF "r3" \in Storage
                                                THEN "r3" ELSE "r1"]
OwnersInTwo == [b \in Ballot |-> IF b = 2 THEN "r2" ELSE "r1"]

NoCalls == {}
Nobody == {}
NoCut == {}
\* r1 and r2 hear each other through nobody: r3 alone is common to their quorums.
Bridge == {<<"r1", "r2">>, <<"r2", "r1">>}
First == {"r1"}
OnePut == {"put1"}
TwoPuts == {"put1", "put2"}
PutAndRead == {"put1", "read1"}
PutAndEventual == {"put1", "eventual1"}
PutAndCas == {"put1", "cas1"}
ReadAndEventual == {"read1", "eventual1"}
OneRead == {"read1"}
PutsAndReads == [c \in Call |->
  [kind |-> CASE c \in {"put1", "put2"} -> "put"
              [] c \in {"cas1", "cas2"} -> "cas"
              [] c \in {"read1", "read2"} -> "read"
              [] OTHER -> "eventual",
   key |-> "k", expected |-> IF c = "cas2" THEN "put1" ELSE None]]

\* No clock is slow; no time passes; r1's clock may be.
NobodySlow == {None}
NoTime == {}
FirstSlow == {None, "r1"}
================================================================================
