-------------------------- MODULE GlobalAdmission --------------------------
(***************************************************************************)
(* Global admission control of one table: a server keeps the table's token *)
(* bucket, routers spend tokens they were granted, and ask for more when   *)
(* they run out or when their tokens expire.  The server is ephemeral: it  *)
(* may restart at any time and forgets everything, so a restarted server   *)
(* starts full as long as its budget of restarts lasts, empty afterwards.  *)
(* Source: the DynamoDB paper of USENIX ATC 2022, section 4.3.             *)
(*                                                                         *)
(* Messages may be lost (never received), delayed, reordered, and grants   *)
(* repeated: a message stays in the set until its life ends.  Left out,    *)
(* and why that is safe:                                                   *)
(*  - Requests that arrive twice.  The set drops a request once it was     *)
(*    granted.  A server that grants it again only takes more from its     *)
(*    bucket: the router credits one grant for each request.               *)
(*  - Request numbers.  A router asks at most once in a unit of time, so   *)
(*    the age of a request tells it from the router's others: code sends a *)
(*    number, and the age stands for it here, which keeps states finite.   *)
(*  - Renewing the budget of restarts, which begins a new window for it.   *)
(***************************************************************************)
EXTENDS Integers, FiniteSets

CONSTANTS
  Routers,        \* set of names
  Costs,          \* what one request may cost, in tokens
  Rate,           \* tokens the table is provisioned for in a unit of time
  BucketCap,      \* the most the server's bucket holds
  Chunk,          \* the most tokens of one grant
  LowWater,       \* a router with fewer tokens asks for more
  Lifetime,       \* units of time, from asking, that granted tokens live
  AskInterval,    \* units of time from one request of a router to the next
  RestartBudget   \* how many restarts may begin with a full bucket

ASSUME LimitsAssumption ==
  /\ Rate >= 1 /\ BucketCap >= 1 /\ RestartBudget >= 0
  /\ AskInterval \in 1..Lifetime
  /\ Chunk >= LowWater
  /\ \A c \in Costs : c \in 1..LowWater

(***************************************************************************)
(* Request: router `router` asks.  Grant: the server gives it `tokens`.    *)
(* `life` is how long the request still lives, counted from its sending.   *)
(***************************************************************************)
Message ==
  [type : {"Request"}, router : Routers, life : 1..Lifetime]
    \cup
  [type : {"Grant"}, router : Routers, life : 1..Lifetime, tokens : 1..Chunk]

VARIABLES
  bucket,        \* 0..BucketCap: the table's tokens, at the server
  restartsLeft,  \* 0..RestartBudget: kept by whoever starts the servers
  tokens,        \* [Routers -> 0..Chunk] what a router may still spend
  life,          \* [Routers -> 0..Lifetime] how long it may spend them
  asked,         \* [Routers -> 0..Lifetime] life of its last request
  waiting,       \* [Routers -> BOOLEAN] that request is not answered yet
  messages,      \* set of messages that may still be received
  spent          \* auxiliary: the greatest excess over Rate that routers
                 \* spent in any window that ends now

vars == <<bucket, restartsLeft, tokens, life, asked, waiting, messages, spent>>

Min(a, b) == IF a < b THEN a ELSE b
Max(a, b) == IF a > b THEN a ELSE b

TypeOK ==
  /\ bucket \in 0..BucketCap
  /\ restartsLeft \in 0..RestartBudget
  /\ tokens \in [Routers -> 0..Chunk]
  /\ life \in [Routers -> 0..Lifetime]
  /\ asked \in [Routers -> 0..Lifetime]
  /\ waiting \in [Routers -> BOOLEAN]
  /\ messages \subseteq Message
  /\ spent \in Nat

Init ==
  /\ bucket = BucketCap
  /\ restartsLeft = RestartBudget
  /\ tokens = [r \in Routers |-> 0]
  /\ life = [r \in Routers |-> 0]
  /\ asked = [r \in Routers |-> 0]
  /\ waiting = [r \in Routers |-> FALSE]
  /\ messages = {}
  /\ spent = 0

-----------------------------------------------------------------------------
(* Router r may ask: it runs low, no request is open or too recent. *)
MayAsk(r) ==
  /\ tokens[r] < LowWater
  /\ ~waiting[r]
  /\ asked[r] <= Lifetime - AskInterval

(***************************************************************************)
(* Router r, which runs low, asks the server for tokens.  What they may    *)
(* live is counted from here, before any server could grant them.          *)
(***************************************************************************)
Ask(r) ==
  /\ MayAsk(r)
  /\ asked' = [asked EXCEPT ![r] = Lifetime]
  /\ waiting' = [waiting EXCEPT ![r] = TRUE]
  /\ messages' = messages \cup
       {[type |-> "Request", router |-> r, life |-> Lifetime]}
  /\ UNCHANGED <<bucket, restartsLeft, tokens, life, spent>>

(***************************************************************************)
(* The server receives a request of r and grants a chunk, or what it has.  *)
(* With an empty bucket it leaves the request until tokens come.           *)
(***************************************************************************)
Grant(r) ==
  /\ bucket > 0
  /\ \E m \in messages :
       /\ m.type = "Request" /\ m.router = r
       /\ LET amount == Min(Chunk, bucket) IN
          /\ bucket' = bucket - amount
          /\ messages' = (messages \ {m}) \cup
               {[type |-> "Grant", router |-> r, life |-> m.life,
                 tokens |-> amount]}
  /\ UNCHANGED <<restartsLeft, tokens, life, asked, waiting, spent>>

(***************************************************************************)
(* Router r receives the grant it waits for.  It replaces what is left of  *)
(* the one before, which is less than LowWater, so that all tokens of a    *)
(* router expire together.                                                 *)
(***************************************************************************)
ReceiveGrant(r) ==
  /\ waiting[r]
  /\ \E m \in messages :
       /\ m.type = "Grant" /\ m.router = r
       /\ m.life = asked[r]
       /\ tokens' = [tokens EXCEPT ![r] = m.tokens]
       /\ life' = [life EXCEPT ![r] = m.life]
  /\ waiting' = [waiting EXCEPT ![r] = FALSE]
  /\ UNCHANGED <<bucket, restartsLeft, asked, messages, spent>>

(* Router r admits a request that its tokens cover. *)
Spend(r, c) ==
  /\ tokens[r] >= c
  /\ tokens' = [tokens EXCEPT ![r] = @ - c]
  /\ life' = [life EXCEPT ![r] = IF tokens[r] = c THEN 0 ELSE @]
  /\ spent' = spent + c
  /\ UNCHANGED <<bucket, restartsLeft, asked, waiting, messages>>

(***************************************************************************)
(* Router r refuses a request that its tokens do not cover, but never      *)
(* before it has asked for more.                                           *)
(***************************************************************************)
Throttle(r, c) ==
  /\ tokens[r] < c
  /\ ~MayAsk(r)
  /\ UNCHANGED vars

(***************************************************************************)
(* The server stops, and another takes its place on the ring.  It knows    *)
(* nothing of what was granted: it starts full on the budget, else empty.  *)
(***************************************************************************)
Restart ==
  /\ bucket' = IF restartsLeft > 0 THEN BucketCap ELSE 0
  /\ restartsLeft' = Max(0, restartsLeft - 1)
  /\ UNCHANGED <<tokens, life, asked, waiting, messages, spent>>

(***************************************************************************)
(* One unit of time passes: the server refills its bucket, tokens and      *)
(* requests of routers age and expire, and so do messages.                 *)
(***************************************************************************)
Advance ==
  /\ bucket' = Min(BucketCap, bucket + Rate)
  /\ tokens' = [r \in Routers |-> IF life[r] <= 1 THEN 0 ELSE tokens[r]]
  /\ life' = [r \in Routers |-> Max(0, life[r] - 1)]
  /\ asked' = [r \in Routers |-> Max(0, asked[r] - 1)]
  /\ waiting' = [r \in Routers |-> waiting[r] /\ asked[r] > 1]
  /\ messages' = {[m EXCEPT !.life = @ - 1] :
                     m \in {n \in messages : n.life > 1}}
  /\ spent' = Max(0, spent - Rate)
  /\ UNCHANGED restartsLeft

Next ==
  \/ \E r \in Routers : Ask(r)
  \/ \E r \in Routers : Grant(r)
  \/ \E r \in Routers : ReceiveGrant(r)
  \/ \E r \in Routers, c \in Costs : Spend(r, c)
  \/ \E r \in Routers, c \in Costs : Throttle(r, c)
  \/ Restart
  \/ Advance

Spec == Init /\ [][Next]_vars

(***************************************************************************)
(* Time passes, a router that runs low asks, and whoever tries again and   *)
(* again gets through: the server's queue is fair, and a message that is   *)
(* sent often enough arrives.                                              *)
(***************************************************************************)
Fairness ==
  /\ WF_vars(Advance)
  /\ \A r \in Routers : SF_vars(Ask(r))
  /\ \A r \in Routers : SF_vars(Grant(r))
  /\ \A r \in Routers : SF_vars(ReceiveGrant(r))

FairSpec == Spec /\ Fairness

-----------------------------------------------------------------------------
(***************************************************************************)
(* The bound of a window.  In a window of t units, routers spend at most   *)
(* what was granted in it and in the Lifetime - 1 units before it, for a   *)
(* token granted earlier has expired:                                      *)
(*   BucketCap + Rate * (t + Lifetime - 1) + full restarts * BucketCap.    *)
(* `spent` is the greatest excess over Rate * t of all windows.            *)
(***************************************************************************)
WindowBound ==
  BucketCap + Rate * (Lifetime - 1) + (RestartBudget - restartsLeft) * BucketCap

WindowInv == spent <= WindowBound

(* What routers hold and what is still coming to them obeys it too. *)
RECURSIVE Held(_)
Held(S) ==
  IF S = {} THEN 0
  ELSE LET r == CHOOSE r \in S : TRUE
           coming == {m \in messages : /\ waiting[r]
                                       /\ m.type = "Grant"
                                       /\ m.router = r
                                       /\ m.life = asked[r]}
       IN tokens[r] + (IF coming = {} THEN 0
                       ELSE (CHOOSE m \in coming : TRUE).tokens)
            + Held(S \ {r})

OutstandingInv == spent + Held(Routers) <= WindowBound

(* A request has one grant at most, so that crediting one is crediting it. *)
OneGrantInv ==
  \A m, n \in messages :
    (/\ m.type = "Grant" /\ n.type = "Grant"
     /\ m.router = n.router /\ m.life = n.life) => m = n

(* Tokens live no longer than the request that brought them. *)
ExpiryInv ==
  \A r \in Routers : (tokens[r] > 0) = (life[r] > 0)

(* A router refuses only while it waits for tokens, or has just asked. *)
WorkConservingInv ==
  \A r \in Routers, c \in Costs :
    ENABLED Throttle(r, c) =>
      (waiting[r] \/ asked[r] > Lifetime - AskInterval)

(* No router starves, unless the server restarts for ever. *)
NoStarvationProp ==
  \A r \in Routers : []<>(tokens[r] > 0) \/ []<><<Restart>>_vars
=============================================================================
