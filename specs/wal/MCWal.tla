-------------------------------- MODULE MCWal --------------------------------
(* Bounds for the models of Wal: all of them constants of the spec. *)
EXTENDS Wal
=============================================================================
