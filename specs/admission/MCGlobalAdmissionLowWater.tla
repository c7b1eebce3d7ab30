--------------------- MODULE MCGlobalAdmissionLowWater ---------------------
(* Requests of several sizes: routers ask before they run out, and a grant *)
(* replaces what is left of the one before.                                *)
EXTENDS GlobalAdmission
=============================================================================
