-------------------- MODULE MCPartitionAdmissionMembers --------------------
(* Two nodes, each with the leader of one partition and the follower of    *)
(* the other: write bursts that need both nodes, on reports that may be    *)
(* out of date.                                                            *)
EXTENDS PartitionAdmission
=============================================================================
