---------------------- MODULE MCPartitionAdmissionBurst ----------------------
(* Two partitions share one node: bursts, ceilings, the node's debt, and a *)
(* refill that credits two units of time at once.                          *)
EXTENDS PartitionAdmission
=============================================================================
