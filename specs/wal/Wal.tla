-------------------------------- MODULE Wal --------------------------------
(***************************************************************************)
(* The write-ahead log of one replica on one disk: appended through the    *)
(* page cache, made durable by fsync, read back after a crash, archived in *)
(* segments, and truncated.  A record carries a checksum made when the     *)
(* entry was made, and `through`: how far the log was durable when the     *)
(* record was written.  A bad record is *corrupt* if a later valid one     *)
(* says that it was durable; else it is *torn*, or was the last thing the  *)
(* disk made durable: nothing on this disk can tell.  Either way the       *)
(* replica is quarantined, and neither votes nor serves, until its peers   *)
(* gave it all that was acknowledged.  Only a record that the file's end   *)
(* cuts short was certainly never durable, and is dropped in silence.      *)
(*                                                                         *)
(* Sources: the DynamoDB paper of USENIX ATC 2022, sections 5.1 and 5.2;   *)
(* Alagappan et al., Protocol-Aware Recovery, FAST 2018.                   *)
(*                                                                         *)
(* Left out, and why that is safe:                                         *)
(*  - What peers do.  They hold every acknowledged entry: Replication's    *)
(*    DurableInv.  Repair takes it from them in one step.                  *)
(*  - What the entries say: a record's body is right or wrong.             *)
(*  - Damage to the archive after its manifest was read back: that is      *)
(*    Scrub's.                                                             *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets

CONSTANTS
  PositionMax,   \* how many entries are ever appended
  SegmentSize,   \* records of one segment
  PendingMax,    \* entries that wait in memory to be written
  CrashMax,      \* crashes of the whole machine
  FlipMax        \* damages: in memory, on the disk, on the way to the archive

Segments == 1..(PositionMax \div SegmentSize)
Positions == 1..PositionMax
Flag == {"right", "wrong"}

(* A record as the file holds it; `whole` unless the file ends inside it. *)
Record == [body: Flag, sum: Flag, through: 0..PositionMax, whole: BOOLEAN]

ASSUME LimitsAssumption ==
  SegmentSize \in 1..PositionMax /\ PendingMax >= 1

VARIABLES
  mode,       \* "up", "down", or "quarantined"
  reason,     \* why it is quarantined: "corrupt" or "torn"; else "none"
  pending,    \* entries in memory, in order, not written yet
  first,      \* the position of the first record in the file
  file,       \* the records as the page cache has them
  known,      \* the last position the replica holds, votes on and serves
  durable,    \* how far the replica knows its file to be durable
  synced,     \* auxiliary: how far the disk itself made it durable
  acked,      \* auxiliary: the greatest position ever acknowledged
  snapshot,   \* the position of the durable local snapshot
  archive,    \* [Segments -> {"none"} \cup Flag] what was uploaded
  manifest,   \* the segments that the archive's manifest lists
  crashes,    \* auxiliary: crashes so far
  flips       \* auxiliary: damages so far

vars == <<mode, reason, pending, first, file, known, durable, synced, acked,
          snapshot, archive, manifest, crashes, flips>>

disk == <<first, file, synced>>
stored == <<snapshot, archive, manifest>>

TypeOK ==
  /\ mode \in {"up", "down", "quarantined"}
  /\ reason \in {"none", "corrupt", "torn"}
  /\ pending \in Seq([body: Flag, sum: Flag]) /\ Len(pending) <= PendingMax
  /\ first \in 1..(PositionMax + 1)
  /\ file \in Seq(Record)
  /\ known \in 0..PositionMax
  /\ durable \in 0..PositionMax
  /\ synced \in 0..PositionMax
  /\ acked \in 0..PositionMax
  /\ snapshot \in 0..PositionMax
  /\ archive \in [Segments -> {"none"} \cup Flag]
  /\ manifest \subseteq Segments
  /\ crashes \in 0..CrashMax
  /\ flips \in 0..FlipMax

Init ==
  /\ mode = "up" /\ reason = "none"
  /\ pending = <<>>
  /\ first = 1 /\ file = <<>>
  /\ known = 0 /\ durable = 0 /\ synced = 0 /\ acked = 0
  /\ snapshot = 0
  /\ archive = [s \in Segments |-> "none"] /\ manifest = {}
  /\ crashes = 0 /\ flips = 0

-----------------------------------------------------------------------------
Last == first + Len(file) - 1
At(p) == file[p - first + 1]
Stored == first..Last

Valid(r) == r.whole /\ r.body = r.sum

(* The first and the last position of a segment. *)
From(s) == (s - 1) * SegmentSize + 1
To(s) == s * SegmentSize

(***************************************************************************)
(* The log takes an entry, with the checksum that its maker gave it.       *)
(***************************************************************************)
Submit ==
  /\ mode = "up"
  /\ Len(pending) < PendingMax
  /\ known + Len(pending) < PositionMax
  /\ pending' = Append(pending, [body |-> "right", sum |-> "right"])
  /\ UNCHANGED <<mode, reason, disk, known, durable, acked, stored, crashes,
                 flips>>

(***************************************************************************)
(* The first waiting entry is written to the page cache.  Its checksum is  *)
(* compared first, and not made anew.                                      *)
(***************************************************************************)
Write ==
  /\ mode = "up"
  /\ pending # <<>>
  /\ LET entry == Head(pending) IN
     /\ entry.body = entry.sum
     /\ file' = Append(file, [body |-> entry.body, sum |-> entry.sum,
                              through |-> durable, whole |-> TRUE])
  /\ pending' = Tail(pending)
  /\ known' = known + 1
  /\ UNCHANGED <<mode, reason, first, synced, durable, acked, stored,
                 crashes, flips>>

(***************************************************************************)
(* An entry that was damaged in memory stops the replica: nothing of it is *)
(* written.                                                                *)
(***************************************************************************)
Refuse ==
  /\ mode = "up"
  /\ pending # <<>>
  /\ Head(pending).body # Head(pending).sum
  /\ mode' = "down" /\ pending' = <<>> /\ known' = 0 /\ durable' = 0
  /\ UNCHANGED <<reason, disk, acked, stored, crashes, flips>>

(* One fsync for all that was written. *)
Sync ==
  /\ mode = "up"
  /\ durable < Last
  /\ durable' = Last /\ synced' = Last
  /\ UNCHANGED <<mode, reason, pending, first, file, known, acked, stored,
                 crashes, flips>>

(* What is durable may be acknowledged, and counted by a leader. *)
Acknowledge ==
  /\ mode = "up"
  /\ acked < durable
  /\ acked' = durable
  /\ UNCHANGED <<mode, reason, pending, disk, known, durable, stored, crashes,
                 flips>>

(***************************************************************************)
(* The machine loses its power: of the records not synced any may be lost, *)
(* any may be damaged, later ones kept where earlier ones are not, and the *)
(* file may end inside one.  In a killed process they are simply there.    *)
(***************************************************************************)
Crash ==
  /\ mode # "down"
  /\ crashes < CrashMax
  /\ \E kept \in synced..Last :
     \E bad \in SUBSET ((synced + 1)..kept) :
     \E cut \in {FALSE} \cup {kept > synced} :
       file' = [i \in 1..(kept - first + 1) |->
         LET p == first + i - 1 IN
         CASE p = kept /\ cut -> [file[i] EXCEPT !.whole = FALSE]
           [] p \in bad -> [file[i] EXCEPT !.body = "wrong"]
           [] OTHER -> file[i]]
  /\ mode' = "down" /\ reason' = "none"
  /\ pending' = <<>> /\ known' = 0 /\ durable' = 0
  /\ crashes' = crashes + 1
  /\ UNCHANGED <<first, synced, acked, stored, flips>>

-----------------------------------------------------------------------------
Bad == {p \in Stored : ~Valid(At(p))}

(* A later valid record says that p was durable. *)
Certified(p) == \E q \in Stored : q > p /\ Valid(At(q)) /\ At(q).through >= p

FirstBad == CHOOSE p \in Bad : \A q \in Bad : p <= q

(* The file ends inside its last record, and every other one is whole. *)
CutShort == Bad = {Last} /\ ~At(Last).whole

(* What is left when everything from position p on is dropped. *)
Before(p) == SubSeq(file, 1, p - first)

(***************************************************************************)
(* The replica reads its file back.  What it keeps is synced before it is  *)
(* counted: a second crash must not take back what was read.               *)
(***************************************************************************)
Recover ==
  /\ mode = "down"
  /\ IF Bad = {} \/ CutShort
     THEN LET kept == IF Bad = {} THEN file ELSE Before(Last) IN
          /\ file' = kept
          /\ mode' = "up" /\ reason' = "none"
          /\ known' = first + Len(kept) - 1
          /\ durable' = known' /\ synced' = known'
     ELSE /\ mode' = "quarantined"
          /\ reason' = IF Certified(FirstBad) THEN "corrupt" ELSE "torn"
          /\ UNCHANGED <<file, known, durable, synced>>
  /\ UNCHANGED <<pending, first, acked, stored, crashes, flips>>

(***************************************************************************)
(* The peers supply what was acknowledged.  A corrupt record is replaced   *)
(* where it stands, and what follows is kept as far as it is valid; from a *)
(* torn one on, the peers' entries stand alone.                            *)
(***************************************************************************)
Repair ==
  /\ mode = "quarantined"
  /\ LET good == [body |-> "right", sum |-> "right", through |-> 0,
                  whole |-> TRUE]
         after == {p \in Bad : p > acked}
         end == IF reason = "torn"
                THEN IF acked >= FirstBad THEN acked ELSE FirstBad - 1
                ELSE IF after # {}
                     THEN (CHOOSE p \in after : \A q \in after : p <= q) - 1
                     ELSE IF acked >= Last THEN acked ELSE Last
     IN /\ file' = [i \in 1..(end - first + 1) |->
             IF i <= Len(file) /\ Valid(file[i]) THEN file[i] ELSE good]
        /\ known' = end /\ durable' = end /\ synced' = end
  /\ mode' = "up" /\ reason' = "none"
  /\ UNCHANGED <<pending, first, acked, stored, crashes, flips>>

-----------------------------------------------------------------------------
(* All applied up to what is acknowledged, and durable. *)
TakeSnapshot ==
  /\ mode = "up"
  /\ snapshot < acked
  /\ snapshot' = acked
  /\ UNCHANGED <<mode, reason, pending, disk, known, durable, acked, archive,
                 manifest, crashes, flips>>

(* A whole segment of acknowledged entries is copied, each record checked. *)
Upload(s) ==
  /\ mode = "up"
  /\ archive[s] # "right" /\ s \notin manifest
  /\ From(s) >= first /\ To(s) <= acked
  /\ \A p \in From(s)..To(s) : Valid(At(p))
  /\ archive' = [archive EXCEPT ![s] =
       IF \A p \in From(s)..To(s) : At(p).body = "right" THEN "right"
       ELSE "wrong"]
  /\ UNCHANGED <<mode, reason, pending, disk, known, durable, acked, snapshot,
                 manifest, crashes, flips>>

(* The next segment is read back, and only then listed. *)
List(s) ==
  /\ mode = "up"
  /\ s \notin manifest
  /\ \A before \in 1..(s - 1) : before \in manifest
  /\ archive[s] = "right"
  /\ manifest' = manifest \cup {s}
  /\ UNCHANGED <<mode, reason, pending, disk, known, durable, acked, snapshot,
                 archive, crashes, flips>>

(* The first segment of the file leaves it. *)
Truncate(s) ==
  /\ mode = "up"
  /\ From(s) = first /\ To(s) <= Last
  /\ s \in manifest
  /\ To(s) <= snapshot
  /\ first' = To(s) + 1
  /\ file' = SubSeq(file, SegmentSize + 1, Len(file))
  /\ UNCHANGED <<mode, reason, pending, synced, known, durable, acked, stored,
                 crashes, flips>>

-----------------------------------------------------------------------------
(* Damage: to the entry that is written next, in memory. *)
FlipMemory ==
  /\ flips < FlipMax
  /\ pending # <<>> /\ Head(pending).body = "right"
  /\ pending' = <<[Head(pending) EXCEPT !.body = "wrong"]>> \o Tail(pending)
  /\ flips' = flips + 1
  /\ UNCHANGED <<mode, reason, disk, known, durable, acked, stored, crashes>>

(* Damage: to the record of position p, on the disk. *)
FlipDisk(p) ==
  /\ flips < FlipMax
  /\ p \in Stored /\ p <= synced /\ At(p).body = "right"
  /\ file' = [file EXCEPT ![p - first + 1].body = "wrong"]
  /\ flips' = flips + 1
  /\ UNCHANGED <<mode, reason, pending, first, synced, known, durable, acked,
                 stored, crashes>>

(* Damage: to a segment on its way to the archive. *)
FlipArchive(s) ==
  /\ flips < FlipMax
  /\ archive[s] = "right" /\ s \notin manifest
  /\ archive' = [archive EXCEPT ![s] = "wrong"]
  /\ flips' = flips + 1
  /\ UNCHANGED <<mode, reason, pending, disk, known, durable, acked, snapshot,
                 manifest, crashes>>

-----------------------------------------------------------------------------
Next ==
  \/ Submit
  \/ Write
  \/ Refuse
  \/ Sync
  \/ Acknowledge
  \/ Crash
  \/ Recover
  \/ Repair
  \/ TakeSnapshot
  \/ \E s \in Segments : Upload(s)
  \/ \E s \in Segments : List(s)
  \/ \E s \in Segments : Truncate(s)
  \/ FlipMemory
  \/ \E p \in Positions : FlipDisk(p)
  \/ \E s \in Segments : FlipArchive(s)

Spec == Init /\ [][Next]_vars

(* A replica that is down comes back, and one in quarantine leaves it. *)
Fairness == WF_vars(Recover) /\ WF_vars(Repair)

LiveSpec == Spec /\ Fairness

-----------------------------------------------------------------------------
(* A replica that votes and serves holds all that was acknowledged. *)
RecoveredInv == mode = "up" => known >= acked

(* What it read back is there and valid, unless the disk was damaged since. *)
HeldInv == mode = "up" => known = Last

(* What is acknowledged was durable, if only until it was damaged. *)
DurableInv == acked <= synced

(* A replica never believes more to be durable than the disk made durable. *)
SyncedInv == durable <= known /\ durable <= synced

(* Quarantine has a reason, and only quarantine has. *)
QuarantineInv == (mode = "quarantined") <=> (reason # "none")

(* No valid record has a wrong body: damage is never silent. *)
NoSilentInv ==
  \A p \in Stored : Valid(At(p)) => At(p).body = "right"

(* What left the log is in the archive, undamaged, and in a snapshot. *)
TruncatedInv ==
  /\ first - 1 <= snapshot
  /\ \A s \in Segments : To(s) < first => s \in manifest /\ archive[s] = "right"

(* The manifest has no holes, and lists nothing that is not there. *)
ManifestInv ==
  /\ \A s \in manifest, t \in Segments : t < s => t \in manifest
  /\ \A s \in manifest : archive[s] = "right"

(* A crash alone is never called corruption. *)
NoFalseAlarmInv == reason = "corrupt" => flips > 0

(* No valid record says that a record called torn was durable. *)
CorruptProp ==
  [][mode = "down" /\ reason' = "torn" =>
       \A q \in Stored : Valid(At(q)) => At(q).through < FirstBad]_vars

(* A replica comes up on valid records alone. *)
IntactProp == [][mode # "up" /\ mode' = "up" => Bad' = {}]_vars

Healed == mode = "up"
HealsProp == []<>Healed
=============================================================================
