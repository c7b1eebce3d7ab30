------------------------------ MODULE TwoPhase ------------------------------
(***************************************************************************)
(* Two-phase commit.  A transaction touches several resource managers, and *)
(* all of them must come to the same end.  Each tells the coordinator when *)
(* it is prepared; the coordinator commits once all are, and may abort at  *)
(* any time before.  Messages stay in flight for ever: each may be late,   *)
(* and each may be read twice.                                             *)
(*                                                                         *)
(* Left out: crashes of the coordinator, for which this protocol waits.    *)
(***************************************************************************)
EXTENDS Naturals

CONSTANT RMs  \* the resource managers

VARIABLES
  rmState,  \* rmState[rm]: how far rm has come
  decision, \* what the coordinator has decided: "none" at first
  votes,    \* the managers whose vote the coordinator has read
  msgs      \* every message ever sent

vars == <<rmState, decision, votes, msgs>>

Message ==
  [type : {"prepared"}, rm : RMs] \cup [type : {"commit", "abort"}]

TypeOK ==
  /\ rmState \in [RMs -> {"working", "prepared", "committed", "aborted"}]
  /\ decision \in {"none", "commit", "abort"}
  /\ votes \subseteq RMs
  /\ msgs \subseteq Message

Init ==
  /\ rmState = [rm \in RMs |-> "working"]
  /\ decision = "none"
  /\ votes = {}
  /\ msgs = {}

(* A manager that has done its work promises to commit if it is told to. *)
Prepare(rm) ==
  /\ rmState[rm] = "working"
  /\ rmState' = [rmState EXCEPT ![rm] = "prepared"]
  /\ msgs' = msgs \cup {[type |-> "prepared", rm |-> rm]}
  /\ UNCHANGED <<decision, votes>>

(* A manager that has promised nothing may give up by itself. *)
GiveUp(rm) ==
  /\ rmState[rm] = "working"
  /\ rmState' = [rmState EXCEPT ![rm] = "aborted"]
  /\ UNCHANGED <<decision, votes, msgs>>

(* The coordinator reads one of the votes in flight. *)
ReadVote ==
  /\ decision = "none"
  /\ \E m \in msgs :
       /\ m.type = "prepared"
       /\ votes' = votes \cup {m.rm}
  /\ UNCHANGED <<rmState, decision, msgs>>

(* All have voted: the coordinator commits. *)
Commit ==
  /\ decision = "none"
  /\ votes = RMs
  /\ decision' = "commit"
  /\ msgs' = msgs \cup {[type |-> "commit"]}
  /\ UNCHANGED <<rmState, votes>>

(* The coordinator has waited long enough, and aborts. *)
Abort ==
  /\ decision = "none"
  /\ decision' = "abort"
  /\ msgs' = msgs \cup {[type |-> "abort"]}
  /\ UNCHANGED <<rmState, votes>>

(* A manager hears of the decision, whatever it does at that moment. *)
Obey(rm) ==
  /\ \E m \in msgs :
       \/ /\ m.type = "commit"
          /\ rmState' = [rmState EXCEPT ![rm] = "committed"]
       \/ /\ m.type = "abort"
          /\ rmState' = [rmState EXCEPT ![rm] = "aborted"]
  /\ UNCHANGED <<decision, votes, msgs>>

Next ==
  \/ \E rm \in RMs : Prepare(rm)
  \/ \E rm \in RMs : GiveUp(rm)
  \/ ReadVote
  \/ Commit
  \/ Abort
  \/ \E rm \in RMs : Obey(rm)

Spec ==
  /\ Init
  /\ [][Next]_vars
  /\ WF_vars(Commit \/ Abort)
  /\ \A rm \in RMs : WF_vars(Obey(rm))

AgreementInv ==
  ~ \E a, b \in RMs : rmState[a] = "committed" /\ rmState[b] = "aborted"

(* Nobody commits unless everybody was prepared to. *)
CommitInv == decision = "commit" => votes = RMs

EndProp == <>(\A rm \in RMs : rmState[rm] \in {"committed", "aborted"})
=============================================================================
