------------------------------ MODULE Membership ------------------------------
(***************************************************************************)
(* How a replication group changes its members: a failed replica is        *)
(* replaced by a log replica within seconds, and that one by a storage     *)
(* replica later.  Sources: the ATC'22 paper on DynamoDB, section 5;       *)
(* Lamport, Malkhi and Zhou, "Stoppable Paxos", for the stop sign.         *)
(*                                                                         *)
(* A change is an entry of the log, chosen by the members that it replaces *)
(* and the last of its epoch: a stop sign, after which nothing is          *)
(* proposed.  Who learns that it is chosen enters the next epoch in the    *)
(* same durable step: it promises the least ballot of that epoch, so that  *)
(* it answers nothing of the old one any more, and holds the whole chosen  *)
(* log.  A new member enters by copying that log from one that has.        *)
(*                                                                         *)
(* Nobody serves in an epoch whose stop sign is chosen, so nothing need be *)
(* waited for in the next: only a leader that serves proposes it, and such *)
(* a leader has waited for all older leases; it serves nothing from then   *)
(* on, nor does a leader that inherits it.  So grants are forgotten when   *)
(* an epoch is entered, and an inherited stop sign is committed at once.   *)
(*                                                                         *)
(* A log is whole here; that its first slots were dropped is a number, and *)
(* no message brings an entry that its sender has dropped.  What was       *)
(* dropped stands in the archive (Wal.tla holds that rule for one log) and *)
(* in the items of the storage replicas.  A member drops only what every   *)
(* member of its epoch has durably kept to be chosen: so between members   *)
(* nothing is missing.  The members tell their leader what they have kept, *)
(* and it tells them the least of it, the floor; that news takes time is   *)
(* left out, since kept only grows, and old news is a lower bound.  Who is *)
(* in no epoch copies what another still has of the log, and the items     *)
(* before that unless it keeps the log alone.  A replica that was left out *)
(* of an epoch does not come back under its name: a new one copies.        *)
(*                                                                         *)
(* This is a module of its own beside Replication, with the same actions   *)
(* in each epoch, since there the members are a constant.  Left out:       *)
(* replies to clients, reads and conditions (Replication: calls see only   *)
(* what a serving leader knows, and serving is what this module checks),   *)
(* relinquishing and the drift of clocks (they concern one epoch alone),   *)
(* the split fsync (a step's write is durable whole; that answers wait for *)
(* it, and how much of a commit a crash may leave, is Replication's),      *)
(* resending (the network loses nothing here), who decides on a change     *)
(* (any plan may be tried at any time by any leader) and the bytes of what *)
(* is archived and copied (Wal.tla, Scrub.tla).                            *)
(*                                                                         *)
(* The network is Replication's: a set from which a message may be         *)
(* received at any time, any number of times, or never.                    *)
(*                                                                         *)
(* Refines Consensus across all epochs (as ConsensusBar).                  *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets, Quorum

CONSTANTS
  Replica,     \* all that ever are members
  Storage,     \* those that apply the log and may lead; the rest keep the log
  First,       \* the members of the first epoch
  Ballot,      \* epoch * Rounds + round; in the code (epoch, round, replica)
  Rounds,      \* more than the rounds of an epoch
  Owner,       \* [Ballot -> Replica]: who alone may lead under a ballot
  Leader,      \* who leads under the least ballot at the start
  Call,        \* writes, each made at most once
  Plan,        \* [name -> [epoch, members]]: changes that may be tried, each
               \* made for the configuration of one epoch
  Start,       \* how much of the log an announcement may leave out
  Lease,       \* length of the lease in ticks; 0 switches leases off
  Cut,         \* <<p, q>>: nothing that p sends under its ballots reaches q
  Renewing,    \* the leaders that may ask for a lease
  Keeping,     \* those that keep what they know, drop slots, and are copied
  Crashable,   \* the replicas that may crash
  CrashLimit   \* how often the environment makes a replica crash

Noop == "noop"
Change == DOMAIN Plan
Command == Call \cup Change \cup {Noop}

EpochOf(b) == b \div Rounds
Base(e) == e * Rounds

ASSUME
  /\ Storage \subseteq Replica
  /\ First \subseteq Replica
  /\ Leader \in First \cap Storage
  /\ \A b \in Ballot : b \in Nat /\ b % Rounds > 0 /\ EpochOf(b) > 0
  /\ Owner \in [Ballot -> Replica]
  /\ \A p \in Change : Plan[p].members \subseteq Replica
  /\ Start \subseteq Nat
  /\ Cut \subseteq Replica \X Replica
  /\ Renewing \cup Keeping \cup Crashable \subseteq Replica
  /\ {Lease, CrashLimit} \subseteq Nat

Epochs == 0 .. 1 + Cardinality(Change)
Bases == {Base(e) : e \in Epochs}
Grants == [bal : Ballot \cup {0}, left : 1 .. Lease]

Message ==
  [type : {"prepare"}, bal : Ballot, commit : Nat]
    \cup [type : {"promise"}, bal : Ballot, from : Replica,
          logBallot : Ballot \cup Bases, start : Nat, entries : Seq(Command),
          grants : SUBSET Grants]
    \cup [type : {"join"}, bal : Ballot, to : Replica, start : Nat,
          entries : Seq(Command)]
    \cup [type : {"accept"}, bal : Ballot, slot : Nat, cmd : Command]
    \cup [type : {"accepted"}, bal : Ballot, from : Replica, length : Nat]
    \cup [type : {"commit"}, bal : Ballot, slot : Nat]
    \cup [type : {"renew"}, bal : Ballot, left : 1 .. Lease]
    \cup [type : {"grant"}, bal : Ballot, from : Replica, left : 1 .. Lease]
    \cup [type : {"epoch"}, epoch : Epochs, members : SUBSET Replica,
          start : Nat, entries : Seq(Command)]

VARIABLES
  msgs,       \* messages that somebody may still receive, any number of times
  made,       \* the calls that a leader has taken
  lin,        \* auxiliary: the commands in the order they were first seen
  alive,      \* [Replica -> BOOLEAN]
  crashes,    \* how many crashes there were
  epoch,      \* [Replica -> Epochs]: the one it is in; 0: none yet
  members,    \* [Replica -> SUBSET Replica]: those of its epoch
  opened,     \* [Replica -> Nat]: the slot of the change that began its epoch
  promised,   \* [Replica -> Ballot \cup Bases]: answers nothing below it
  logBallot,  \* [Replica -> Ballot \cup Bases]: whose leader's log it holds
  log,        \* [Replica -> Seq(Command)]: one command a slot
  phase,      \* [Replica -> {"follower", "candidate", "leader"}]
  ballot,     \* [Replica -> Ballot \cup {0}]: what it leads or wants to lead
  votes,      \* [Replica -> SUBSET promises]: a candidate's, its own left out
  barrier,    \* [Replica -> Nat]: slot of the leader's no-op or stop sign
  acked,      \* [Replica -> [Replica -> Nat]]: how far others hold its log
  commit,     \* [Replica -> Nat]: the slots it knows to be chosen
  kept,       \* [Replica -> Nat]: those that it knows durably to be chosen
  first,      \* [Replica -> Nat]: those that it has dropped
  grants,     \* [Replica -> SUBSET Grants]: leases it gave, to which ballot
  held,       \* [Replica -> [Replica -> Nat]]: how long a member's grant holds
  waits       \* [Replica -> SUBSET Grants]: leases a new leader waits out

configVars == <<epoch, members, opened>>
keptVars == <<kept, first>>
acceptorVars == <<promised, logBallot, log>>
leaderVars == <<phase, ballot, votes, barrier, acked, held, waits>>
environmentVars == <<made, alive, crashes>>
vars == <<msgs, environmentVars, lin, configVars, acceptorVars, leaderVars,
          commit, keptVars, grants>>

-------------------------------------------------------------------------------
(* Operators over one replica's state *)

Min(S) == CHOOSE x \in S : \A y \in S : x <= y
Max(S) == CHOOSE x \in S : \A y \in S : x >= y
IsPrefix(s, t) == Len(s) <= Len(t) /\ SubSeq(t, 1, Len(s)) = s

\* A log ends with the stop sign of the epoch that began after slot n.
Stopped(commands, n) ==
  Len(commands) > n /\ commands[Len(commands)] \in Change

\* Something may still be proposed in the epoch of r, and be served.
Open(r) == ~Stopped(log[r], opened[r])

HasLease(r) == IsQuorum({q \in Replica : held[r][q] > 0}, members[r])

\* A leader whose own entries are chosen and whose older leases are over.
Settled(r) ==
  /\ alive[r]
  /\ phase[r] = "leader"
  /\ waits[r] = {}
  /\ commit[r] >= barrier[r]

\* A serving leader may answer from its own state, unless its epoch ends.
Serving(r) == Settled(r) /\ HasLease(r) /\ Open(r)

\* r takes part in the epoch of this ballot.
Takes(r, b) ==
  /\ alive[r]
  /\ epoch[r] = EpochOf(b)
  /\ r \in members[r]

\* Who holds the first n slots of leader r's log, as r knows.
Holders(r, n) ==
  {q \in Replica \ {r} : acked[r][q] >= n}
    \cup {q \in {r} : logBallot[r] = ballot[r] /\ Len(log[r]) >= n}

\* How far the log of leader r is chosen.
Chosen(r) ==
  Max({0} \cup {n \in 1 .. Len(log[r]) : IsQuorum(Holders(r, n), members[r])})

\* The end of the log that a promise tells of.
End(p) == p.start + Len(p.entries)

\* a promises a better log to inherit than b.
Better(a, b) ==
  \/ a.logBallot > b.logBallot
  \/ a.logBallot = b.logBallot /\ End(a) > End(b)
  \/ a.logBallot = b.logBallot /\ End(a) = End(b) /\ a.start < b.start

-------------------------------------------------------------------------------
(* The network.  A message that can change no receiver's state any more is *)
(* dropped from the set.                                                   *)

\* Whom the leader of a ballot reaches; whether a member reaches that leader.
Reach(b) == {q \in Replica \ {Owner[b]} : <<Owner[b], q>> \notin Cut}
Reaches(q, b) == <<q, Owner[b]>> \notin Cut

\* Who takes part in a ballot now, or will when it has entered the epoch.
Takers(b) ==
  {q \in Reach(b) :
     \/ epoch[q] = EpochOf(b) /\ q \in members[q]
     \/ /\ epoch[q] < EpochOf(b)
        /\ epoch[Owner[b]] = EpochOf(b)
        /\ q \in members[Owner[b]]}

Useful(m) ==
  IF m.type = "epoch"
  THEN \E q \in m.members : epoch[q] < m.epoch
  ELSE
  LET leads == phase[Owner[m.bal]] = "leader" /\ ballot[Owner[m.bal]] = m.bal
      wants == phase[Owner[m.bal]] # "follower" /\ ballot[Owner[m.bal]] = m.bal
  IN  CASE m.type = "prepare" ->
             wants /\ \E q \in Takers(m.bal) :
                        promised[q] <= m.bal /\ logBallot[q] < m.bal
        [] m.type = "promise" ->
             wants /\ Reaches(m.from, m.bal) /\ acked[Owner[m.bal]][m.from] = 0
        [] m.type = "join" ->
             /\ m.to \in Takers(m.bal)
             /\ promised[m.to] <= m.bal
             /\ logBallot[m.to] < m.bal
        [] m.type = "accept" ->
             \E q \in Takers(m.bal) :
               /\ promised[q] <= m.bal
               /\ logBallot[q] < m.bal \/ Len(log[q]) < m.slot
        [] m.type = "accepted" ->
             /\ leads /\ Reaches(m.from, m.bal)
             /\ acked[Owner[m.bal]][m.from] < m.length
        [] m.type = "commit" ->
             \E q \in Takers(m.bal) :
               /\ commit[q] < m.slot
               /\ logBallot[q] <= m.bal
               /\ promised[q] <= m.bal \/ logBallot[q] = m.bal
        [] m.type = "renew" ->
             m.left > 0 /\ \E q \in Takers(m.bal) : promised[q] <= m.bal
        [] m.type = "grant" ->
             leads /\ Reaches(m.from, m.bal) /\ m.left > held[Owner[m.bal]][m.from]

\* The last conjunct of an action: everything else is known by then.
Send(sent) == msgs' = {m \in msgs \cup sent : Useful(m)'}

\* What a replica knows as candidate or leader, and forgets as follower.
Lead(r, newPhase, newBallot, newVotes, newBarrier, newWaits) ==
  /\ phase' = [phase EXCEPT ![r] = newPhase]
  /\ ballot' = [ballot EXCEPT ![r] = newBallot]
  /\ votes' = [votes EXCEPT ![r] = newVotes]
  /\ barrier' = [barrier EXCEPT ![r] = newBarrier]
  /\ waits' = [waits EXCEPT ![r] = newWaits]
  /\ acked' = [acked EXCEPT ![r] = [q \in Replica |-> 0]]
  /\ held' = [held EXCEPT ![r] = [q \in Replica |-> 0]]

Follow(r) == Lead(r, "follower", 0, {}, 0, {})

\* In one durable step r enters an epoch with this log, which is chosen whole:
\* after a crash the log tells that, whatever the items have kept.
Enter(r, newEpoch, newMembers, newOpened, newLog) ==
  /\ epoch' = [epoch EXCEPT ![r] = newEpoch]
  /\ members' = [members EXCEPT ![r] = newMembers]
  /\ opened' = [opened EXCEPT ![r] = newOpened]
  /\ promised' = [promised EXCEPT ![r] = Base(newEpoch)]
  /\ logBallot' = [logBallot EXCEPT ![r] = Base(newEpoch)]
  /\ log' = [log EXCEPT ![r] = newLog]
  /\ commit' = [commit EXCEPT ![r] = Len(newLog)]
  /\ kept' = [kept EXCEPT ![r] = Len(newLog)]
  /\ grants' = [grants EXCEPT ![r] = {}]
  /\ Follow(r)

\* r learns that n slots are chosen.  If the last is a stop sign, its epoch
\* has ended, and r enters the next.
Learn(r, n) ==
  IF Stopped(SubSeq(log[r], 1, n), opened[r])
  THEN /\ Enter(r, epoch[r] + 1, Plan[log[r][n]].members, n, log[r])
       /\ UNCHANGED first
  ELSE /\ commit' = [commit EXCEPT ![r] = n]
       /\ UNCHANGED <<configVars, keptVars, acceptorVars, leaderVars, grants>>

-------------------------------------------------------------------------------
TypeOK ==
  /\ \A m \in msgs :
       /\ m.type \in {"prepare", "promise", "join", "accept", "accepted",
                      "commit", "renew", "grant", "epoch"}
       /\ m.type # "epoch" => m.bal \in Ballot
  /\ made \subseteq Call
  /\ \A i \in DOMAIN lin : lin[i] \in Command
  /\ alive \in [Replica -> BOOLEAN]
  /\ crashes \in 0 .. CrashLimit
  /\ epoch \in [Replica -> Epochs]
  /\ members \in [Replica -> SUBSET Replica]
  /\ opened \in [Replica -> Nat]
  /\ promised \in [Replica -> Ballot \cup Bases]
  /\ logBallot \in [Replica -> Ballot \cup Bases]
  /\ \A r \in Replica : \A i \in DOMAIN log[r] : log[r][i] \in Command
  /\ phase \in [Replica -> {"follower", "candidate", "leader"}]
  /\ ballot \in [Replica -> Ballot \cup {0}]
  /\ \A r \in Replica : \A v \in votes[r] : v.type = "promise"
  /\ barrier \in [Replica -> Nat]
  /\ acked \in [Replica -> [Replica -> Nat]]
  /\ commit \in [Replica -> Nat]
  /\ kept \in [Replica -> Nat]
  /\ first \in [Replica -> Nat]
  /\ \A r \in Replica : grants[r] \subseteq Grants /\ waits[r] \subseteq Grants
  /\ held \in [Replica -> [Replica -> 0 .. Lease]]

\* Leader leads the first epoch, holds the lease, and all its members have
\* joined.  The others are in no epoch yet.
Init ==
  LET b == Min(Ballot)
      old == [r \in Replica |-> r \in First]
      full == IF Lease = 0 THEN {} ELSE {[bal |-> b, left |-> Lease]}
  IN  /\ msgs = {}
      /\ made = {}
      /\ lin = <<>>
      /\ alive = [r \in Replica |-> TRUE]
      /\ crashes = 0
      /\ epoch = [r \in Replica |-> IF old[r] THEN 1 ELSE 0]
      /\ members = [r \in Replica |-> IF old[r] THEN First ELSE {}]
      /\ opened = [r \in Replica |-> 0]
      /\ promised = [r \in Replica |-> IF old[r] THEN b ELSE 0]
      /\ logBallot = [r \in Replica |-> IF old[r] THEN b ELSE 0]
      /\ log = [r \in Replica |-> <<>>]
      /\ phase = [r \in Replica |-> IF r = Leader THEN "leader" ELSE "follower"]
      /\ ballot = [r \in Replica |-> IF r = Leader THEN b ELSE 0]
      /\ votes = [r \in Replica |-> {}]
      /\ barrier = [r \in Replica |-> 0]
      /\ acked = [r \in Replica |-> [q \in Replica |-> 0]]
      /\ commit = [r \in Replica |-> 0]
      /\ kept = [r \in Replica |-> 0]
      /\ first = [r \in Replica |-> 0]
      /\ grants = [r \in Replica |-> IF old[r] THEN full ELSE {}]
      /\ held = [r \in Replica |->
                   [q \in Replica |->
                      IF r = Leader /\ old[q] THEN Lease ELSE 0]]
      /\ waits = [r \in Replica |-> {}]

-------------------------------------------------------------------------------
(* Changes of the members *)

\* The serving leader proposes the plan that was made for its epoch, as the
\* last entry of it.
Reconfigure(r, p) ==
  /\ Settled(r)
  /\ Lease > 0 => HasLease(r)
  /\ promised[r] = ballot[r]
  /\ Open(r)
  /\ Plan[p].epoch = epoch[r]
  /\ log' = [log EXCEPT ![r] = Append(@, p)]
  /\ UNCHANGED <<promised, logBallot, leaderVars, environmentVars, lin,
                 configVars, keptVars, commit, grants>>
  /\ Send({[type |-> "accept", bal |-> ballot[r], slot |-> Len(log[r]) + 1,
            cmd |-> p]})

\* Whoever has entered an epoch tells its members: how it began, and the log
\* after slot n, which must be there; that it began, in any case.
Announce(r, n) ==
  /\ alive[r]
  /\ epoch[r] > 1
  /\ n <= opened[r]
  /\ n >= Min({first[r], opened[r]})
  /\ UNCHANGED <<acceptorVars, leaderVars, environmentVars, lin, configVars,
                 keptVars, commit, grants>>
  /\ Send({[type |-> "epoch", epoch |-> epoch[r], members |-> members[r],
            start |-> n, entries |-> SubSeq(log[r], n + 1, opened[r])]})

\* A member enters the epoch once it holds the whole chosen log: it must know
\* the slots before the copy to be chosen, and takes the rest from the copy.
\* Where it knows of more than the copy tells, that epoch is over.
Install(r) ==
  /\ alive[r]
  /\ \E m \in msgs :
       /\ m.type = "epoch"
       /\ r \in m.members
       /\ epoch[r] < m.epoch
       /\ m.start <= commit[r]
       /\ End(m) >= commit[r]
       /\ Enter(r, m.epoch, m.members, End(m),
                SubSeq(log[r], 1, m.start) \o m.entries)
       /\ UNCHANGED <<environmentVars, lin, first>>
       /\ Send({})

-------------------------------------------------------------------------------
(* Truncation *)

\* What r knows to be chosen becomes durable: its items hold it, or a record of
\* its commit.
Keep(r) ==
  /\ alive[r]
  /\ r \in Keeping
  /\ commit[r] > kept[r]
  /\ kept' = [kept EXCEPT ![r] = commit[r]]
  /\ UNCHANGED <<acceptorVars, leaderVars, environmentVars, lin, configVars,
                 first, commit, grants>>
  /\ Send({})

\* A member drops slots that all members of its epoch have kept.
Truncate(r) ==
  /\ alive[r]
  /\ r \in Keeping
  /\ r \in members[r]
  /\ \E n \in first[r] + 1 .. kept[r] :
       /\ \A q \in members[r] : n <= kept[q]
       /\ first' = [first EXCEPT ![r] = n]
       /\ UNCHANGED <<acceptorVars, leaderVars, environmentVars, lin,
                      configVars, kept, commit, grants>>
       /\ Send({})

\* Who is in no epoch takes over what q knows to be chosen: the slots that q
\* still has, since another member may need them, and for those before them its
\* items, or nothing where it keeps the log alone.  A copy that reaches into
\* the epoch of q tells how that began: a member of it enters it at once.
Copy(r, q) ==
  /\ alive[r]
  /\ alive[q]
  /\ q \in Keeping
  /\ epoch[r] = 0
  /\ epoch[q] > 0
  /\ \E n \in first[q] .. commit[q] :
       /\ n > commit[r]
       /\ first' = [first EXCEPT ![r] = first[q]]
       /\ LET copied == SubSeq(log[q], 1, n)
          IN  IF r \in members[q] /\ n >= opened[q]
              THEN Enter(r, epoch[q], members[q], opened[q], copied)
              ELSE /\ log' = [log EXCEPT ![r] = copied]
                   /\ commit' = [commit EXCEPT ![r] = n]
                   /\ kept' = [kept EXCEPT ![r] = n]
                   /\ UNCHANGED <<promised, logBallot, leaderVars, configVars,
                                  grants>>
       /\ UNCHANGED <<environmentVars, lin>>
       /\ Send({})

-------------------------------------------------------------------------------
(* Elections, within an epoch: as in Replication *)

\* A storage replica wants to lead its epoch.
StartElection(r, b) ==
  /\ Takes(r, b)
  /\ r \in Storage
  /\ Owner[b] = r
  /\ b > promised[r]
  /\ promised' = [promised EXCEPT ![r] = b]
  /\ Lead(r, "candidate", b, {}, 0, {})
  /\ UNCHANGED <<logBallot, log, environmentVars, lin, configVars, keptVars,
                 commit, grants>>
  /\ Send({[type |-> "prepare", bal |-> b, commit |-> commit[r]]})

\* A member of the epoch promises, and tells its log and its grants.  What it
\* has dropped the candidate knows to be chosen, as all members do.
Promise(r) ==
  \E m \in msgs :
    /\ m.type = "prepare"
    /\ r \in Reach(m.bal)
    /\ Takes(r, m.bal)
    /\ promised[r] <= m.bal
    /\ logBallot[r] < m.bal
    /\ LET start == Max({Min({m.commit, commit[r]}), first[r]})
           answer == [type |-> "promise", bal |-> m.bal, from |-> r,
                      logBallot |-> logBallot[r], start |-> start,
                      entries |-> SubSeq(log[r], start + 1, Len(log[r])),
                      grants |-> {g \in grants[r] : g.bal # m.bal}]
       IN  /\ IF phase[r] = "candidate" THEN Follow(r) ELSE UNCHANGED leaderVars
           /\ promised' = [promised EXCEPT ![r] = m.bal]
           /\ UNCHANGED <<logBallot, log, environmentVars, lin, configVars,
                          keptVars, commit, grants>>
           /\ Send({answer})

\* The member knew these slots to be chosen when it promised, and those that
\* the leader has dropped since.
JoinMessage(b, member, known, commands) ==
  LET start == Max({known, first[Owner[b]]})
  IN  [type |-> "join", bal |-> b, to |-> member, start |-> start,
       entries |-> SubSeq(commands, start + 1, Len(commands))]

\* A candidate counts a promise.  With a quorum of its epoch it takes over the
\* best log whole; what that leaves out it must know to be chosen.  A no-op is
\* its barrier, unless the log ends with a stop sign: nothing is proposed after
\* that, and it is the barrier itself.
ReceivePromise(r) ==
  /\ alive[r]
  /\ \E m \in msgs :
       /\ m.type = "promise"
       /\ m.bal = ballot[r]
       /\ m.start <= commit[r]
       /\ phase[r] = "leader" => acked[r][m.from] = 0
       /\ phase[r] = "candidate" => m \notin votes[r]
       /\ LET all == votes[r] \cup {m}
              own == [logBallot |-> logBallot[r], start |-> 0,
                      entries |-> log[r]]
              best == CHOOSE v \in all : \A w \in all : ~Better(w, v)
              inherited == IF Better(best, own)
                           THEN SubSeq(log[r], 1, best.start) \o best.entries
                           ELSE log[r]
              led == IF Stopped(inherited, opened[r])
                     THEN inherited
                     ELSE Append(inherited, Noop)
              given == {g \in UNION {v.grants : v \in all} \cup grants[r] :
                          g.bal # m.bal}
              joins == {JoinMessage(m.bal, v.from, v.start, led) : v \in all}
          IN  /\ CASE phase[r] = "leader" ->
                        /\ UNCHANGED <<acceptorVars, leaderVars>>
                        /\ UNCHANGED <<environmentVars, lin, configVars,
                                       keptVars, commit, grants>>
                        /\ Send({JoinMessage(m.bal, m.from, m.start, log[r])})
                   [] phase[r] = "candidate" /\
                      IsQuorum({r} \cup {v.from : v \in all}, members[r]) ->
                        /\ Lead(r, "leader", m.bal, {}, Len(led), given)
                        /\ logBallot' = [logBallot EXCEPT ![r] = m.bal]
                        /\ log' = [log EXCEPT ![r] = led]
                        /\ UNCHANGED <<promised, environmentVars, lin,
                                       configVars, keptVars, commit, grants>>
                        /\ Send(joins)
                   [] OTHER ->
                        /\ votes' = [votes EXCEPT ![r] = all]
                        /\ UNCHANGED <<phase, ballot, barrier, acked, held,
                                       waits, acceptorVars>>
                        /\ UNCHANGED <<environmentVars, lin, configVars,
                                       keptVars, commit, grants>>
                        /\ Send({})

AcceptedMessage(r, b, length) ==
  [type |-> "accepted", bal |-> b, from |-> r, length |-> length]

\* A member joins: its whole unchosen suffix becomes the inherited one.
Join(r) ==
  \E m \in msgs :
    /\ m.type = "join"
    /\ m.to = r
    /\ Takes(r, m.bal)
    /\ promised[r] = m.bal
    /\ IF logBallot[r] = m.bal
       THEN /\ UNCHANGED <<acceptorVars, leaderVars>>
            /\ UNCHANGED <<environmentVars, lin, configVars, keptVars, commit,
                           grants>>
            /\ Send({AcceptedMessage(r, m.bal, Len(log[r]))})
       ELSE /\ m.start <= commit[r]
            /\ Follow(r)
            /\ LET joined == SubSeq(log[r], 1, m.start) \o m.entries
               IN  /\ logBallot' = [logBallot EXCEPT ![r] = m.bal]
                   /\ log' = [log EXCEPT ![r] = joined]
                   /\ UNCHANGED <<promised, environmentVars, lin, configVars,
                                  keptVars, commit, grants>>
                   /\ Send({AcceptedMessage(r, m.bal, Len(joined))})

-------------------------------------------------------------------------------
(* Replication, within an epoch *)

\* The leader takes a write, unless its epoch ends.
Put(r, c) ==
  /\ alive[r]
  /\ phase[r] = "leader"
  /\ promised[r] = ballot[r]
  /\ Open(r)
  /\ c \notin made
  /\ made' = made \cup {c}
  /\ log' = [log EXCEPT ![r] = Append(@, c)]
  /\ UNCHANGED <<promised, logBallot, leaderVars, alive, crashes, lin,
                 configVars, keptVars, commit, grants>>
  /\ Send({[type |-> "accept", bal |-> ballot[r], slot |-> Len(log[r]) + 1,
            cmd |-> c]})

\* A member of the ballot accepts its next slot, in order only, or answers
\* again for a slot that it holds.
Accept(r) ==
  \E m \in msgs :
    /\ m.type = "accept"
    /\ r \in Reach(m.bal)
    /\ Takes(r, m.bal)
    /\ promised[r] = m.bal
    /\ logBallot[r] = m.bal
    /\ m.slot <= Len(log[r]) + 1
    /\ log' = [log EXCEPT ![r] = IF m.slot <= Len(@) THEN @
                                 ELSE Append(@, m.cmd)]
    /\ UNCHANGED <<promised, logBallot, leaderVars, environmentVars, lin,
                   configVars, keptVars, commit, grants>>
    /\ Send({AcceptedMessage(r, m.bal, Max({m.slot, Len(log[r])}))})

\* The leader learns how far a member holds its log.
ReceiveAccepted(r) ==
  /\ alive[r]
  /\ phase[r] = "leader"
  /\ \E m \in msgs :
       /\ m.type = "accepted"
       /\ m.bal = ballot[r]
       /\ acked[r][m.from] < m.length
       /\ acked' = [acked EXCEPT ![r][m.from] = m.length]
       /\ UNCHANGED <<phase, ballot, votes, barrier, held, waits>>
       /\ UNCHANGED <<acceptorVars, environmentVars, lin, configVars, keptVars,
                      commit, grants>>
       /\ Send({})

\* The leader sees that a quorum holds its barrier and what follows.  It waits
\* for all older leases first, unless its log ends the epoch: then nobody
\* serves in it any more.  With the stop sign chosen it enters the next epoch.
Commit(r) ==
  /\ alive[r]
  /\ phase[r] = "leader"
  /\ Open(r) => waits[r] = {}
  /\ Chosen(r) > commit[r]
  /\ Chosen(r) >= barrier[r]
  /\ lin' = IF Chosen(r) > Len(lin) THEN SubSeq(log[r], 1, Chosen(r)) ELSE lin
  /\ Learn(r, Chosen(r))
  /\ UNCHANGED environmentVars
  /\ Send({[type |-> "commit", bal |-> ballot[r], slot |-> Chosen(r)]})

\* A member of the ballot learns what is chosen.
LearnCommit(r) ==
  \E m \in msgs :
    /\ m.type = "commit"
    /\ r \in Reach(m.bal)
    /\ Takes(r, m.bal)
    /\ logBallot[r] = m.bal
    /\ m.slot <= Len(log[r])
    /\ commit[r] < m.slot
    /\ Learn(r, m.slot)
    /\ UNCHANGED <<environmentVars, lin>>
    /\ Send({})

-------------------------------------------------------------------------------
(* The lease *)

\* The leader asks for a lease, and counts it from now.  It grants to itself.
Renew(r) ==
  /\ Lease > 0
  /\ r \in Renewing
  /\ alive[r]
  /\ phase[r] = "leader"
  /\ promised[r] = ballot[r]
  /\ held[r][r] < Lease
  /\ held' = [held EXCEPT ![r][r] = Lease]
  /\ grants' = [grants EXCEPT
                  ![r] = {g \in @ : g.bal # ballot[r]}
                           \cup {[bal |-> ballot[r], left |-> Lease]}]
  /\ UNCHANGED <<phase, ballot, votes, barrier, acked, waits>>
  /\ UNCHANGED <<acceptorVars, environmentVars, lin, configVars, keptVars,
                 commit>>
  /\ Send({[type |-> "renew", bal |-> ballot[r], left |-> Lease]})

\* A member grants the lease only to the ballot it has promised.
Grant(r) ==
  \E m \in msgs :
    /\ m.type = "renew"
    /\ r \in Reach(m.bal)
    /\ Takes(r, m.bal)
    /\ promised[r] = m.bal
    /\ grants' = [grants EXCEPT
                    ![r] = {g \in @ : g.bal # m.bal}
                             \cup {[bal |-> m.bal, left |-> Lease]}]
    /\ UNCHANGED <<leaderVars, acceptorVars, environmentVars, lin, configVars,
                   keptVars, commit>>
    /\ Send({[type |-> "grant", bal |-> m.bal, from |-> r, left |-> m.left]})

\* The leader may count on a grant for what is left since it asked.
ReceiveGrant(r) ==
  /\ alive[r]
  /\ phase[r] = "leader"
  /\ \E m \in msgs :
       /\ m.type = "grant"
       /\ m.bal = ballot[r]
       /\ held[r][m.from] < m.left
       /\ held' = [held EXCEPT ![r][m.from] = m.left]
       /\ UNCHANGED <<phase, ballot, votes, barrier, acked, waits>>
       /\ UNCHANGED <<acceptorVars, environmentVars, lin, configVars, keptVars,
                      commit, grants>>
       /\ Send({})

\* The serving leader answers a read from what it knows to be chosen.
StrongRead(r) ==
  /\ Serving(r)
  /\ UNCHANGED vars

-------------------------------------------------------------------------------
(* The environment *)

Older(S) == {[g EXCEPT !.left = @ - 1] : g \in {h \in S : h.left > 1}}
Sooner(n) == IF n > 0 THEN n - 1 ELSE 0

\* One tick passes, on every clock.
Advance ==
  LET about == {m \in msgs : m.type \in {"renew", "grant"}}
      timed == {r \in Replica : \/ grants[r] # {}
                                \/ waits[r] # {}
                                \/ \E q \in Replica : held[r][q] > 0}
  IN  /\ Lease > 0
      /\ ~(timed = {} /\ about = {})
      /\ grants' = [r \in Replica |-> Older(grants[r])]
      /\ waits' = [r \in Replica |-> Older(waits[r])]
      /\ held' = [r \in Replica |-> [q \in Replica |-> Sooner(held[r][q])]]
      /\ UNCHANGED <<phase, ballot, votes, barrier, acked>>
      /\ UNCHANGED <<acceptorVars, environmentVars, lin, configVars, keptVars,
                     commit>>
      /\ msgs' = {m \in (msgs \ about)
                    \cup {[m EXCEPT !.left = @ - 1] : m \in about} : Useful(m)'}

\* A replica crashes: its configuration, promise and log are durable, and what
\* it has kept to be chosen.
Crash(r) ==
  /\ alive[r]
  /\ r \in Crashable
  /\ crashes < CrashLimit
  /\ crashes' = crashes + 1
  /\ alive' = [alive EXCEPT ![r] = FALSE]
  /\ Follow(r)
  /\ commit' = [commit EXCEPT ![r] = kept[r]]
  /\ grants' = [grants EXCEPT ![r] = {}]
  /\ UNCHANGED <<made, lin, configVars, keptVars, acceptorVars>>
  /\ Send({})

\* It comes back, and behaves as if it had just granted a lease to anybody.
Restart(r) ==
  /\ ~alive[r]
  /\ alive' = [alive EXCEPT ![r] = TRUE]
  /\ grants' = [grants EXCEPT ![r] = IF Lease = 0 THEN {}
                                     ELSE {[bal |-> 0, left |-> Lease]}]
  /\ UNCHANGED <<made, crashes, lin, configVars, keptVars, acceptorVars,
                 leaderVars, commit>>
  /\ Send({})

-------------------------------------------------------------------------------
Next ==
  \/ \E r \in Replica, p \in Change : Reconfigure(r, p)
  \/ \E r \in Replica, n \in Start : Announce(r, n)
  \/ \E r \in Replica : Install(r)
  \/ \E r \in Replica : Keep(r)
  \/ \E r \in Replica : Truncate(r)
  \/ \E r \in Replica, q \in Replica : Copy(r, q)
  \/ \E r \in Replica, b \in Ballot : StartElection(r, b)
  \/ \E r \in Replica : Promise(r)
  \/ \E r \in Replica : ReceivePromise(r)
  \/ \E r \in Replica : Join(r)
  \/ \E r \in Replica, c \in Call : Put(r, c)
  \/ \E r \in Replica : Accept(r)
  \/ \E r \in Replica : ReceiveAccepted(r)
  \/ \E r \in Replica : Commit(r)
  \/ \E r \in Replica : LearnCommit(r)
  \/ \E r \in Replica : Renew(r)
  \/ \E r \in Replica : Grant(r)
  \/ \E r \in Replica : ReceiveGrant(r)
  \/ \E r \in Replica : StrongRead(r)
  \/ Advance
  \/ \E r \in Replica : Crash(r)
  \/ \E r \in Replica : Restart(r)

Spec == Init /\ [][Next]_vars

\* Everything that needs no fault and no whim goes on; plans are tried again.
Fairness ==
  /\ \A r \in Replica :
       /\ \A p \in Change : WF_vars(Reconfigure(r, p))
       /\ WF_vars(\E n \in Start : Announce(r, n))
       /\ WF_vars(Install(r))
       /\ WF_vars(\E q \in Replica : Copy(r, q))
       /\ WF_vars(\E b \in Ballot : StartElection(r, b))
       /\ WF_vars(Promise(r))
       /\ WF_vars(ReceivePromise(r))
       /\ WF_vars(Join(r))
       /\ WF_vars(Accept(r))
       /\ WF_vars(ReceiveAccepted(r))
       /\ WF_vars(Commit(r))
       /\ WF_vars(LearnCommit(r))
       /\ WF_vars(Renew(r))
       /\ WF_vars(Grant(r))
       /\ WF_vars(ReceiveGrant(r))
       /\ WF_vars(Restart(r))
  /\ WF_vars(Advance)

FairSpec == Spec /\ Fairness

-------------------------------------------------------------------------------
(* Properties *)

\* The slots of the changes in a sequence of commands.
ChangeSlots(commands) == {i \in DOMAIN commands : commands[i] \in Change}

\* The members of the epoch in which the last of these commands was chosen.
MembersFor(commands) ==
  LET before == ChangeSlots(commands) \ {Len(commands)}
  IN  IF before = {} THEN First ELSE Plan[commands[Max(before)]].members

\* Of all leaders of all epochs at most one serves.
OneServingLeaderInv ==
  \A r, q \in Replica : Serving(r) /\ Serving(q) => r = q

\* A serving leader knows everything that anybody has seen.
FreshLeaderInv ==
  \A r \in Replica : Serving(r) => commit[r] >= Len(lin)

LogReplicaInv == \A r \in Replica \ Storage : phase[r] = "follower"

\* What a replica takes for chosen is what was seen, in the order it was seen.
AgreementInv ==
  \A r \in Replica : IsPrefix(SubSeq(log[r], 1, commit[r]), lin)

\* What was seen is held by a quorum of those that chose it.
DurableInv ==
  IsQuorum({r \in Replica : IsPrefix(lin, log[r])}, MembersFor(lin))

\* Logs of one ballot are one log, each as far as it goes, across epochs too.
OneLogInv ==
  \A r, q \in Replica :
    logBallot[r] = logBallot[q]
      => IsPrefix(log[r], log[q]) \/ IsPrefix(log[q], log[r])

\* An epoch ends with its change: nothing in a log of it follows that.
LastEntryInv ==
  \A r \in Replica : epoch[r] > 0 =>
    {i \in ChangeSlots(log[r]) : i > opened[r]} \subseteq {Len(log[r])}

\* A replica promises and holds ballots of the epoch it is in, no other: so
\* no quorum of an epoch promises or accepts once a quorum has left it.
SealedInv ==
  \A r \in Replica :
    EpochOf(promised[r]) = epoch[r] /\ EpochOf(logBallot[r]) = epoch[r]

\* Who takes part in no epoch answers nothing.
RetiredInv ==
  \A r \in Replica :
    r \notin members[r] =>
      promised[r] = Base(epoch[r]) /\ logBallot[r] = Base(epoch[r])

\* Who takes part in an epoch holds all that was chosen before it: a change
\* for each epoch, and what they ended.
CaughtUpInv ==
  \A r \in Replica :
    LET before == SubSeq(log[r], 1, opened[r])
    IN  /\ IsPrefix(before, lin)
        /\ epoch[r] > 0 => /\ Len(before) = opened[r]
                            /\ Cardinality(ChangeSlots(before)) = epoch[r] - 1

\* A replica drops only what it has kept, and keeps only what it knows.
DroppedInv ==
  \A r \in Replica : first[r] <= kept[r] /\ kept[r] <= commit[r]

\* No member of an epoch needs a slot that a fellow member has dropped.
NeededInv ==
  \A r \in Replica : \A q \in members[r] :
    epoch[q] > 0 => first[r] <= kept[q]

\* A change replaces one member of the configuration it was made for.
OneByOneInv ==
  \A i \in ChangeSlots(lin) :
    Cardinality(MembersFor(SubSeq(lin, 1, i)) \ Plan[lin[i]].members) <= 1

\* What was seen is only ever added to.
AppendOnlyProp == [][IsPrefix(lin, lin')]_vars

\* What was kept stays kept.
KeptProp == [][\A r \in Replica : kept[r] <= kept'[r]]_vars

\* Once faults stop, all plans that can be are carried out, somebody leads the
\* last epoch with a quorum of it, and all its members are in it.
HealedProp ==
  <>[](\E r \in Replica :
         /\ Settled(r)
         /\ \A p \in Change : epoch[r] > Plan[p].epoch
         /\ \A q \in members[r] : epoch[q] = epoch[r])

-------------------------------------------------------------------------------
(* Refinement *)

Slots == 1 .. (Cardinality(Call) + Cardinality(Change) + Cardinality(Ballot))

ConsensusBar == INSTANCE Consensus WITH
  Value <- Command,
  Slot <- Slots,
  chosen <- [s \in Slots |-> IF s \in DOMAIN lin THEN {lin[s]} ELSE {}]

ConsensusSpec == ConsensusBar!Spec
===============================================================================
