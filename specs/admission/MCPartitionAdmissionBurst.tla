--------------------- MODULE MCPartitionAdmissionBurst ---------------------
(* Two partitions share one node: bursts, ceilings, the node's debt, and   *)
(* refills that credit two units of time at once.                          *)
EXTENDS PartitionAdmission
=============================================================================
