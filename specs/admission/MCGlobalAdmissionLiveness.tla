--------------------- MODULE MCGlobalAdmissionLiveness ---------------------
(* Under fairness no router starves, unless the server restarts for ever.  *)
EXTENDS GlobalAdmission
=============================================================================
