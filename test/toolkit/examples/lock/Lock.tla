-------------------------------- MODULE Lock --------------------------------
(***************************************************************************)
(* A lock that one server keeps for its clients.  Whoever asks while it is *)
(* taken stands in line; whoever leaves, in line or holding the lock,      *)
(* makes room.  A client that has left may come back as a new one.         *)
(*                                                                         *)
(* One step is a request with all that follows from it: the line that the  *)
(* server keeps and what its clients know of it are seen at rest only.     *)
(***************************************************************************)
EXTENDS Naturals, Sequences

CONSTANT Clients  \* those who may want the lock

VARIABLES
  line,  \* the server's: who holds the lock, then who waits for it, in turn
  phase  \* phase[c]: what client c knows of itself

vars == <<line, phase>>

Members == {line[i] : i \in 1..Len(line)}

TypeOK ==
  /\ line \in Seq(Clients)
  /\ phase \in [Clients -> {"away", "waiting", "holding"}]

Init ==
  /\ line = <<>>
  /\ phase = [c \in Clients |-> "away"]

(* Whoever is first in line learns that the lock is theirs. *)
Granted(others, newLine) ==
  IF newLine = <<>> THEN others
  ELSE [others EXCEPT ![Head(newLine)] = "holding"]

(* Client c asks for the lock, and gets it if nobody has it. *)
Acquire(c) ==
  /\ phase[c] = "away"
  /\ line' = Append(line, c)
  /\ phase' = Granted([phase EXCEPT ![c] = "waiting"], line')

(* Client c gives the lock back; the next in line gets it. *)
Release(c) ==
  /\ phase[c] = "holding"
  /\ line' = Tail(line)
  /\ phase' = Granted([phase EXCEPT ![c] = "away"], line')

(* Client c breaks off, whatever it had or waited for. *)
Leave(c) ==
  /\ phase[c] # "away"
  /\ line' = SelectSeq(line, LAMBDA other : other # c)
  /\ phase' = Granted([phase EXCEPT ![c] = "away"], line')

Next ==
  \/ \E c \in Clients : Acquire(c)
  \/ \E c \in Clients : Release(c)
  \/ \E c \in Clients : Leave(c)

Spec ==
  /\ Init
  /\ [][Next]_vars
  /\ \A c \in Clients : WF_vars(Release(c))

(* The lock is one lock. *)
OneHolderInv ==
  \A c, d \in Clients : phase[c] = "holding" /\ phase[d] = "holding" => c = d

(* Server and clients agree about who stands in line. *)
LineInv == Members = {c \in Clients : phase[c] # "away"}

(* Whoever waits gets the lock in the end, unless they leave. *)
ServedProp == \A c \in Clients : phase[c] = "waiting" ~> phase[c] # "waiting"
=============================================================================
