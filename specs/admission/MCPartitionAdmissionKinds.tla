--------------------- MODULE MCPartitionAdmissionKinds ---------------------
(* Reads and writes of one partition: buckets of their own, and only the   *)
(* writes reach the follower.                                              *)
EXTENDS PartitionAdmission
=============================================================================
