------------------------ MODULE MCGlobalAdmissionTwo ------------------------
(* Two routers that together may hold more than the rate of two units. *)
EXTENDS GlobalAdmission
=============================================================================
