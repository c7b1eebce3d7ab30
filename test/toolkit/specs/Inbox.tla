------------------------------- MODULE Inbox --------------------------------
(***************************************************************************)
(* Clients send numbered letters through a network that forgets; one       *)
(* server counts them. For the tests of counterexamples: it can be cfg'd   *)
(* to break an invariant, to stutter, and to run in a circle.              *)
(***************************************************************************)
EXTENDS Naturals

CONSTANTS Clients,   \* the set of clients
          Limit      \* how many letters the server counts

VARIABLES msgs,      \* letters on their way
          sent,      \* sent[c]: how many letters client c sent
          server     \* [seen |-> letters counted, last |-> the last one's client]

vars == <<msgs, sent, server>>

Letters == [type : {"letter"}, from : Clients, number : 1 .. Limit]

TypeOK ==
  /\ msgs \subseteq Letters
  /\ sent \in [Clients -> 0 .. Limit]
  /\ server \in [seen : 0 .. Limit, last : Clients \cup {"nobody"}]

Init ==
  /\ msgs = {}
  /\ sent = [c \in Clients |-> 0]
  /\ server = [seen |-> 0, last |-> "nobody"]

(* Client c sends its next letter. *)
Send(c) ==
  /\ sent[c] < Limit
  /\ sent' = [sent EXCEPT ![c] = @ + 1]
  /\ msgs' = msgs \cup {[type |-> "letter", from |-> c, number |-> sent[c] + 1]}
  /\ UNCHANGED server

(* The server takes any letter. *)
Take ==
  /\ server.seen < Limit
  /\ \E m \in msgs :
       /\ msgs' = msgs \ {m}
       /\ server' = [seen |-> server.seen + 1, last |-> m.from]
  /\ UNCHANGED sent

(* Letters are lost; the client forgets that it wrote them. *)
Lose(c) ==
  /\ sent[c] = Limit
  /\ sent' = [sent EXCEPT ![c] = 0]
  /\ msgs' = {m \in msgs : m.from # c}
  /\ UNCHANGED server

Next ==
  \/ \E c \in Clients : Send(c)
  \/ Take
  \/ \E c \in Clients : Lose(c)

Spec == Init /\ [][Next]_vars
FairSpec == Spec /\ WF_vars(\E c \in Clients : Send(c) \/ Lose(c))

SeenOnceInv == server.seen < 2
TakenProp == <>(server.seen > 0)
=============================================================================
