------------------------------ MODULE MCVoting ------------------------------
(* Two servers, two ballots; bounded by the number of messages. *)
EXTENDS Voting

MCBallots == {1, 2}
MCBound == Cardinality(msgs) < 4
=============================================================================
