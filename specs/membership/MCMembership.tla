----------------------------- MODULE MCMembership -----------------------------
(***************************************************************************)
(* Constants of the models of Membership, by name; each model's cfg picks  *)
(* its own.  Tens are epochs: ballot 21 is the first of the second.        *)
(***************************************************************************)
EXTENDS Membership

FourReplicas == {"a", "b", "c", "d"}
FiveReplicas == {"a", "b", "c", "d", "e"}
Original == {"a", "b", "c"}
\* d and c keep the log alone.
Leaders == {"a", "b", "e"}

TwoThenOne == {11, 12, 21}
OnlyOne == {11}
TwoInOne == {11, 12}
TwoEach == {11, 12, 21, 22}
OneThenTwo == {11, 21, 22}
Chain == {11, 21, 24, 31}
\* Of each epoch a owns the first ballot, b the second, c, d and e the rest.
OwnersInTurn == [b \in Ballot |->
  CASE b % Rounds = 1 -> "a" [] b % Rounds = 2 -> "b" [] b % Rounds = 3 -> "c"
    [] b % Rounds = 4 -> "d" [] OTHER -> "e"]
\* In the second epoch b leads.
OwnersAfter == [b \in Ballot |-> IF b = 11 THEN "a" ELSE "b"]

NoCalls == {}
OnePut == {"put1"}
Nobody == {}
OnlyFirst == {"a"}
OnlySecond == {"b"}
FirstTwo == {"a", "b"}
Whole == {0}
NoCopy == {}
WholeOrTail == {0, 1}

NoCut == {}
Apart(p, q) == {<<p, q>>, <<q, p>>}
FirstTwoApart == Apart("a", "b")
\* What b sends under its ballots never reaches a.
SecondUnheard == {<<"b", "a">>}
OuterApart == Apart("a", "c")
ThirdCut == {"c"} \X Replica \cup Replica \X {"c"}

NoPlan == [p \in {} |-> [epoch |-> 1, members |-> {}]]
\* The third member is replaced, or the first is left out.
SwapThird == [p \in {"swap"} |-> [epoch |-> 1, members |-> {"a", "b", "d"}]]
DropFirst == [p \in {"swap"} |-> [epoch |-> 1, members |-> {"b", "c"}]]
\* Two healers: one would replace c by d, one b by e; e replaces d later.
Healing == [p \in {"swap", "other", "back"} |->
  CASE p = "swap" -> [epoch |-> 1, members |-> {"a", "b", "d"}]
    [] p = "other" -> [epoch |-> 1, members |-> {"a", "c", "e"}]
    [] OTHER -> [epoch |-> 2, members |-> {"a", "b", "e"}]]
===============================================================================
