-------------------------- MODULE RecordedReplication --------------------------
(***************************************************************************)
(* Replication for recorded runs.  The constants come with each recording. *)
(* Replication drops a message once no receiver's answer to it can matter; *)
(* a real network delivers it all the same, and the receiver may promise   *)
(* to a candidate that has long given up.  So here messages stay; those    *)
(* about the lease, as long as anything of it is left.                     *)
(***************************************************************************)
EXTENDS Replication

StillThere(m) == m.type \in {"renew", "grant"} => m.left > 0

\* Stand in for what a recording brings.
Nobody == {}
NoFunction == <<>>
===============================================================================
