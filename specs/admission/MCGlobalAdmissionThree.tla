---------------------- MODULE MCGlobalAdmissionThree ----------------------
(* Three routers, with small grants, compete for one bucket.               *)
EXTENDS GlobalAdmission
=============================================================================
