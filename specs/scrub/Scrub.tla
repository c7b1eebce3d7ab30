------------------------------- MODULE Scrub -------------------------------
(***************************************************************************)
(* Comparison of the copies of a partition.  A scrubber marks a position   *)
(* of the log; every replica stops there, for as long as it takes to read  *)
(* a checksum off its copy; a reference replica is rebuilt from the        *)
(* archive alone up to the same position; then the checksums are compared  *)
(* with the reference's.  Three copies that agree may still share a bug of *)
(* the code that applies entries, which is why the reference counts.       *)
(*                                                                         *)
(* Source: the DynamoDB paper of USENIX ATC 2022, section 5.3.             *)
(*                                                                         *)
(* Left out, and why that is safe:                                         *)
(*  - What copies hold: a copy is right, or differs by a flipped bit, by   *)
(*    the bug, or by both.  A checksum is taken to tell these apart.       *)
(*  - Damage to the archive: its segments carry checksums of their own,    *)
(*    and a damaged one is not rebuilt from (Wal).                         *)
(*  - Repair: a copy in alarm is replaced like a lost one (Membership).    *)
(***************************************************************************)
EXTENDS Integers, FiniteSets

CONSTANTS
  Replicas,      \* the members that hold a copy
  PositionMax,   \* how long the log grows
  FlipMax,       \* bits that flip in copies
  BuggyPositions \* entries that the code of the replicas applies wrongly

VARIABLES
  length,    \* how long the log is: all of it is chosen
  archived,  \* how much of it is in the archive
  applied,   \* [Replicas -> 0..PositionMax]
  flipped,   \* [Replicas -> BOOLEAN] a bit of the copy has flipped
  marker,    \* the position that is compared; NoMark between scrubs
  reports,   \* [Replicas -> report] what each said of its copy
  reference, \* the report of the rebuilt replica
  alarm,     \* the replicas whose copies are known to be wrong
  flips      \* auxiliary: flips so far

vars == <<length, archived, applied, flipped, marker, reports, reference,
          alarm, flips>>

NoMark == -1
NoReport == [at |-> NoMark, copy |-> "none"]

Copy == {"right", "flipped", "bug", "both"}
CopyReport == [at: 0..PositionMax, copy: Copy]

TypeOK ==
  /\ length \in 0..PositionMax
  /\ archived \in 0..PositionMax
  /\ applied \in [Replicas -> 0..PositionMax]
  /\ flipped \in [Replicas -> BOOLEAN]
  /\ marker \in {NoMark} \cup 0..PositionMax
  /\ reports \in [Replicas -> CopyReport \cup {NoReport}]
  /\ reference \in CopyReport \cup {NoReport}
  /\ alarm \subseteq Replicas
  /\ flips \in 0..FlipMax

Init ==
  /\ length = 0 /\ archived = 0
  /\ applied = [r \in Replicas |-> 0]
  /\ flipped = [r \in Replicas |-> FALSE]
  /\ marker = NoMark
  /\ reports = [r \in Replicas |-> NoReport]
  /\ reference = NoReport
  /\ alarm = {}
  /\ flips = 0

-----------------------------------------------------------------------------
(* The bug shows in a copy that has applied an entry it is about. *)
Buggy(p) == \E b \in BuggyPositions : b <= p

(* What a checksum over the copy of r tells. *)
CopyOf(r) ==
  CASE flipped[r] /\ Buggy(applied[r]) -> "both"
    [] flipped[r] -> "flipped"
    [] Buggy(applied[r]) -> "bug"
    [] OTHER -> "right"

(* A replica that has not reported yet waits at the marker. *)
Waits(r) == applied[r] = marker /\ reports[r] = NoReport

(* The group chooses an entry. *)
Choose ==
  /\ length < PositionMax
  /\ length' = length + 1
  /\ UNCHANGED <<archived, applied, flipped, marker, reports, reference,
                 alarm, flips>>

Archive ==
  /\ archived < length
  /\ archived' = archived + 1
  /\ UNCHANGED <<length, applied, flipped, marker, reports, reference, alarm,
                 flips>>

Apply(r) ==
  /\ applied[r] < length
  /\ ~Waits(r)
  /\ applied' = [applied EXCEPT ![r] = @ + 1]
  /\ UNCHANGED <<length, archived, flipped, marker, reports, reference, alarm,
                 flips>>

(***************************************************************************)
(* The scrubber marks a position that no replica has passed: in the        *)
(* database it is an entry of the log, and this is where it was chosen.    *)
(***************************************************************************)
Mark ==
  /\ marker = NoMark
  /\ marker' = length
  /\ UNCHANGED <<length, archived, applied, flipped, reports, reference,
                 alarm, flips>>

(* A replica at the marker reads its copy. *)
Report(r) ==
  /\ marker # NoMark
  /\ reports[r] = NoReport
  /\ applied[r] = marker
  /\ reports' = [reports EXCEPT ![r] = [at |-> applied[r], copy |-> CopyOf(r)]]
  /\ UNCHANGED <<length, archived, applied, flipped, marker, reference, alarm,
                 flips>>

(***************************************************************************)
(* A replica is rebuilt from the archive, up to the marker, by code of its *)
(* own: what it holds is right by definition.                              *)
(***************************************************************************)
Rebuild ==
  /\ marker # NoMark
  /\ reference = NoReport
  /\ archived >= marker
  /\ reference' = [at |-> marker, copy |-> "right"]
  /\ UNCHANGED <<length, archived, applied, flipped, marker, reports, alarm,
                 flips>>

(* All have reported: who differs from the reference is in alarm. *)
Compare ==
  /\ reference # NoReport
  /\ \A r \in Replicas : reports[r] # NoReport
  /\ alarm' = alarm \cup {r \in Replicas : reports[r] # reference}
  /\ marker' = NoMark
  /\ reports' = [r \in Replicas |-> NoReport]
  /\ reference' = NoReport
  /\ UNCHANGED <<length, archived, applied, flipped, flips>>

(* Damage: a bit of a copy at rest. *)
FlipCopy(r) ==
  /\ flips < FlipMax
  /\ ~flipped[r]
  /\ flipped' = [flipped EXCEPT ![r] = TRUE]
  /\ flips' = flips + 1
  /\ UNCHANGED <<length, archived, applied, marker, reports, reference, alarm>>

Next ==
  \/ Choose
  \/ Archive
  \/ \E r \in Replicas : Apply(r)
  \/ Mark
  \/ \E r \in Replicas : Report(r)
  \/ Rebuild
  \/ Compare
  \/ \E r \in Replicas : FlipCopy(r)

Spec == Init /\ [][Next]_vars

(* Scrubs go on for ever, and replicas apply what is chosen. *)
Fairness ==
  /\ WF_vars(Archive) /\ WF_vars(Mark) /\ WF_vars(Rebuild) /\ WF_vars(Compare)
  /\ \A r \in Replicas : WF_vars(Apply(r)) /\ WF_vars(Report(r))

LiveSpec == Spec /\ Fairness

-----------------------------------------------------------------------------
Wrong(r) == flipped[r] \/ Buggy(applied[r])

(* Nobody is accused without a cause. *)
NoFalseAlarmInv == \A r \in alarm : Wrong(r)

(* What is compared was read at one position of the log. *)
OnePositionInv ==
  /\ \A r \in Replicas : reports[r] # NoReport => reports[r].at = marker
  /\ reference # NoReport => reference.at = marker

(* A copy that is wrong is found, also where all of them are wrong alike. *)
DetectedProp == \A r \in Replicas : Wrong(r) ~> r \in alarm
=============================================================================
