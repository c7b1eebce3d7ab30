-------------------------------- MODULE Kinds --------------------------------
(***************************************************************************)
(* One small module that can go wrong in every way TLC knows: each test    *)
(* names its own specification and property in a cfg.                      *)
(***************************************************************************)
EXTENDS Naturals, Sequences, TLC

CONSTANT Limit

ASSUME LimitIsSmall == Limit < 10

VARIABLES x, y

vars == <<x, y>>

Init == x = 0 /\ y = <<>>

Increase == x < Limit /\ x' = x + 1 /\ y' = Append(y, "a")
Back == x = Limit /\ x' = 1 /\ y' = <<"b">>
Next == Increase \/ Back
Spec == Init /\ [][Next]_vars /\ WF_vars(Next)

Stop == x < 2 /\ x' = x + 1 /\ UNCHANGED y
StopSpec == Init /\ [][Stop]_vars

Boom == x < 3 /\ Assert(x < 2, <<"boom", x>>) /\ x' = x + 1 /\ UNCHANGED y
Evaluate == x' = Head(<<>>) /\ UNCHANGED y
Shout == x < 2 /\ PrintT(<<"shout", x>>) /\ x' = x + 1 /\ UNCHANGED y

BelowInv == x < Limit
PositiveInv == x > 0
UpProp == [][x' > x]_vars
ReachProp == <>(x = 20)
=============================================================================
