------------------------------ MODULE Replication ------------------------------
(***************************************************************************)
(* One replication group of the store: Multi-Paxos over an ordered log,    *)
(* with storage replicas and log replicas, a leader lease, failover, and   *)
(* client calls.  Sources: "Lessons learned from 10 years of DynamoDB";    *)
(* the ATC'22 paper on DynamoDB, sections 3 and 5; Viewstamped             *)
(* Replication for the log that is inherited whole.                        *)
(*                                                                         *)
(* A ballot's leader inherits the whole log of the best promise, the one   *)
(* with the greatest (logBallot, length), and a member joins the ballot by *)
(* replacing its whole unchosen suffix in one durable step.  Merging slot  *)
(* by slot would let a conditional write survive the write it was          *)
(* evaluated on.                                                           *)
(*                                                                         *)
(* Left out: membership changes (Membership.tla), why an election starts   *)
(* (FailureDetector.tla; here any storage replica may start one at any     *)
(* time, which allows more than any detector), the bytes on disk (Wal.tla; *)
(* here a write is durable whole or not at all), and that logs are without *)
(* their first slots (Membership.tla; what that needs stands here: a crash *)
(* leaves as much of a commit as was kept).  A call is delivered at most   *)
(* once and never retried: retries that carry one token are the router's   *)
(* concern.                                                                *)
(*                                                                         *)
(* Time is counted down: a lease of length Lease, and messages about the   *)
(* lease age with the clock of the leader that sent the renewal.           *)
(*                                                                         *)
(* Refines KeyValueStore (as KeyValueStoreBar) and, slot by slot,          *)
(* Consensus (as ConsensusBar).                                            *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets, Quorum

CONSTANTS
  Replica,      \* the members of the group
  Storage,      \* those that apply the log and may lead; the rest keep the log
  Ballot,       \* positive numbers; in the code (epoch, round, replica)
  Owner,        \* [Ballot -> Replica]: who alone may lead under a ballot
  Leader,       \* who leads under the least ballot at the start, or None
  Call,         \* the client calls, each made at most once
  Op,           \* [Call -> [kind, key, expected]]; a write writes its own name
  Lease,        \* length of the lease in ticks; 0 switches leases off
  Drift,        \* by how many ticks a clock may fall behind the others
  Cut,          \* <<p, q>>: nothing that p sends ever reaches q
  Slow,         \* whose clock may miss a tick; None: nobody's does
  AtomicFsync,  \* TRUE: a write is durable within the step that makes it
  Yielding,     \* the leaders that may be asked to hand over
  Crashable,    \* the replicas that may crash
  Keeping,      \* those of them that may keep what they know to be chosen
  CrashLimit    \* how often the environment makes a replica crash

None == "none"
Noop == "noop"

ASSUME
  /\ Storage \subseteq Replica
  /\ Cut \subseteq Replica \X Replica
  /\ Crashable \subseteq Replica
  /\ Keeping \subseteq Replica
  /\ Yielding \subseteq Storage
  /\ Ballot \subseteq Nat \ {0}
  /\ Owner \in [Ballot -> Replica]
  /\ Leader \in Storage \cup {None}
  /\ Slow \subseteq Replica \cup {None}
  /\ {Lease, Drift, CrashLimit} \subseteq Nat
  /\ AtomicFsync \in BOOLEAN
  /\ \A c \in Call : Op[c].kind \in {"put", "cas", "read", "eventual"}

Grants == [bal : Ballot \cup {0}, left : 1 .. Lease + Drift]

Message ==
  [type : {"prepare"}, bal : Ballot, commit : Nat]
    \cup [type : {"promise"}, bal : Ballot, from : Replica,
          logBallot : Ballot \cup {0}, start : Nat, entries : Seq(Call \cup {Noop}),
          grants : SUBSET Grants]
    \cup [type : {"join"}, bal : Ballot, to : Replica, start : Nat,
          entries : Seq(Call \cup {Noop})]
    \cup [type : {"accept"}, bal : Ballot, slot : Nat, cmd : Call \cup {Noop}]
    \cup [type : {"accepted"}, bal : Ballot, from : Replica, length : Nat]
    \cup [type : {"commit"}, bal : Ballot, slot : Nat]
    \cup [type : {"renew"}, bal : Ballot, left : 1 .. Lease]
    \cup [type : {"grant"}, bal : Ballot, from : Replica, left : 1 .. Lease]
    \cup [type : {"relinquish"}, bal : Ballot]

VARIABLES
  msgs,         \* messages that somebody may still receive, any number of times
  calls,        \* [Call -> [status, since, value]]: what each client knows
  lin,          \* auxiliary: the commands in the order they were first seen
  alive,        \* [Replica -> BOOLEAN]
  crashes,      \* how many crashes there were
  missed,       \* [Replica -> 0 .. Drift]: ticks that its clock has missed
  promised,     \* [Replica -> Ballot \cup {0}]: answers nothing below it
  logBallot,    \* [Replica -> Ballot \cup {0}]: whose leader's log it holds
  log,          \* [Replica -> Seq(Call \cup {Noop})]: one command a slot
  unsynced,     \* [Replica -> Seq([was, send])]: writes that await an fsync,
                \* oldest first: what a crash goes back to, what waits to go out
  phase,        \* [Replica -> {"follower", "candidate", "leader"}]
  ballot,       \* [Replica -> Ballot \cup {0}]: what it leads or wants to lead
  votes,        \* [Replica -> SUBSET promises]: a candidate's, its own left out
  barrier,      \* [Replica -> Nat]: slot of the leader's no-op
  acked,        \* [Replica -> [Replica -> Nat]]: how far others hold its log
  commit,       \* [Replica -> Nat]: the slots it knows to be chosen
  waiting,      \* [Replica -> SUBSET [call, slot, ok, value]]: replies to come
  grants,       \* [Replica -> SUBSET Grants]: leases it gave, to which ballot
  held,         \* [Replica -> [Replica -> Nat]]: how long a member's grant holds
  waits,        \* [Replica -> SUBSET Grants]: leases a new leader waits out
  relinquished  \* [Replica -> Ballot \cup {0}]: the last one known given up

acceptorVars == <<promised, logBallot, log, unsynced>>
leaderVars == <<phase, ballot, votes, barrier, acked, waiting, held, waits>>
clientVars == <<calls, lin>>
environmentVars == <<alive, crashes, missed>>
vars == <<msgs, clientVars, environmentVars, acceptorVars, leaderVars, commit,
          grants, relinquished>>

-------------------------------------------------------------------------------
(* Operators over one replica's state *)

Min(S) == CHOOSE x \in S : \A y \in S : x <= y
Max(S) == CHOOSE x \in S : \A y \in S : x >= y
IsPrefix(s, t) == Len(s) <= Len(t) /\ SubSeq(t, 1, Len(s)) = s

Image(r) ==
  [promised |-> promised[r], logBallot |-> logBallot[r], log |-> log[r]]

\* What the disk is sure to hold.
Durable(r) == IF unsynced[r] = <<>> THEN Image(r) ELSE unsynced[r][1].was

\* How much of its commit r may keep beyond a crash: as far as its durable log
\* agrees.  Others may have chosen a slot that it has not made durable itself.
Keepable(r) ==
  {n \in 0 .. commit[r] : IsPrefix(SubSeq(log[r], 1, n), Durable(r).log)}

\* The value of a key after the commands of a log: the name of its last write.
ValueAt(commands, key) ==
  LET writes == {i \in 1 .. Len(commands) :
                   commands[i] # Noop /\ Op[commands[i]].key = key}
  IN  IF writes = {} THEN None ELSE commands[Max(writes)]

HasLease(r) == IsQuorum({q \in Replica : held[r][q] > 0}, Replica)

\* A serving leader may answer from its own state.
Serving(r) ==
  /\ alive[r]
  /\ phase[r] = "leader"
  /\ waits[r] = {}
  /\ commit[r] >= barrier[r]
  /\ HasLease(r)

\* Who holds the first n slots of leader r's log durably, as r knows.
Holders(r, n) ==
  {q \in Replica \ {r} : acked[r][q] >= n}
    \cup {q \in {r} : /\ Durable(r).logBallot = ballot[r]
                      /\ Len(Durable(r).log) >= n}

\* How far the log of leader r is chosen.
Chosen(r) ==
  Max({0} \cup {n \in 1 .. Len(log[r]) : IsQuorum(Holders(r, n), Replica)})

\* The end of the log that a promise tells of.
End(p) == p.start + Len(p.entries)

\* a promises a better log to inherit than b.
Better(a, b) ==
  \/ a.logBallot > b.logBallot
  \/ a.logBallot = b.logBallot /\ End(a) > End(b)
  \/ a.logBallot = b.logBallot /\ End(a) = End(b) /\ a.start < b.start

-------------------------------------------------------------------------------
(* The network: a set from which a message may be received at any time, in *)
(* any order, any number of times, or never.  A message that can change no *)
(* receiver's state any more is dropped from it.                           *)

\* Whom the leader of a ballot reaches; whether a member reaches that leader.
Reach(b) == {q \in Replica \ {Owner[b]} : <<Owner[b], q>> \notin Cut}
Reaches(q, b) == <<q, Owner[b]>> \notin Cut

Useful(m) ==
  LET leads == phase[Owner[m.bal]] = "leader" /\ ballot[Owner[m.bal]] = m.bal
      wants == phase[Owner[m.bal]] # "follower" /\ ballot[Owner[m.bal]] = m.bal
      others == Reach(m.bal)
  IN  CASE m.type = "prepare" ->
             wants /\ \E q \in others :
                        /\ Durable(q).promised <= m.bal
                        /\ Durable(q).logBallot < m.bal
        [] m.type = "promise" ->
             wants /\ Reaches(m.from, m.bal) /\ acked[Owner[m.bal]][m.from] = 0
        [] m.type = "join" ->
             m.to \in others /\ Durable(m.to).promised <= m.bal /\ Durable(m.to).logBallot < m.bal
        [] m.type = "accept" ->
             \E q \in others :
               /\ Durable(q).promised <= m.bal
               /\ \/ Durable(q).logBallot < m.bal
                  \/ Len(Durable(q).log) < m.slot
        [] m.type = "accepted" ->
             /\ leads /\ Reaches(m.from, m.bal)
             /\ acked[Owner[m.bal]][m.from] < m.length
        [] m.type = "commit" ->
             \E q \in others :
               /\ commit[q] < m.slot
               /\ Durable(q).logBallot <= m.bal
               /\ Durable(q).promised <= m.bal \/ logBallot[q] = m.bal
        [] m.type = "renew" ->
             m.left > 0 /\ \E q \in others : Durable(q).promised <= m.bal
        [] m.type = "grant" ->
             leads /\ Reaches(m.from, m.bal) /\ m.left > held[Owner[m.bal]][m.from]
        [] m.type = "relinquish" ->
             \E q \in others \cap Storage : relinquished[q] < m.bal

\* The last conjunct of an action: everything else is known by then.
Send(sent) == msgs' = {m \in msgs \cup sent : Useful(m)'}

\* Replica r's acceptor writes; what waits goes out when the write is durable.
Write(r, image, send, now) ==
  /\ promised' = [promised EXCEPT ![r] = image.promised]
  /\ logBallot' = [logBallot EXCEPT ![r] = image.logBallot]
  /\ log' = [log EXCEPT ![r] = image.log]
  /\ IF AtomicFsync
     THEN UNCHANGED unsynced /\ Send(now \cup send)
     ELSE /\ unsynced' = [unsynced EXCEPT
                            ![r] = Append(@, [was |-> Image(r),
                                              send |-> send])]
          /\ Send(now)

\* What a replica knows as candidate or leader, and forgets as follower.
Lead(r, newPhase, newBallot, newVotes, newBarrier, newWaits) ==
  /\ phase' = [phase EXCEPT ![r] = newPhase]
  /\ ballot' = [ballot EXCEPT ![r] = newBallot]
  /\ votes' = [votes EXCEPT ![r] = newVotes]
  /\ barrier' = [barrier EXCEPT ![r] = newBarrier]
  /\ waits' = [waits EXCEPT ![r] = newWaits]
  /\ acked' = [acked EXCEPT ![r] = [q \in Replica |-> 0]]
  /\ held' = [held EXCEPT ![r] = [q \in Replica |-> 0]]
  /\ waiting' = [waiting EXCEPT ![r] = {}]

Follow(r) == Lead(r, "follower", 0, {}, 0, {})

-------------------------------------------------------------------------------
TypeOK ==
  /\ \A m \in msgs : m.type \in {"prepare", "promise", "join", "accept",
                                 "accepted", "commit", "renew", "grant",
                                 "relinquish"}
  /\ \A m \in msgs : m.bal \in Ballot
  /\ calls \in [Call -> [status : {"idle", "invoked", "taken", "ok", "failed",
                                   "unknown"},
                         since : Nat, value : Call \cup {None}]]
  /\ \A i \in DOMAIN lin : lin[i] \in Call \cup {Noop}
  /\ alive \in [Replica -> BOOLEAN]
  /\ crashes \in 0 .. CrashLimit
  /\ missed \in [Replica -> 0 .. Drift]
  /\ promised \in [Replica -> Ballot \cup {0}]
  /\ logBallot \in [Replica -> Ballot \cup {0}]
  /\ \A r \in Replica : \A i \in DOMAIN log[r] : log[r][i] \in Call \cup {Noop}
  /\ \A r \in Replica : AtomicFsync => unsynced[r] = <<>>
  /\ phase \in [Replica -> {"follower", "candidate", "leader"}]
  /\ ballot \in [Replica -> Ballot \cup {0}]
  /\ \A r \in Replica : \A v \in votes[r] : v.type = "promise"
  /\ barrier \in [Replica -> Nat]
  /\ acked \in [Replica -> [Replica -> Nat]]
  /\ commit \in [Replica -> Nat]
  /\ \A r \in Replica : \A w \in waiting[r] : w.call \in Call /\ w.slot \in Nat
  /\ \A r \in Replica : grants[r] \subseteq Grants /\ waits[r] \subseteq Grants
  /\ held \in [Replica -> [Replica -> 0 .. Lease]]
  /\ relinquished \in [Replica -> Ballot \cup {0}]

\* Either nobody has led yet, or Leader leads under the least ballot, holds the
\* lease, and every member has joined.
Init ==
  LET b == IF Leader = None THEN 0 ELSE Min(Ballot)
      full == IF Leader = None \/ Lease = 0 THEN {}
              ELSE {[bal |-> b, left |-> Lease + Drift]}
  IN  /\ msgs = {}
      /\ calls = [c \in Call |->
                    [status |-> "idle", since |-> 0, value |-> None]]
      /\ lin = <<>>
      /\ alive = [r \in Replica |-> TRUE]
      /\ crashes = 0
      /\ missed = [r \in Replica |-> 0]
      /\ promised = [r \in Replica |-> b]
      /\ logBallot = [r \in Replica |-> b]
      /\ log = [r \in Replica |-> <<>>]
      /\ unsynced = [r \in Replica |-> <<>>]
      /\ phase = [r \in Replica |-> IF r = Leader THEN "leader" ELSE "follower"]
      /\ ballot = [r \in Replica |-> IF r = Leader THEN b ELSE 0]
      /\ votes = [r \in Replica |-> {}]
      /\ barrier = [r \in Replica |-> 0]
      /\ acked = [r \in Replica |-> [q \in Replica |-> 0]]
      /\ commit = [r \in Replica |-> 0]
      /\ waiting = [r \in Replica |-> {}]
      /\ grants = [r \in Replica |-> full]
      /\ held = [r \in Replica |->
                   [q \in Replica |-> IF r = Leader THEN Lease ELSE 0]]
      /\ waits = [r \in Replica |-> {}]
      /\ relinquished = [r \in Replica |-> 0]

-------------------------------------------------------------------------------
(* Elections *)

\* A storage replica that wants to lead promises its own ballot first, and asks
\* the others once that promise is durable.
StartElection(r, b) ==
  /\ alive[r]
  /\ r \in Storage
  /\ Owner[b] = r
  /\ b > promised[r]
  /\ Lead(r, "candidate", b, {}, 0, {})
  /\ UNCHANGED <<clientVars, environmentVars, commit, grants, relinquished>>
  /\ Write(r, [Image(r) EXCEPT !.promised = b],
           {[type |-> "prepare", bal |-> b, commit |-> commit[r]]}, {})

\* A replica promises to answer nothing below the ballot, and tells what the
\* candidate must know: its log past what both know to be chosen, and the leases
\* it gave to other ballots.  (Past what it knows itself would not do: another
\* command may stand in the candidate's log at a slot that is chosen here.)  One that has promised already but has not joined yet
\* answers again: the first answer may be lost.  A deposed leader goes on
\* serving reads until its lease ends, and appends nothing.
Promise(r) ==
  /\ alive[r]
  /\ \E m \in msgs :
       /\ m.type = "prepare"
       /\ r \in Reach(m.bal)
       /\ promised[r] <= m.bal
       /\ logBallot[r] < m.bal
       /\ promised[r] = m.bal => unsynced[r] = <<>>
       /\ LET start == Min({m.commit, commit[r]})
              answer == [type |-> "promise", bal |-> m.bal, from |-> r,
                         logBallot |-> logBallot[r], start |-> start,
                         entries |-> SubSeq(log[r], start + 1, Len(log[r])),
                         grants |-> {g \in grants[r] : g.bal # m.bal}]
          IN  /\ IF phase[r] = "candidate"
                 THEN Follow(r)
                 ELSE UNCHANGED leaderVars
              /\ UNCHANGED <<clientVars, environmentVars, commit, grants,
                             relinquished>>
              /\ IF promised[r] = m.bal
                 THEN UNCHANGED acceptorVars /\ Send({answer})
                 ELSE Write(r, [Image(r) EXCEPT !.promised = m.bal],
                            {answer}, {})

JoinMessage(b, member, start, commands) ==
  [type |-> "join", bal |-> b, to |-> member, start |-> start,
   entries |-> SubSeq(commands, start + 1, Len(commands))]

\* A candidate counts a promise.  With a quorum it takes over the best log
\* whole, adds a no-op as its barrier, and may replicate at once; it shows
\* nothing before the leases given to other ballots have run out.  What a
\* promise leaves out, the candidate knew to be chosen when it asked.
\* A leader lets one more member join.
ReceivePromise(r) ==
  /\ alive[r]
  /\ \E m \in msgs :
       /\ m.type = "promise"
       /\ m.bal = ballot[r]
       /\ phase[r] = "leader" => acked[r][m.from] = 0
       /\ phase[r] = "candidate" => m \notin votes[r]
       /\ LET all == votes[r] \cup {m}
              own == [logBallot |-> logBallot[r], start |-> 0,
                      entries |-> log[r]]
              best == CHOOSE v \in all : \A w \in all : ~Better(w, v)
              inherited == IF Better(best, own)
                           THEN SubSeq(log[r], 1, best.start) \o best.entries
                           ELSE log[r]
              led == Append(inherited, Noop)
              given == {g \in UNION {v.grants : v \in all} \cup grants[r] :
                          /\ g.bal # m.bal
                          /\ g.bal = 0 \/ g.bal # relinquished[r]}
              joins == {JoinMessage(m.bal, v.from, v.start, led) : v \in all}
          IN  CASE phase[r] = "leader" ->
                     /\ UNCHANGED <<acceptorVars, leaderVars>>
                     /\ UNCHANGED <<clientVars, environmentVars, commit,
                                    grants, relinquished>>
                     /\ Send({JoinMessage(m.bal, m.from, m.start, log[r])})
                [] phase[r] = "candidate" /\
                   IsQuorum({r} \cup {v.from : v \in all}, Replica) ->
                     /\ Lead(r, "leader", m.bal, {}, Len(led), given)
                     /\ UNCHANGED <<clientVars, environmentVars, commit,
                                    grants, relinquished>>
                     /\ Write(r, [Image(r) EXCEPT !.logBallot = m.bal,
                                                  !.log = led], {}, joins)
                [] OTHER ->
                     /\ votes' = [votes EXCEPT ![r] = all]
                     /\ UNCHANGED <<phase, ballot, barrier, acked, waiting,
                                    held, waits, acceptorVars>>
                     /\ UNCHANGED <<clientVars, environmentVars, commit,
                                    grants, relinquished>>
                     /\ Send({})

AcceptedMessage(r, b, length) ==
  [type |-> "accepted", bal |-> b, from |-> r, length |-> length]

\* A member joins the ballot it promised: in one durable step its whole
\* unchosen suffix becomes the inherited one.  It must know the slots before
\* the message's first entry to be chosen.  One that has joined answers again.
Join(r) ==
  /\ alive[r]
  /\ \E m \in msgs :
       /\ m.type = "join"
       /\ m.to = r
       /\ promised[r] = m.bal
       /\ IF logBallot[r] = m.bal
          THEN /\ unsynced[r] = <<>>
               /\ UNCHANGED <<acceptorVars, leaderVars>>
               /\ UNCHANGED <<clientVars, environmentVars, commit, grants,
                              relinquished>>
               /\ Send({AcceptedMessage(r, m.bal, Len(log[r]))})
          ELSE /\ m.start <= commit[r]
               /\ Follow(r)
               /\ UNCHANGED <<clientVars, environmentVars, commit, grants,
                              relinquished>>
               /\ LET joined == SubSeq(log[r], 1, m.start) \o m.entries
                  IN  Write(r, [Image(r) EXCEPT !.logBallot = m.bal,
                                                !.log = joined],
                            {AcceptedMessage(r, m.bal, Len(joined))}, {})

-------------------------------------------------------------------------------
(* Replication *)

\* A member of the ballot accepts its next slot, in order only, or answers
\* again for a slot that it holds.
Accept(r) ==
  /\ alive[r]
  /\ \E m \in msgs :
       /\ m.type = "accept"
       /\ r \in Reach(m.bal)
       /\ promised[r] = m.bal
       /\ logBallot[r] = m.bal
       /\ m.slot <= Len(log[r]) + 1
       /\ m.slot <= Len(log[r]) => unsynced[r] = <<>>
       /\ UNCHANGED <<leaderVars, clientVars, environmentVars, commit, grants,
                      relinquished>>
       /\ IF m.slot <= Len(log[r])
          THEN /\ UNCHANGED acceptorVars
               /\ Send({AcceptedMessage(r, m.bal, Len(log[r]))})
          ELSE Write(r, [Image(r) EXCEPT !.log = Append(@, m.cmd)],
                     {AcceptedMessage(r, m.bal, m.slot)}, {})

\* The leader learns how far a member holds its log.
ReceiveAccepted(r) ==
  /\ alive[r]
  /\ phase[r] = "leader"
  /\ \E m \in msgs :
       /\ m.type = "accepted"
       /\ m.bal = ballot[r]
       /\ acked[r][m.from] < m.length
       /\ acked' = [acked EXCEPT ![r][m.from] = m.length]
       /\ UNCHANGED <<phase, ballot, votes, barrier, waiting, held, waits>>
       /\ UNCHANGED <<acceptorVars, clientVars, environmentVars, commit,
                      grants, relinquished>>
       /\ Send({})

\* The leader sees that a quorum holds its barrier and what follows durably.
\* It must not be seen before every older lease has run out: a reply, a commit
\* index or an eventual read would tell what the old leader does not know.
Commit(r) ==
  /\ alive[r]
  /\ phase[r] = "leader"
  /\ waits[r] = {}
  /\ Chosen(r) > commit[r]
  /\ Chosen(r) >= barrier[r]
  /\ commit' = [commit EXCEPT ![r] = Chosen(r)]
  /\ lin' = IF Chosen(r) > Len(lin) THEN SubSeq(log[r], 1, Chosen(r)) ELSE lin
  /\ UNCHANGED <<leaderVars, acceptorVars, calls, environmentVars, grants,
                 relinquished>>
  /\ Send({[type |-> "commit", bal |-> ballot[r], slot |-> Chosen(r)]})

\* A member of the ballot learns what is chosen.
LearnCommit(r) ==
  /\ alive[r]
  /\ \E m \in msgs :
       /\ m.type = "commit"
       /\ r \in Reach(m.bal)
       /\ logBallot[r] = m.bal
       /\ m.slot <= Len(log[r])
       /\ commit[r] < m.slot
       /\ commit' = [commit EXCEPT ![r] = m.slot]
       /\ UNCHANGED <<leaderVars, acceptorVars, clientVars, environmentVars,
                      grants, relinquished>>
       /\ Send({})

\* A candidate or leader sends again what may be lost: it asks who has not
\* joined, and brings the others up to date.
Resend(r) ==
  /\ alive[r]
  /\ phase[r] # "follower"
  /\ Durable(r).promised >= ballot[r]
  /\ LET joined == {q \in Replica \ {r} : acked[r][q] > 0}
         absent == {q \in Replica \ {r} : acked[r][q] = 0}
         behind == IF joined = {} THEN {}
                   ELSE (Min({acked[r][q] : q \in joined}) + 1) .. Len(log[r])
     IN  /\ UNCHANGED <<leaderVars, acceptorVars, clientVars, environmentVars,
                        commit, grants, relinquished>>
         /\ Send({[type |-> "prepare", bal |-> ballot[r],
                    commit |-> commit[r]] : q \in absent}
                 \cup {[type |-> "accept", bal |-> ballot[r], slot |-> n,
                        cmd |-> log[r][n]] : n \in behind}
                 \cup {[type |-> "commit", bal |-> ballot[r], slot |-> n] :
                        n \in {commit[r]} \ {0}})

\* The fsync of the n oldest writes has finished: they survive a crash, and
\* what waited for them goes out.
Persisted(r) ==
  /\ alive[r]
  /\ \E n \in 1 .. Len(unsynced[r]) :
       /\ unsynced' = [unsynced EXCEPT ![r] = SubSeq(@, n + 1, Len(@))]
       /\ UNCHANGED <<promised, logBallot, log, leaderVars, clientVars,
                      environmentVars, commit, grants, relinquished>>
       /\ Send(UNION {unsynced[r][i].send : i \in 1 .. n})

-------------------------------------------------------------------------------
(* The lease *)

\* The leader asks for a lease, and counts it from now.  It grants to itself.
Renew(r) ==
  /\ Lease > 0
  /\ alive[r]
  /\ phase[r] = "leader"
  /\ promised[r] = ballot[r]
  /\ held[r][r] < Lease
  /\ held' = [held EXCEPT ![r][r] = Lease]
  /\ grants' = [grants EXCEPT
                  ![r] = {g \in @ : g.bal # ballot[r]}
                           \cup {[bal |-> ballot[r], left |-> Lease + Drift]}]
  /\ UNCHANGED <<phase, ballot, votes, barrier, acked, waiting, waits>>
  /\ UNCHANGED <<acceptorVars, clientVars, environmentVars, commit,
                 relinquished>>
  /\ Send({[type |-> "renew", bal |-> ballot[r], left |-> Lease]})

\* A replica grants the lease only to the ballot it has promised, and counts
\* from now, with the drift of clocks on top.
Grant(r) ==
  /\ alive[r]
  /\ \E m \in msgs :
       /\ m.type = "renew"
       /\ r \in Reach(m.bal)
       /\ promised[r] = m.bal
       /\ grants' = [grants EXCEPT
                       ![r] = {g \in @ : g.bal # m.bal}
                                \cup {[bal |-> m.bal, left |-> Lease + Drift]}]
       /\ UNCHANGED <<leaderVars, acceptorVars, clientVars, environmentVars,
                      commit, relinquished>>
       /\ Send({[type |-> "grant", bal |-> m.bal, from |-> r,
                 left |-> m.left]})

\* The leader may count on a grant for what is left since it asked.
ReceiveGrant(r) ==
  /\ alive[r]
  /\ phase[r] = "leader"
  /\ \E m \in msgs :
       /\ m.type = "grant"
       /\ m.bal = ballot[r]
       /\ held[r][m.from] < m.left
       /\ held' = [held EXCEPT ![r][m.from] = m.left]
       /\ UNCHANGED <<phase, ballot, votes, barrier, acked, waiting, waits>>
       /\ UNCHANGED <<acceptorVars, clientVars, environmentVars, commit,
                      grants, relinquished>>
       /\ Send({})

\* For a planned hand-off the leader gives its ballot up for good.
Relinquish(r) ==
  /\ alive[r]
  /\ r \in Yielding
  /\ phase[r] = "leader"
  /\ Follow(r)
  /\ UNCHANGED <<acceptorVars, clientVars, environmentVars, commit, grants,
                 relinquished>>
  /\ Send({[type |-> "relinquish", bal |-> ballot[r]]})

\* Leases given to a ballot that was given up need not be waited out.
ReceiveRelinquish(r) ==
  /\ alive[r]
  /\ r \in Storage
  /\ \E m \in msgs :
       /\ m.type = "relinquish"
       /\ r \in Reach(m.bal)
       /\ relinquished[r] < m.bal
       /\ relinquished' = [relinquished EXCEPT ![r] = m.bal]
       /\ waits' = [waits EXCEPT ![r] = {g \in @ : g.bal # m.bal}]
       /\ UNCHANGED <<phase, ballot, votes, barrier, acked, waiting, held>>
       /\ UNCHANGED <<acceptorVars, clientVars, environmentVars, commit,
                      grants>>
       /\ Send({})

Older(S) == {[g EXCEPT !.left = @ - 1] : g \in {h \in S : h.left > 1}}
Sooner(n) == IF n > 0 THEN n - 1 ELSE 0

\* One tick passes; a slow clock may miss it.  Messages about the lease age
\* with the clock of the leader that asked for it.
Advance(slow) ==
  LET ticks == Replica \ {slow}
      about == {m \in msgs : m.type \in {"renew", "grant"}}
      aged == {m \in about : Owner[m.bal] \in ticks}
      timed == {r \in Replica : \/ grants[r] # {}
                                \/ waits[r] # {}
                                \/ \E q \in Replica : held[r][q] > 0}
  IN  /\ Lease > 0
      /\ ~(timed = {} /\ about = {})
      /\ slow # None => missed[slow] < Drift
      /\ missed' = [r \in Replica |-> IF r = slow THEN missed[r] + 1
                                                 ELSE missed[r]]
      /\ grants' = [r \in Replica |->
                      IF r \in ticks THEN Older(grants[r]) ELSE grants[r]]
      /\ waits' = [r \in Replica |->
                     IF r \in ticks THEN Older(waits[r]) ELSE waits[r]]
      /\ held' = [r \in Replica |->
                    IF r \in ticks
                    THEN [q \in Replica |-> Sooner(held[r][q])]
                    ELSE held[r]]
      /\ UNCHANGED <<phase, ballot, votes, barrier, acked, waiting>>
      /\ UNCHANGED <<acceptorVars, clientVars, alive, crashes, commit,
                     relinquished>>
      /\ msgs' = {m \in (msgs \ aged) \cup {[m EXCEPT !.left = @ - 1] :
                    m \in aged} : Useful(m)'}

-------------------------------------------------------------------------------
(* Clients *)

\* A client makes a call.
Invoke(c) ==
  /\ calls[c].status = "idle"
  /\ calls' = [calls EXCEPT ![c].status = "invoked",
                            ![c].since = IF Op[c].kind = "cas"
                                         THEN Len(lin) ELSE 0]
  /\ UNCHANGED <<lin, environmentVars, acceptorVars, leaderVars, commit,
                 grants, relinquished>>
  /\ Send({})

Answered(c, status, value) ==
  [calls EXCEPT ![c] = [status |-> status, since |-> 0, value |-> value]]

\* The leader takes a write.  A condition is evaluated on everything before
\* it, pending writes included.  One that fails is a strong read of pending
\* state: its answer waits for the slots it saw.
Put(r, c) ==
  LET seen == ValueAt(log[r], Op[c].key)
      holds == Op[c].kind = "cas" => seen = Op[c].expected
      slot == Len(log[r]) + 1
      reply == IF holds
               THEN [call |-> c, slot |-> slot, ok |-> TRUE, value |-> None]
               ELSE [call |-> c, slot |-> slot - 1, ok |-> FALSE,
                     value |-> seen]
  IN  /\ alive[r]
      /\ phase[r] = "leader"
      /\ promised[r] = ballot[r]
      /\ Op[c].kind \in {"put", "cas"}
      /\ calls[c].status = "invoked"
      /\ calls' = [calls EXCEPT ![c].status = "taken"]
      /\ waiting' = [waiting EXCEPT ![r] = @ \cup {reply}]
      /\ UNCHANGED <<phase, ballot, votes, barrier, acked, held, waits>>
      /\ UNCHANGED <<lin, environmentVars, commit, grants, relinquished>>
      /\ IF holds
         THEN Write(r, [Image(r) EXCEPT !.log = Append(@, c)], {},
                    {[type |-> "accept", bal |-> ballot[r], slot |-> slot,
                      cmd |-> c]})
         ELSE UNCHANGED acceptorVars /\ Send({})

\* The leader answers a write once its slot is chosen, in slot order; a failed
\* condition under the lease only, since a newer leader may know better.
Reply(r, c) ==
  /\ alive[r]
  /\ \E w \in waiting[r] :
       /\ w.call = c
       /\ w.slot <= commit[r]
       /\ ~w.ok => Serving(r)
       /\ \A v \in waiting[r] : v.slot >= w.slot
       /\ waiting' = [waiting EXCEPT ![r] = @ \ {w}]
       /\ calls' = Answered(c, IF w.ok THEN "ok" ELSE "failed", w.value)
       /\ UNCHANGED <<phase, ballot, votes, barrier, acked, held, waits>>
       /\ UNCHANGED <<lin, environmentVars, acceptorVars, commit, grants,
                      relinquished>>
       /\ Send({})

\* The serving leader answers from what it knows to be chosen.
StrongRead(r, c) ==
  /\ Op[c].kind = "read"
  /\ calls[c].status = "invoked"
  /\ Serving(r)
  /\ calls' = Answered(c, "ok", ValueAt(SubSeq(log[r], 1, commit[r]),
                                        Op[c].key))
  /\ UNCHANGED <<lin, environmentVars, acceptorVars, leaderVars, commit,
                 grants, relinquished>>
  /\ Send({})

\* Any storage replica answers from what it knows to be chosen.
EventualRead(r, c) ==
  /\ alive[r]
  /\ r \in Storage
  /\ Op[c].kind = "eventual"
  /\ calls[c].status = "invoked"
  /\ calls' = Answered(c, "ok", ValueAt(SubSeq(log[r], 1, commit[r]),
                                        Op[c].key))
  /\ UNCHANGED <<lin, environmentVars, acceptorVars, leaderVars, commit,
                 grants, relinquished>>
  /\ Send({})

\* The client learns that nobody will answer: whoever took its call has
\* crashed, or leads no more.
GiveUp(c) ==
  /\ calls[c].status = "taken"
  /\ \A r \in Replica : \A w \in waiting[r] : w.call # c
  /\ calls' = Answered(c, "unknown", None)
  /\ UNCHANGED <<lin, environmentVars, acceptorVars, leaderVars, commit,
                 grants, relinquished>>
  /\ Send({})

-------------------------------------------------------------------------------
(* Faults *)

\* A replica crashes: what was not durable is lost, and so is all it knew as
\* candidate or leader, and what it was told of leases.  Of what it was told of
\* commits stays what it has kept: its items hold it, or a record beside its log.
Crash(r) ==
  /\ alive[r]
  /\ r \in Crashable
  /\ crashes < CrashLimit
  /\ crashes' = crashes + 1
  /\ alive' = [alive EXCEPT ![r] = FALSE]
  /\ promised' = [promised EXCEPT ![r] = Durable(r).promised]
  /\ logBallot' = [logBallot EXCEPT ![r] = Durable(r).logBallot]
  /\ log' = [log EXCEPT ![r] = Durable(r).log]
  /\ unsynced' = [unsynced EXCEPT ![r] = <<>>]
  /\ Follow(r)
  /\ \E n \in IF r \in Keeping THEN Keepable(r) ELSE {0} :
       commit' = [commit EXCEPT ![r] = n]
  /\ grants' = [grants EXCEPT ![r] = {}]
  /\ relinquished' = [relinquished EXCEPT ![r] = 0]
  /\ UNCHANGED <<clientVars, missed>>
  /\ Send({})

\* It comes back with what was durable.  It has forgotten to whom it granted a
\* lease, and when: it behaves as if it had just granted one to anybody.
Restart(r) ==
  /\ ~alive[r]
  /\ alive' = [alive EXCEPT ![r] = TRUE]
  /\ grants' = [grants EXCEPT
                  ![r] = IF Lease = 0 THEN {}
                         ELSE {[bal |-> 0, left |-> Lease + Drift]}]
  /\ UNCHANGED <<crashes, missed, clientVars, acceptorVars, leaderVars, commit,
                 relinquished>>
  /\ Send({})

-------------------------------------------------------------------------------
Next ==
  \/ \E r \in Replica, b \in Ballot : StartElection(r, b)
  \/ \E r \in Replica : Promise(r)
  \/ \E r \in Replica : ReceivePromise(r)
  \/ \E r \in Replica : Join(r)
  \/ \E r \in Replica : Accept(r)
  \/ \E r \in Replica : ReceiveAccepted(r)
  \/ \E r \in Replica : Commit(r)
  \/ \E r \in Replica : LearnCommit(r)
  \/ \E r \in Replica : Resend(r)
  \/ \E r \in Replica : Persisted(r)
  \/ \E r \in Replica : Renew(r)
  \/ \E r \in Replica : Grant(r)
  \/ \E r \in Replica : ReceiveGrant(r)
  \/ \E r \in Replica : Relinquish(r)
  \/ \E r \in Replica : ReceiveRelinquish(r)
  \/ \E slow \in Slow : Advance(slow)
  \/ \E c \in Call : Invoke(c)
  \/ \E r \in Replica, c \in Call : Put(r, c)
  \/ \E r \in Replica, c \in Call : Reply(r, c)
  \/ \E r \in Replica, c \in Call : StrongRead(r, c)
  \/ \E r \in Replica, c \in Call : EventualRead(r, c)
  \/ \E c \in Call : GiveUp(c)
  \/ \E r \in Replica : Crash(r)
  \/ \E r \in Replica : Restart(r)

Spec == Init /\ [][Next]_vars

-------------------------------------------------------------------------------
(* Fairness: everything that needs no fault and no whim goes on. *)

Fairness ==
  /\ \A r \in Replica :
       /\ WF_vars(Promise(r))
       /\ WF_vars(ReceivePromise(r))
       /\ WF_vars(Join(r))
       /\ WF_vars(Accept(r))
       /\ WF_vars(ReceiveAccepted(r))
       /\ WF_vars(Commit(r))
       /\ WF_vars(LearnCommit(r))
       /\ WF_vars(Persisted(r))
       /\ WF_vars(Renew(r))
       /\ WF_vars(Grant(r))
       /\ WF_vars(ReceiveGrant(r))
       /\ WF_vars(Restart(r))
       /\ WF_vars(\E b \in Ballot : StartElection(r, b))
  /\ \A c \in Call :
       /\ WF_vars(GiveUp(c))
       /\ WF_vars(\E r \in Replica : Put(r, c))
       /\ WF_vars(\E r \in Replica : Reply(r, c))
       /\ WF_vars(\E r \in Replica : StrongRead(r, c))
       /\ WF_vars(\E r \in Replica : EventualRead(r, c))
  /\ WF_vars(Advance(None))

FairSpec == Spec /\ Fairness

-------------------------------------------------------------------------------
(* Properties *)

\* One leader a ballot and, of all leaders, at most one that serves.
OneServingLeaderInv ==
  \A r, q \in Replica : Serving(r) /\ Serving(q) => r = q

\* A serving leader knows everything that anybody has seen.
FreshLeaderInv ==
  \A r \in Replica : Serving(r) => commit[r] >= Len(lin)

LogReplicaInv ==
  \A r \in Replica \ Storage : phase[r] = "follower" /\ waiting[r] = {}

\* What a replica takes for chosen is what was seen, in the order it was seen.
AgreementInv ==
  \A r \in Replica :
    /\ commit[r] <= Len(log[r])
    /\ SubSeq(log[r], 1, commit[r]) = SubSeq(lin, 1, commit[r])

\* What was seen survives the crash of everything outside some quorum, with
\* what is not fsynced lost.
DurableInv ==
  IsQuorum({r \in Replica : IsPrefix(lin, Durable(r).log)}, Replica)

\* An acknowledged write was seen, once.
AcknowledgedInv ==
  \A c \in Call :
    /\ Cardinality({i \in DOMAIN lin : lin[i] = c}) <= 1
    /\ (calls[c].status = "ok" /\ Op[c].kind \in {"put", "cas"})
         => \E i \in DOMAIN lin : lin[i] = c

\* A conditional write stands, in every log, on the value its condition held
\* for: so it takes effect on that value, whichever log is inherited.
PremiseInv ==
  \A commands \in {lin} \cup {log[r] : r \in Replica} :
    \A i \in DOMAIN commands :
      (commands[i] # Noop /\ Op[commands[i]].kind = "cas")
        => ValueAt(SubSeq(commands, 1, i - 1), Op[commands[i]].key)
             = Op[commands[i]].expected

\* What a member of a ballot holds is what its leader holds, or less.
LeaderLogInv ==
  \A r, q \in Replica :
    (phase[r] = "leader" /\ logBallot[q] = ballot[r])
      => IsPrefix(log[q], log[r])

\* Logs of one ballot are one log, each as far as it goes. By this the code puts
\* in again what a message left out since both sides hold it.
OneLogInv ==
  \A r, q \in Replica :
    logBallot[r] = logBallot[q]
      => IsPrefix(log[r], log[q]) \/ IsPrefix(log[q], log[r])

\* A value that a client was told is one that nobody can take back.
SeenInv ==
  \A c \in Call :
    calls[c].value # None => \E i \in DOMAIN lin : lin[i] = calls[c].value

\* What was seen is only ever added to.
AppendOnlyProp == [][IsPrefix(lin, lin')]_vars

\* A strong read tells the newest value, an eventual read one there was.
ReadProp ==
  [][\A c \in Call :
       (calls[c].status = "invoked" /\ calls'[c].status = "ok") =>
         \E n \in 0 .. Len(lin) :
           /\ calls'[c].value = ValueAt(SubSeq(lin, 1, n), Op[c].key)
           /\ Op[c].kind = "read" => n = Len(lin)]_vars

\* Once faults stop, somebody leads, and every call is answered or reported
\* unknown.
LeaderElected == <>[](\E r \in Replica : alive[r] /\ phase[r] = "leader")
CallsEnd ==
  \A c \in Call : calls[c].status = "invoked" ~>
                    calls[c].status \in {"ok", "failed", "unknown"}

-------------------------------------------------------------------------------
(* Refinement *)

Seen == SelectSeq(lin, LAMBDA cmd : cmd # Noop)

\* How many calls had been seen when call c was made.
SeenSince(c) ==
  Len(SelectSeq(SubSeq(lin, 1, calls[c].since), LAMBDA cmd : cmd # Noop))

KeyValueStoreBar == INSTANCE KeyValueStore WITH
  writes <- Seen,
  calls <- [c \in Call |->
              [status |-> IF calls[c].status = "taken" THEN "invoked"
                          ELSE calls[c].status,
               since |-> SeenSince(c),
               value |-> calls[c].value]]

KeyValueStoreSpec == KeyValueStoreBar!Spec

ConsensusBar == INSTANCE Consensus WITH
  Value <- Call \cup {Noop},
  Slot <- 1 .. (Cardinality(Call) + Cardinality(Ballot)),
  chosen <- [s \in 1 .. (Cardinality(Call) + Cardinality(Ballot)) |->
               IF s \in DOMAIN lin THEN {lin[s]} ELSE {}]

ConsensusSpec == ConsensusBar!Spec
===============================================================================
