------------------------------ MODULE MCScrub ------------------------------
(* Bounds for the models of Scrub: all of them constants of the spec. *)
EXTENDS Scrub
=============================================================================
