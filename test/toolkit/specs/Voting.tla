------------------------------- MODULE Voting -------------------------------
(***************************************************************************)
(* A toy commit protocol for the toolkit's own tests: a client asks, each  *)
(* server answers in a message, and the client counts the answers.         *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets

CONSTANTS Servers,   \* the set of servers
          Ballots,   \* the set of ballots
          None       \* no answer

ASSUME Ballots \subseteq Nat

VARIABLES promised,  \* promised[s]: the highest ballot server s answered
          msgs,      \* all messages ever sent
          chosen     \* the ballot the client saw a quorum for, or None

vars == <<promised, msgs, chosen>>

Message == [type : {"ask", "answer"}, bal : Ballots, from : Servers \cup {None}]

TypeOK ==
  /\ promised \in [Servers -> Ballots \cup {None}]
  /\ msgs \subseteq Message
  /\ chosen \in Ballots \cup {None}

Init ==
  /\ promised = [s \in Servers |-> None]
  /\ msgs = {}
  /\ chosen = None

(* The client asks for ballot b; never guarded, so that asks may repeat. *)
Ask(b) ==
  /\ msgs' = msgs \cup {[type |-> "ask", bal |-> b, from |-> None]}
  /\ UNCHANGED <<promised, chosen>>

(* Server s answers an ask for ballot b higher than any it answered. *)
Answer(s, b) ==
  /\ [type |-> "ask", bal |-> b, from |-> None] \in msgs
  /\ IF promised[s] = None THEN TRUE ELSE promised[s] < b
  /\ promised' = [promised EXCEPT ![s] = b]
  /\ msgs' = msgs \cup {[type |-> "answer", bal |-> b, from |-> s]}
  /\ UNCHANGED chosen

(* The client sees answers of a majority for one ballot. *)
Choose ==
  /\ chosen = None
  /\ \E b \in Ballots :
       /\ 2 * Cardinality({m \in msgs : m.type = "answer" /\ m.bal = b})
            > Cardinality(Servers)
       /\ chosen' = b
  /\ UNCHANGED <<promised, msgs>>

Next ==
  \/ \E b \in Ballots : Ask(b)
  \/ \E s \in Servers, b \in Ballots : Answer(s, b)
  \/ Choose

Spec == Init /\ [][Next]_vars

ChosenInv == chosen # None => \E s \in Servers : promised[s] # None
ChosenProp == [][chosen # None => chosen' = chosen]_vars
=============================================================================
