-------------------------- MODULE FailureDetector --------------------------
(***************************************************************************)
(* When a follower of a replication group may start an election.  The      *)
(* leader sends heartbeats; a follower that hears none for a while first   *)
(* asks its peers, because the fault may be its own link alone (a gray     *)
(* failure).  One peer that hears the leader is enough to wait longer; a   *)
(* quorum that does not hear it, the asker included, is needed to elect.   *)
(* A peer answers what it heard itself, not what it was told: two that     *)
(* asked one another in turn would wait for a dead leader for ever.        *)
(*                                                                         *)
(* Source: the DynamoDB paper of USENIX ATC 2022, section 6.2.             *)
(*                                                                         *)
(* Left out, and why that is safe:                                         *)
(*  - The election: Replication is safe whenever elections start; this     *)
(*    module is about elections that should not start, or never do.        *)
(*    A replica that elects stays so: one term of one leader is modelled.  *)
(*  - Routers that do not reach a leader which its peers hear: the control *)
(*    plane asks it to relinquish (Replication's Relinquish).              *)
(*  - Lost messages on good links: a later one repairs it; on a bad link   *)
(*    all may be lost, for as long as the link is cut.                     *)
(***************************************************************************)
EXTENDS Integers, FiniteSets, Quorum

CONSTANTS
  Replicas, Leader,
  BadLinks,      \* pairs <<from, to>> that may be cut, and healed again
  Timeout,       \* time without a heartbeat after which a follower suspects
  Interval,      \* time between heartbeats
  QuestionMax,   \* questions a follower asks, in the model
  CrashMax       \* 1 if the leader may crash

Followers == Replicas \ {Leader}
Peers(r) == Followers \ {r}

ASSUME TimesAssumption == Interval < Timeout /\ Interval >= 1

VARIABLES
  alive,     \* the leader runs
  due,       \* time until the leader's next heartbeat must be sent
  left,      \* [Followers -> 0..Timeout] time until a follower suspects
  heard,     \* [Followers -> 0..Timeout] what would be left, had only the
             \* leader itself been heard, and no peer been believed
  phase,     \* [Followers -> {"following", "asking", "electing"}]
  question,  \* [Followers -> Nat] number of the question asked last
  silent,    \* [Followers -> SUBSET Followers] peers that, asked by this
             \* question, do not hear the leader either
  messages,  \* what is on its way
  cut,       \* the bad links that are cut now
  steady     \* auxiliary: [Followers -> SUBSET Followers] peers that have
             \* heard the leader at all times since the question was asked

vars ==
  <<alive, due, left, heard, phase, question, silent, messages, cut, steady>>

Heartbeats == [type: {"Heartbeat"}, to: Followers]
Questions == [type: {"Question"}, from: Followers, to: Followers,
              number: 1..QuestionMax]
Answers == [type: {"Answer"}, from: Followers, to: Followers,
            number: 1..QuestionMax, hears: BOOLEAN]
Message == Heartbeats \cup Questions \cup Answers

TypeOK ==
  /\ alive \in BOOLEAN
  /\ due \in 0..Interval
  /\ left \in [Followers -> 0..Timeout]
  /\ heard \in [Followers -> 0..Timeout]
  /\ phase \in [Followers -> {"following", "asking", "electing"}]
  /\ question \in [Followers -> 0..QuestionMax]
  /\ silent \in [Followers -> SUBSET Followers]
  /\ messages \subseteq Message
  /\ cut \subseteq BadLinks
  /\ steady \in [Followers -> SUBSET Followers]

Init ==
  /\ alive = TRUE
  /\ due = 0
  /\ left = [r \in Followers |-> Timeout]
  /\ heard = [r \in Followers |-> Timeout]
  /\ phase = [r \in Followers |-> "following"]
  /\ question = [r \in Followers |-> 0]
  /\ silent = [r \in Followers |-> {}]
  /\ messages = {}
  /\ cut = {}
  /\ steady = [r \in Followers |-> {}]

-----------------------------------------------------------------------------
(* Of these messages those whose link is not cut get on their way. *)
Sent(from, set) == {m \in set : <<from, m.to>> \notin cut}

Hears(r) == heard[r] > 0

(* The leader tells all followers that it is there. *)
SendHeartbeat ==
  /\ alive
  /\ due = 0
  /\ due' = Interval
  /\ messages' = messages \cup Sent(Leader, Heartbeats)
  /\ UNCHANGED <<alive, left, heard, phase, question, silent, cut, steady>>

(* A follower that hears the leader has nothing to ask any more. *)
ReceiveHeartbeat(r) ==
  /\ phase[r] # "electing"
  /\ \E m \in messages :
     /\ m.type = "Heartbeat" /\ m.to = r
     /\ messages' = messages \ {m}
  /\ left' = [left EXCEPT ![r] = Timeout]
  /\ heard' = [heard EXCEPT ![r] = Timeout]
  /\ phase' = [phase EXCEPT ![r] = "following"]
  /\ silent' = [silent EXCEPT ![r] = {}]
  /\ UNCHANGED <<alive, due, question, cut, steady>>

(***************************************************************************)
(* A follower that has heard nothing for the whole timeout, neither the    *)
(* leader nor a peer that hears it, asks its peers, by a new question:     *)
(* answers to older ones say nothing about now.                            *)
(***************************************************************************)
Ask(r) ==
  /\ phase[r] # "electing"
  /\ left[r] = 0
  /\ question[r] < QuestionMax
  /\ phase' = [phase EXCEPT ![r] = "asking"]
  /\ question' = [question EXCEPT ![r] = @ + 1]
  /\ silent' = [silent EXCEPT ![r] = {}]
  /\ messages' = messages \cup Sent(r,
       [type: {"Question"}, from: {r}, to: Peers(r), number: {question[r] + 1}])
  /\ steady' = [steady EXCEPT ![r] = {p \in Peers(r) : Hears(p)}]
  /\ UNCHANGED <<alive, due, left, heard, cut>>

(* A peer says whether it hears the leader itself. *)
Answer(p) ==
  /\ \E m \in messages :
     /\ m.type = "Question" /\ m.to = p
     /\ messages' = (messages \ {m}) \cup Sent(p,
          {[type |-> "Answer", from |-> p, to |-> m.from, number |-> m.number,
            hears |-> Hears(p)]})
  /\ UNCHANGED <<alive, due, left, heard, phase, question, silent, cut, steady>>

(* A peer hears it: the asker waits as long as if it had heard it, too. *)
ReceiveAnswer(r) ==
  /\ phase[r] = "asking"
  /\ \E m \in messages :
     /\ m.type = "Answer" /\ m.to = r
     /\ m.number = question[r]
     /\ messages' = messages \ {m}
     /\ IF m.hears
        THEN /\ left' = [left EXCEPT ![r] = Timeout]
             /\ phase' = [phase EXCEPT ![r] = "following"]
             /\ silent' = [silent EXCEPT ![r] = {}]
        ELSE /\ silent' = [silent EXCEPT ![r] = @ \cup {m.from}]
             /\ UNCHANGED <<left, phase>>
  /\ UNCHANGED <<alive, due, heard, question, cut, steady>>

(* A quorum does not hear the leader. *)
Elect(r) ==
  /\ phase[r] = "asking"
  /\ IsQuorum(silent[r] \cup {r}, Replicas)
  /\ phase' = [phase EXCEPT ![r] = "electing"]
  /\ UNCHANGED
       <<alive, due, left, heard, question, silent, messages, cut, steady>>

(***************************************************************************)
(* Time passes.  A running leader is not late with its heartbeat, and a    *)
(* heartbeat arrives before the next is due; an old answer is forgotten.   *)
(***************************************************************************)
Advance ==
  /\ alive => due > 0
  /\ \A m \in messages : m.type = "Heartbeat" => phase[m.to] = "electing"
  /\ due' = IF due > 0 THEN due - 1 ELSE 0
  /\ left' = [r \in Followers |-> IF left[r] > 0 THEN left[r] - 1 ELSE 0]
  /\ heard' = [r \in Followers |-> IF heard[r] > 0 THEN heard[r] - 1 ELSE 0]
  /\ steady' = [r \in Followers |-> {p \in steady[r] : heard[p] > 1}]
  /\ UNCHANGED <<alive, phase, question, silent, messages, cut>>

Crash ==
  /\ alive /\ CrashMax = 1
  /\ alive' = FALSE
  /\ due' = 0
  /\ UNCHANGED <<left, heard, phase, question, silent, messages, cut, steady>>

(* A bad link fails; what is on it is lost. *)
CutLink(l) ==
  /\ l \notin cut
  /\ cut' = cut \cup {l}
  /\ messages' = {m \in messages :
       <<IF m.type = "Heartbeat" THEN Leader ELSE m.from, m.to>> # l}
  /\ UNCHANGED <<alive, due, left, heard, phase, question, silent, steady>>

Heal(l) ==
  /\ l \in cut
  /\ cut' = cut \ {l}
  /\ UNCHANGED
       <<alive, due, left, heard, phase, question, silent, messages, steady>>

Next ==
  \/ SendHeartbeat
  \/ \E r \in Followers : ReceiveHeartbeat(r)
  \/ \E r \in Followers : Ask(r)
  \/ \E r \in Followers : Answer(r)
  \/ \E r \in Followers : ReceiveAnswer(r)
  \/ \E r \in Followers : Elect(r)
  \/ Advance
  \/ Crash
  \/ \E l \in BadLinks : CutLink(l)
  \/ \E l \in BadLinks : Heal(l)

Spec == Init /\ [][Next]_vars

Fairness ==
  /\ WF_vars(SendHeartbeat) /\ WF_vars(Advance)
  /\ \A r \in Followers :
     /\ WF_vars(ReceiveHeartbeat(r)) /\ WF_vars(Ask(r)) /\ WF_vars(Answer(r))
     /\ WF_vars(ReceiveAnswer(r)) /\ WF_vars(Elect(r))
  /\ \A l \in BadLinks : WF_vars(Heal(l))

LiveSpec == Spec /\ Fairness

-----------------------------------------------------------------------------
(* Who hears the leader does not suspect it. *)
HeardInv == \A r \in Followers : heard[r] <= left[r]

(***************************************************************************)
(* No election while a peer hears the leader: of the quorum that elects,   *)
(* each was without the leader at some time since it was asked.            *)
(***************************************************************************)
NoNeedlessProp ==
  [][\A r \in Followers : phase[r] # "electing" /\ phase'[r] = "electing" =>
       \E Q \in SUBSET Replicas :
         /\ r \in Q /\ Leader \notin Q /\ IsQuorum(Q, Replicas)
         /\ Q \cap steady[r] = {}]_vars

(* Hearsay is not hearing: the leader's word alone renews `heard`. *)
HeardProp ==
  [][\A r \in Followers : heard'[r] > heard[r] =>
       \E m \in messages \ messages' : m.type = "Heartbeat" /\ m.to = r]_vars

(* A leader that is gone is replaced. *)
ElectedProp ==
  ~alive ~> \E r \in Followers : phase[r] = "electing"
=============================================================================
