--------------------- MODULE MCGlobalAdmissionRestart ---------------------
(* The server restarts at any time; one restart may begin full.            *)
EXTENDS GlobalAdmission
=============================================================================
