------------------------- MODULE MCFailureDetector -------------------------
(* Bounds for the models of FailureDetector: constants of the spec, and    *)
(* links, which a cfg cannot write.                                        *)
EXTENDS FailureDetector
NoLinks == {}
ToB == {<<"l", "b">>}
FromBToC == {<<"b", "c">>}
=============================================================================
