----------------------------- MODULE KeyValueStore -----------------------------
(***************************************************************************)
(* An atomic key-value store: what a client of one replication group may   *)
(* rely on.  Writes take effect one after the other; a strong read tells   *)
(* the newest value, an eventual read one that was the newest once; a      *)
(* conditional write fails only if its condition was false at some moment  *)
(* of the call.  One step may make several writes seen at once.            *)
(* This module has no code: Replication refines it.                        *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
  Call,    \* the client calls, each made at most once
  Op       \* [Call -> [kind, key, expected]]; a write writes its own name

VARIABLES
  writes,  \* the writes in the order of their effect
  calls    \* [Call -> [status, since, value]]; since: how many writes there were

vars == <<writes, calls>>

None == "none"
Max(S) == CHOOSE x \in S : \A y \in S : x >= y

\* The value of a key after the first n writes.
ValueAfter(n, seq, key) ==
  LET of == {i \in 1 .. n : Op[seq[i]].key = key}
  IN  IF of = {} THEN None ELSE seq[Max(of)]

Init ==
  /\ writes = <<>>
  /\ calls = [c \in Call |-> [status |-> "idle", since |-> 0, value |-> None]]

Answered(c, status, value) ==
  [calls EXCEPT ![c] = [status |-> status, since |-> 0, value |-> value]]

\* A client makes a call.
Invoke(c) ==
  /\ calls[c].status = "idle"
  /\ \E n \in 0 .. Len(writes) :
       calls' = [calls EXCEPT ![c].status = "invoked", ![c].since = n]
  /\ UNCHANGED writes

\* Writes that were called for take effect; each condition holds at its place.
\* (What refuses a step at little cost comes first.)
TakeEffect ==
  /\ UNCHANGED calls
  /\ writes' # writes
  /\ \E added \in UNION {[1 .. n -> Call] : n \in 1 .. Cardinality(Call)} :
       LET all == writes \o added
           new == Len(writes) + 1 .. Len(all)
       IN  /\ writes' = all
           /\ \A i \in new :
                /\ calls[all[i]].status \in {"invoked", "unknown"}
                /\ Op[all[i]].kind \in {"put", "cas"}
                /\ \A j \in 1 .. i - 1 : all[j] # all[i]
                /\ Op[all[i]].kind = "cas" =>
                     ValueAfter(i - 1, all, Op[all[i]].key)
                       = Op[all[i]].expected

\* A write that has taken effect is acknowledged.
Acknowledge(c) ==
  /\ calls[c].status = "invoked"
  /\ \E i \in DOMAIN writes : writes[i] = c
  /\ calls' = Answered(c, "ok", None)
  /\ UNCHANGED writes

\* A condition that was false at a moment of the call: the value then is told.
Fail(c) ==
  /\ calls[c].status = "invoked"
  /\ Op[c].kind = "cas"
  /\ \A i \in DOMAIN writes : writes[i] # c
  /\ \E n \in calls[c].since .. Len(writes) :
       LET seen == ValueAfter(n, writes, Op[c].key)
       IN  /\ seen # Op[c].expected
           /\ calls' = Answered(c, "failed", seen)
  /\ UNCHANGED writes

Read(c) ==
  /\ calls[c].status = "invoked"
  /\ Op[c].kind \in {"read", "eventual"}
  /\ \E n \in 0 .. Len(writes) :
       /\ Op[c].kind = "read" => n = Len(writes)
       /\ calls' = Answered(c, "ok", ValueAfter(n, writes, Op[c].key))
  /\ UNCHANGED writes

\* The client learns nothing; the write may yet take effect, or never.
GiveUp(c) ==
  /\ calls[c].status = "invoked"
  /\ calls' = Answered(c, "unknown", None)
  /\ UNCHANGED writes

Next ==
  \/ TakeEffect
  \/ \E c \in Call : Invoke(c) \/ Acknowledge(c) \/ Fail(c) \/ Read(c)
                       \/ GiveUp(c)

Spec == Init /\ [][Next]_vars
===============================================================================
