--------------------------- MODULE RecordedMembership ---------------------------
(***************************************************************************)
(* Membership for recorded runs.  The constants come with each recording.  *)
(* Six things that Membership leaves out stand here, since a real run    *)
(* has them:                                                               *)
(*                                                                         *)
(* - Nobody leads at the start.                                            *)
(* - Messages stay: Membership drops one once no receiver's answer to it   *)
(*   can matter; a real network delivers it all the same.                  *)
(* - A write is durable later than the step that makes it, and what tells  *)
(*   others of it waits till then; a crash loses what was not durable, the *)
(*   entering of an epoch included.  A write on its way to the disk stands *)
(*   among the messages, as one more kind: so all actions of Membership    *)
(*   are its own, and carry it along unchanged.                            *)
(* - A leader gives its ballot up.                                         *)
(* - What a replica has kept is less than it knows, and what it has dropped *)
(*   may be there again after a crash.                                     *)
(* - A leader says again how far its log is chosen: what it knew before it *)
(*   led, too.  The rest of what it sends again is still there.            *)
(***************************************************************************)
EXTENDS Membership

CONSTANTS
  Batch,  \* how many writes one fsync may make durable
  Known   \* how many slots may be told or found to be kept, or dropped

\* What must survive a crash of r; its configuration stands in its log.
Image(r) ==
  [epoch |-> epoch[r], members |-> members[r], opened |-> opened[r],
   promised |-> promised[r], logBallot |-> logBallot[r], log |-> log[r]]

Writes(r) == {m \in msgs : m.type = "write" /\ m.of = r}
Oldest(r) == CHOOSE w \in Writes(r) : \A v \in Writes(r) : w.number <= v.number

\* What the disk of r is sure to hold.
Durable(r) == IF Writes(r) = {} THEN Image(r) ELSE Oldest(r).was

\* In place of Holders: the leader counts itself for what its disk holds.
DurableHolders(r, n) ==
  {q \in Replica \ {r} : acked[r][q] >= n}
    \cup {q \in {r} : /\ Durable(r).logBallot = ballot[r]
                      /\ Len(Durable(r).log) >= n}

\* In place of Useful.
StillThere(m) == m.type \in {"renew", "grant"} => m.left > 0

\* What tells others of a write; the rest may overtake it.
Telling == {"prepare", "promise", "accepted"}

\* In place of Send, the last conjunct of each action but the clock's: what a
\* step wrote is on its way to the disk, with what waits for it.  Who answers
\* without a write has none on its way.
SendWhenDurable(sent) ==
  LET writers == {r \in Replica : Image(r)' # Image(r)}
      waiting == {m \in sent : m.type \in Telling}
      write(r) ==
        [type |-> "write", of |-> r, was |-> Image(r), send |-> waiting,
         number |-> IF Writes(r) = {} THEN 1
                    ELSE 1 + Max({w.number : w \in Writes(r)})]
  IN  IF writers = {}
      THEN /\ \A m \in waiting : m.type # "prepare" => Writes(m.from) = {}
           /\ msgs' = msgs \cup sent
      ELSE msgs' = msgs \cup (sent \ waiting) \cup {write(r) : r \in writers}

-------------------------------------------------------------------------------
\* The oldest n writes of r are durable: what waited for them goes out.
Persisted(r, n) ==
  /\ alive[r]
  /\ Cardinality(Writes(r)) >= n
  /\ LET done == {w \in Writes(r) : w.number < Oldest(r).number + n}
     IN  msgs' = (msgs \ done) \cup UNION {w.send : w \in done}
  /\ UNCHANGED <<environmentVars, lin, configVars, keptVars, acceptorVars,
                 leaderVars, commit, grants>>

\* The leader tells again what is chosen.
Resend(r) ==
  /\ alive[r]
  /\ phase[r] # "follower"
  /\ Durable(r).promised >= ballot[r]
  /\ msgs' = msgs \cup {[type |-> "commit", bal |-> ballot[r], slot |-> commit[r]]}
  /\ UNCHANGED <<environmentVars, lin, configVars, keptVars, acceptorVars,
                 leaderVars, commit, grants>>

\* The leader gives its ballot up for good: Replication says why the leases that
\* were given to it need not be waited out.
Relinquish(r) ==
  /\ alive[r]
  /\ phase[r] = "leader"
  /\ Follow(r)
  /\ msgs' = msgs \cup {[type |-> "relinquish", bal |-> ballot[r]]}
  /\ UNCHANGED <<environmentVars, lin, configVars, keptVars, acceptorVars,
                 commit, grants>>

ReceiveRelinquish(r, b) ==
  /\ alive[r]
  /\ [type |-> "relinquish", bal |-> b] \in msgs
  /\ waits' = [waits EXCEPT ![r] = {g \in @ : g.bal # b}]
  /\ UNCHANGED <<msgs, environmentVars, lin, configVars, keptVars, acceptorVars,
                 phase, ballot, votes, barrier, acked, held, commit, grants>>

\* r tells how far it has durably kept what is chosen.
Told(r, n) ==
  /\ alive[r]
  /\ n <= commit[r]
  /\ kept' = [kept EXCEPT ![r] = Max({@, n})]
  /\ UNCHANGED <<msgs, environmentVars, lin, configVars, first, acceptorVars,
                 leaderVars, commit, grants>>

\* Before a crash of r: so much of what it knows is durable, as is found later.
\* That is what it told at least, unless its epoch is lost with the crash.
Kept(r, n) ==
  /\ n <= commit[r]
  /\ epoch[r] > 0 /\ Durable(r).epoch = epoch[r] => n >= kept[r]
  /\ kept' = [kept EXCEPT ![r] = n]
  /\ UNCHANGED <<msgs, environmentVars, lin, configVars, first, acceptorVars,
                 leaderVars, commit, grants>>

\* After a crash of r: what was not durable is lost.  What was kept stands in
\* the log that is left, and what came before its epoch is known to be chosen.
\* That slots were dropped need not have been durable: all but n are there again.
Lose(r, n) ==
  LET image == Durable(r)
  IN  /\ ~alive[r]
      /\ epoch' = [epoch EXCEPT ![r] = image.epoch]
      /\ members' = [members EXCEPT ![r] = image.members]
      /\ opened' = [opened EXCEPT ![r] = image.opened]
      /\ promised' = [promised EXCEPT ![r] = image.promised]
      /\ logBallot' = [logBallot EXCEPT ![r] = image.logBallot]
      /\ log' = [log EXCEPT ![r] = image.log]
      /\ msgs' = msgs \ Writes(r)
      /\ IsPrefix(SubSeq(log[r], 1, kept[r]), image.log)
      /\ image.opened <= kept[r]
      /\ n <= first[r]
      /\ first' = [first EXCEPT ![r] = n]
      /\ UNCHANGED <<environmentVars, lin, leaderVars, kept, commit, grants>>

\* The first members are in the first epoch, and nobody has led it yet.
NobodyLeads ==
  LET least == [r \in Replica |-> IF r \in First THEN Base(1) ELSE 0]
      nothing == [r \in Replica |-> [q \in Replica |-> 0]]
      none == [r \in Replica |-> {}]
      zero == [r \in Replica |-> 0]
  IN  /\ msgs = {} /\ made = {} /\ lin = <<>> /\ crashes = 0
      /\ alive = [r \in Replica |-> TRUE]
      /\ epoch = [r \in Replica |-> IF r \in First THEN 1 ELSE 0]
      /\ members = [r \in Replica |-> IF r \in First THEN First ELSE {}]
      /\ opened = zero
      /\ promised = least /\ logBallot = least
      /\ log = [r \in Replica |-> <<>>]
      /\ phase = [r \in Replica |-> "follower"]
      /\ ballot = zero /\ votes = none /\ barrier = zero
      /\ acked = nothing /\ commit = zero /\ kept = zero /\ first = zero
      /\ grants = none /\ held = nothing /\ waits = none

Step ==
  \/ Next
  \/ \E r \in Replica, n \in 1 .. Batch : Persisted(r, n)
  \/ \E r \in Replica : Resend(r)
  \/ \E r \in Replica : Relinquish(r)
  \/ \E r \in Replica, b \in Ballot : ReceiveRelinquish(r, b)
  \/ \E r \in Replica, n \in Known : Told(r, n)
  \/ \E r \in Replica, n \in Known : Kept(r, n)
  \/ \E r \in Replica, n \in Known : Lose(r, n)

RecordedSpec == NobodyLeads /\ [][Step]_vars

\* Stand in for what a recording brings.
Nobody == {}
NoFunction == <<>>
===============================================================================
