------------------- MODULE MCPartitionAdmissionLiveness -------------------
(* Under fairness every partition is served, and every debt ends.          *)
EXTENDS PartitionAdmission
=============================================================================
