----------------------------- MODULE MCReplication -----------------------------
(***************************************************************************)
(* Constants of the models of Replication, by name; each model's cfg picks *)
(* its own.  Models bound by constant sets alone, so that every state      *)
(* stands in the graph with all its steps.                                 *)
(***************************************************************************)
EXTENDS Replication

ThreeReplicas == {"r1", "r2", "r3"}
TwoReplicas == {"r1", "r2"}
OuterReplicas == {"r1", "r3"}
FiveReplicas == {"r1", "r2", "r3", "r4", "r5"}
TwoBallots == 1 .. 2
ThreeBallots == 1 .. 3
FourBallots == 1 .. 4

OwnersInTurn == [b \in Ballot |-> CASE b = 1 -> "r1" [] b = 2 -> "r2"
                                    [] OTHER -> "r3"]
OwnersInTwo == [b \in Ballot |-> IF b = 2 THEN "r2" ELSE "r1"]
\* r1 may lead again, and a log replica owns the last ballot: in vain.
OwnersAgain == [b \in Ballot |-> CASE b = 2 -> "r2" [] b = 4 -> "r3"
                                   [] OTHER -> "r1"]

NoCalls == {}
Nobody == {}
NoCut == {}
\* r1 and r2 hear each other through nobody: r3 alone is common to their quorums.
Bridge == {<<"r1", "r2">>, <<"r2", "r1">>}
\* Of the two, r2 hears r1 but r1 does not hear r2.
Behind == {<<"r2", "r1">>}
\* Of five, r1 and r2 reach each other through nobody, nor r1 r5, nor r2 r4.
FiveCut == Bridge \cup {<<"r1", "r5">>, <<"r5", "r1">>, <<"r2", "r4">>, <<"r4", "r2">>}
First == {"r1"}
Third == {"r3"}
OnePut == {"put1"}
TwoPuts == {"put1", "put2"}
PutAndRead == {"put1", "read1"}
PutAndEventual == {"put1", "eventual1"}
PutAndCas == {"put1", "cas1"}
PutAndCasOnIt == {"put1", "cas2"}
ReadAndEventual == {"read1", "eventual1"}
OneRead == {"read1"}
OneEventual == {"eventual1"}
AllCalls == {"put1", "put2", "cas1", "cas2", "read1", "read2", "eventual1"}
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
