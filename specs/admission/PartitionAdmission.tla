------------------------- MODULE PartitionAdmission -------------------------
(***************************************************************************)
(* Admission of requests by the storage nodes: every partition has, for    *)
(* each kind of request, an allocated bucket, a burst bucket of unused     *)
(* capacity, and a ceiling it may never exceed; every node has a bucket    *)
(* for all the replicas it hosts.  Source: the DynamoDB paper of USENIX    *)
(* ATC 2022, sections 4.1 to 4.3.                                          *)
(*                                                                         *)
(* A request is admitted from allocated tokens, whatever the node's bucket *)
(* says: the node is provisioned for the sum of what it allocated, so its  *)
(* bucket may go into a bounded debt.  Otherwise it is admitted from burst *)
(* tokens if the node has tokens too and, for a write, if every follower   *)
(* reported tokens.  A burst leaves room under the ceiling for the         *)
(* allocated tokens.                                                       *)
(*                                                                         *)
(* Left out, and why that is safe:                                         *)
(*  - Delayed capacity reports.  A report says how much of the leader's    *)
(*    writes it already counts, so one that comes late gives the leader    *)
(*    the figure it would have by taking it early and deducting its own    *)
(*    writes since; an older report than the last one taken is ignored.    *)
(*    Collect is therefore one step.                                       *)
(*  - Lost and repeated charges.  The leader sends the running total of    *)
(*    its writes, so a later message repairs a lost one and a repeated one *)
(*    changes nothing; `owed` is the difference of the two totals.         *)
(*  - A follower that is behind by more than one unit of time: it works    *)
(*    at its own pace, outside the quorum.  So Advance waits for charges.  *)
(*  - Eventual reads at a follower: that replica admits them by buckets    *)
(*    of its own, like a partition without followers.                      *)
(***************************************************************************)
EXTENDS Integers, FiniteSets

CONSTANTS
  Partitions, Nodes,  \* disjoint sets of names
  Led,                \* {p, n}: node n holds the leader of partition p
  Followed,           \* {p, n}: node n holds another member of p
  Kinds,              \* a subset of {"read", "write"}
  Costs,              \* what one request may cost, in tokens
  AllocatedCap, AllocatedRate,  \* the partition's provisioned share
  BurstCap,                     \* how much unused share is kept
  CeilingCap, CeilingRate,      \* the hard limit of a partition
  NodeCap, NodeRate,            \* what a node can serve
  LagMax              \* a node refills at least once in so many units of time

Leader(p) == CHOOSE n \in Nodes : {p, n} \in Led
Followers(p) == {n \in Nodes : {p, n} \in Followed}
LedBy(n) == {p \in Partitions : {p, n} \in Led}
FollowedBy(n) == {p \in Partitions : {p, n} \in Followed}

ASSUME PlacementAssumption ==
  /\ Partitions \cap Nodes = {}
  /\ \A p \in Partitions : Cardinality({n \in Nodes : {p, n} \in Led}) = 1
  /\ \A p \in Partitions : Leader(p) \notin Followers(p)

ASSUME LimitsAssumption ==
  /\ Kinds \subseteq {"read", "write"}
  /\ \A c \in Costs : c \in 1..AllocatedCap
  /\ CeilingCap >= AllocatedCap /\ CeilingRate >= AllocatedRate
  /\ LagMax >= 1

(* A node is provisioned for everything it has allocated. *)
ASSUME ProvisionedAssumption ==
  \A n \in Nodes :
    NodeRate >= AllocatedRate * Cardinality(LedBy(n) \cup FollowedBy(n))

VARIABLES
  allocated,   \* [Partitions -> [Kinds -> Nat]] tokens of the share
  burst,       \* [Partitions -> [Kinds -> Nat]] unused share that was kept
  ceiling,     \* [Partitions -> [Kinds -> Nat]] room under the hard limit
  node,        \* [Nodes -> [Kinds -> Int]] the node's bucket; debt below 0
  unrefilled,  \* [Nodes -> 0..LagMax] time that passed since the refill
  reported,    \* [Partitions -> [Nodes -> Int]] write tokens the leader
               \* still believes a follower's node to have
  owed,        \* [Partitions -> [Nodes -> Nat]] cost of writes on the way
               \* to a follower's node, not charged there yet
  sharedLoad,  \* auxiliary: [Partitions -> [Kinds -> Nat]] the greatest
               \* excess over AllocatedRate of any window that ends now
  cappedLoad   \* auxiliary: the same over CeilingRate

vars == <<allocated, burst, ceiling, node, unrefilled, reported, owed,
          sharedLoad, cappedLoad>>

Min(a, b) == IF a < b THEN a ELSE b
Max(a, b) == IF a > b THEN a ELSE b

RECURSIVE Sum(_, _)
Sum(f, S) == IF S = {} THEN 0
             ELSE LET x == CHOOSE x \in S : TRUE IN f[x] + Sum(f, S \ {x})

TypeOK ==
  /\ allocated \in [Partitions -> [Kinds -> 0..AllocatedCap]]
  /\ burst \in [Partitions -> [Kinds -> 0..BurstCap]]
  /\ ceiling \in [Partitions -> [Kinds -> 0..CeilingCap]]
  /\ \A n \in Nodes, k \in Kinds : node[n][k] \in Int
  /\ unrefilled \in [Nodes -> 0..LagMax]
  /\ \A p \in Partitions, n \in Nodes : reported[p][n] \in Int
  /\ \A p \in Partitions, n \in Nodes : owed[p][n] \in Nat
  /\ \A p \in Partitions, k \in Kinds : sharedLoad[p][k] \in Nat
  /\ \A p \in Partitions, k \in Kinds : cappedLoad[p][k] \in Nat

(***************************************************************************)
(* A leader starts with full buckets, so a failover lets in one more burst *)
(* at most; it knows nothing of its followers before their first report.   *)
(***************************************************************************)
Init ==
  /\ allocated = [p \in Partitions |-> [k \in Kinds |-> AllocatedCap]]
  /\ burst = [p \in Partitions |-> [k \in Kinds |-> BurstCap]]
  /\ ceiling = [p \in Partitions |-> [k \in Kinds |-> CeilingCap]]
  /\ node = [n \in Nodes |-> [k \in Kinds |-> NodeCap]]
  /\ unrefilled = [n \in Nodes |-> 0]
  /\ reported = [p \in Partitions |-> [n \in Nodes |-> 0]]
  /\ owed = [p \in Partitions |-> [n \in Nodes |-> 0]]
  /\ sharedLoad = [p \in Partitions |-> [k \in Kinds |-> 0]]
  /\ cappedLoad = [p \in Partitions |-> [k \in Kinds |-> 0]]

-----------------------------------------------------------------------------
(* The followers a request of kind k reaches, besides the leader's node. *)
Reached(p, k) == IF k = "write" THEN Followers(p) ELSE {}

(* A node that refilled; requests are decided on nothing older. *)
Fresh(n) == unrefilled[n] = 0

(* The allocated tokens cover a request. *)
CoveredByShare(p, k, c) == allocated[p][k] >= c

(* The burst tokens cover a request, and nobody's allocated share pays. *)
CoveredByBurst(p, k, c) ==
  /\ burst[p][k] >= c
  /\ ceiling[p][k] - c >= allocated[p][k]
  /\ node[Leader(p)][k] >= c
  /\ \A m \in Reached(p, k) : reported[p][m] >= c

(* What every admission does, from whichever bucket it was paid. *)
Account(p, k, c) ==
  /\ ceiling' = [ceiling EXCEPT ![p][k] = @ - c]
  /\ node' = [node EXCEPT ![Leader(p)][k] = @ - c]
  /\ owed' = [owed EXCEPT ![p] =
       [m \in Nodes |-> IF m \in Reached(p, k) THEN @[m] + c ELSE @[m]]]
  /\ sharedLoad' = [sharedLoad EXCEPT ![p][k] = @ + c]
  /\ cappedLoad' = [cappedLoad EXCEPT ![p][k] = @ + c]
  /\ UNCHANGED unrefilled

(***************************************************************************)
(* The leader of p admits a request that its allocated tokens cover.  They *)
(* and the node are charged; the node is not asked, so that no neighbour's *)
(* burst can throttle what was allocated.                                  *)
(***************************************************************************)
AdmitAllocated(p, k, c) ==
  /\ Fresh(Leader(p))
  /\ CoveredByShare(p, k, c)
  /\ allocated' = [allocated EXCEPT ![p][k] = @ - c]
  /\ reported' = [reported EXCEPT ![p] = [m \in Nodes |->
       IF m \in Reached(p, k) THEN Max(0, @[m] - c) ELSE @[m]]]
  /\ Account(p, k, c)
  /\ UNCHANGED burst

(***************************************************************************)
(* The allocated tokens do not cover the request: the leader of p admits   *)
(* it from burst tokens if its node, the ceiling and, for a write, all the *)
(* followers' nodes have tokens to spare.                                  *)
(***************************************************************************)
AdmitBurst(p, k, c) ==
  /\ Fresh(Leader(p))
  /\ ~CoveredByShare(p, k, c)
  /\ CoveredByBurst(p, k, c)
  /\ burst' = [burst EXCEPT ![p][k] = @ - c]
  /\ reported' = [reported EXCEPT ![p] = [m \in Nodes |->
       IF m \in Reached(p, k) THEN @[m] - c ELSE @[m]]]
  /\ Account(p, k, c)
  /\ UNCHANGED allocated

(***************************************************************************)
(* Neither covers the request: the leader of p refuses it, and nothing is  *)
(* charged.                                                                *)
(***************************************************************************)
Throttle(p, k, c) ==
  /\ Fresh(Leader(p))
  /\ ~CoveredByShare(p, k, c)
  /\ ~CoveredByBurst(p, k, c)
  /\ UNCHANGED vars

(***************************************************************************)
(* The writes of p that were on the way reach follower m, which charges    *)
(* its node's bucket; they are admitted already, so it may go into debt.   *)
(***************************************************************************)
Charge(p, m) ==
  /\ Fresh(m)
  /\ owed[p][m] > 0
  /\ node' = [node EXCEPT ![m]["write"] = @ - owed[p][m]]
  /\ owed' = [owed EXCEPT ![p][m] = 0]
  /\ UNCHANGED <<allocated, burst, ceiling, unrefilled, reported,
                 sharedLoad, cappedLoad>>

(* What follower m reports, less the writes of p it has not charged yet. *)
Report(p, m) == node[m]["write"] - owed[p][m]

(***************************************************************************)
(* Follower m reports its node's tokens to the leader of p, which deducts  *)
(* its own writes that the report does not count yet.                      *)
(***************************************************************************)
Collect(p, m) ==
  /\ Fresh(m)
  /\ m \in Followers(p)
  /\ reported' = [reported EXCEPT ![p][m] = Max(0, Report(p, m))]
  /\ UNCHANGED <<allocated, burst, ceiling, node, unrefilled, owed,
                 sharedLoad, cappedLoad>>

(***************************************************************************)
(* Node n credits the time since its last refill to its own bucket and to  *)
(* those of the partitions it leads.  What the allocated bucket cannot     *)
(* hold is unused capacity: it goes to the burst bucket.                   *)
(***************************************************************************)
Refill(n) ==
  LET time == unrefilled[n]
      Filled(p, k) == allocated[p][k] + AllocatedRate * time
  IN
  /\ time > 0
  /\ allocated' = [p \in Partitions |-> [k \in Kinds |->
       IF p \in LedBy(n) THEN Min(AllocatedCap, Filled(p, k))
       ELSE allocated[p][k]]]
  /\ burst' = [p \in Partitions |-> [k \in Kinds |->
       IF p \in LedBy(n)
       THEN Min(BurstCap, burst[p][k] + Max(0, Filled(p, k) - AllocatedCap))
       ELSE burst[p][k]]]
  /\ ceiling' = [p \in Partitions |-> [k \in Kinds |->
       IF p \in LedBy(n)
       THEN Min(CeilingCap, ceiling[p][k] + CeilingRate * time)
       ELSE ceiling[p][k]]]
  /\ node' = [node EXCEPT ![n] =
       [k \in Kinds |-> Min(NodeCap, @[k] + NodeRate * time)]]
  /\ unrefilled' = [unrefilled EXCEPT ![n] = 0]
  /\ UNCHANGED <<reported, owed, sharedLoad, cappedLoad>>

(***************************************************************************)
(* One unit of time passes for everyone.  What was on the way has arrived  *)
(* before, and no node leaves its refill longer than LagMax.               *)
(***************************************************************************)
Advance ==
  /\ \A n \in Nodes : unrefilled[n] < LagMax
  /\ \A p \in Partitions, m \in Nodes : owed[p][m] = 0
  /\ unrefilled' = [n \in Nodes |-> unrefilled[n] + 1]
  /\ sharedLoad' = [p \in Partitions |-> [k \in Kinds |->
       Max(0, sharedLoad[p][k] - AllocatedRate)]]
  /\ cappedLoad' = [p \in Partitions |-> [k \in Kinds |->
       Max(0, cappedLoad[p][k] - CeilingRate)]]
  /\ UNCHANGED <<allocated, burst, ceiling, node, reported, owed>>

Next ==
  \/ \E p \in Partitions, k \in Kinds, c \in Costs : AdmitAllocated(p, k, c)
  \/ \E p \in Partitions, k \in Kinds, c \in Costs : AdmitBurst(p, k, c)
  \/ \E p \in Partitions, k \in Kinds, c \in Costs : Throttle(p, k, c)
  \/ \E p \in Partitions, m \in Nodes : Charge(p, m)
  \/ \E p \in Partitions, m \in Nodes : Collect(p, m)
  \/ \E n \in Nodes : Refill(n)
  \/ Advance

Spec == Init /\ [][Next]_vars

(* Time passes, nodes refill, and what was sent arrives. *)
Fairness ==
  /\ WF_vars(Advance)
  /\ \A n \in Nodes : WF_vars(Refill(n))
  /\ \A p \in Partitions, m \in Nodes : WF_vars(Charge(p, m))
  /\ \A p \in Partitions, m \in Nodes : WF_vars(Collect(p, m))

FairSpec == Spec /\ Fairness

-----------------------------------------------------------------------------
(***************************************************************************)
(* Never over the cap.  In any window of t units a partition is served at  *)
(* most AllocatedCap + BurstCap + AllocatedRate * t from its share, and at *)
(* most CeilingCap + CeilingRate * t in all: the loads are the greatest    *)
(* excess of any window that ends now.                                     *)
(***************************************************************************)
ShareWindowInv ==
  \A p \in Partitions, k \in Kinds :
    sharedLoad[p][k] <= AllocatedCap + BurstCap

CapWindowInv ==
  \A p \in Partitions, k \in Kinds : cappedLoad[p][k] <= CeilingCap

(* Under the ceiling there is always room for the allocated tokens. *)
HeadroomInv ==
  \A p \in Partitions, k \in Kinds : ceiling[p][k] >= allocated[p][k]

(* No burst spends what a follower did not report. *)
ReportedInv ==
  \A p \in Partitions, m \in Nodes : reported[p][m] \in 0..NodeCap

(* What the buckets hold once all the time that passed is credited. *)
NodeAtRefill(n, k) == Min(NodeCap, node[n][k] + NodeRate * unrefilled[n])
AllocatedAtRefill(p, k) ==
  Min(AllocatedCap, allocated[p][k] + AllocatedRate * unrefilled[Leader(p)])

(***************************************************************************)
(* A node's debt, the writes on their way to it included, is at most what  *)
(* its partitions took from their allocated buckets, and what leaders      *)
(* elsewhere burst on reports that others relied on as well.               *)
(***************************************************************************)
NodeDebtInv ==
  \A n \in Nodes, k \in Kinds :
    LET hosted == IF k = "write" THEN LedBy(n) \cup FollowedBy(n) ELSE LedBy(n)
        remote == IF k = "write" THEN FollowedBy(n) ELSE {}
        taken == [p \in hosted |-> AllocatedCap - AllocatedAtRefill(p, k)]
        shared == [p \in remote |-> NodeCap - Max(0, reported[p][n])]
        coming == [p \in remote |-> owed[p][n]]
    IN NodeAtRefill(n, k) - Sum(coming, remote)
         >= -(Sum(taken, hosted) + Sum(shared, remote))

(* Nothing a neighbour does throttles a request that was allocated. *)
IsolationInv ==
  \A p \in Partitions, k \in Kinds, c \in Costs :
    (Fresh(Leader(p)) /\ allocated[p][k] >= c)
      => ENABLED AdmitAllocated(p, k, c)

(* A request is refused only where some bucket it needs is short of it. *)
WorkConservingInv ==
  \A p \in Partitions, k \in Kinds, c \in Costs :
    ENABLED Throttle(p, k, c) =>
      /\ allocated[p][k] < c
      /\ \/ burst[p][k] < c
         \/ ceiling[p][k] < allocated[p][k] + c
         \/ node[Leader(p)][k] < c
         \/ k = "write" /\ \E m \in Followers(p) : reported[p][m] < c

(***************************************************************************)
(* No partition starves: some request is covered by its allocated tokens   *)
(* again and again.  (Not every size: small requests may take each token   *)
(* as it comes.)                                                           *)
(***************************************************************************)
ServedProp ==
  \A p \in Partitions, k \in Kinds :
    []<>(\E c \in Costs : ENABLED AdmitAllocated(p, k, c))

(* A node that went into debt comes out of it, if bursts stop. *)
DebtEndsProp ==
  \A n \in Nodes, k \in Kinds :
    \/ []<>(\E p \in Partitions, c \in Costs : ENABLED AdmitBurst(p, k, c))
    \/ []<>(node[n][k] >= 0)
=============================================================================
