----------------------- MODULE MCGlobalAdmissionTwo -----------------------
(* Two routers that together may hold more than the rate of the time a     *)
(* token lives: the window's bound, repeated grants, expiry.               *)
EXTENDS GlobalAdmission
=============================================================================
