--------------------- MODULE MCPartitionAdmissionMembers ---------------------
(* A write burst of p1 needs tokens of the follower's node as well, which  *)
(* p2 leads from and bursts on at the same time.                           *)
EXTENDS PartitionAdmission
=============================================================================
