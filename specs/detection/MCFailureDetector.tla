------------------------- MODULE MCFailureDetector -------------------------
(* Bounds for the models of FailureDetector: constants of the spec,        *)
(* links, which a cfg cannot write, and who asks.                          *)
EXTENDS FailureDetector
ToB == {<<"l", "b">>}
ToBoth == {<<"l", "b">>, <<"l", "c">>}
FromBToC == {<<"b", "c">>}

(* With two bad links one follower asks; the other answers while it is     *)
(* deaf, and while it is not.                                              *)
OneAsks == question["c"] = 0 /\ phase["b"] # "electing"
=============================================================================
