--------------------- MODULE MCPartitionAdmissionThree ---------------------
(* A group of three: a write burst needs tokens of both followers.         *)
EXTENDS PartitionAdmission
=============================================================================
