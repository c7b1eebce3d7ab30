/**
 * The module of operators that every generated module extends. It takes the standard modules as
 * LOCAL instances, so that none of their names can clash with one of the spec's.
 */
import type { GeneratedModule } from '../tlc/stage.ts';

export const toolsName = 'BisimTools';
/** A model value that equals nothing a spec can make. */
export const noneName = 'BisimNone';

const text = `---- MODULE ${toolsName} ----
LOCAL INSTANCE TLC
LOCAL INSTANCE Integers
LOCAL INSTANCE Sequences
CONSTANT ${noneName}
BisimMinus(n) == -n
BisimPlus(m, n) == m + n
BisimLess(m, n) == m < n
BisimJoin(s, t) == s \\o t
BisimSize(s) == Len(s)
BisimPrint(v) == PrintT(v)
BisimFunction(keys, values) ==
  [k \\in {keys[i] : i \\in DOMAIN keys} |-> values[CHOOSE i \\in DOMAIN keys : keys[i] = k]]
BisimPick(given, S) ==
  IF given = <<>> THEN S ELSE IF given[1] \\in S THEN {given[1]} ELSE {}
BisimIs(given, v) == IF given = <<>> THEN TRUE ELSE given[1] = v
RECURSIVE BisimPut(_, _, _, _)
BisimPut(old, path, kind, v) ==
  IF path = <<>>
  THEN CASE kind = "put" -> v
         [] kind = "add" -> old \\cup v
         [] kind = "remove" -> old \\ v
         [] kind = "append" -> old \\o v
         [] kind = "drop" -> SubSeq(old, v + 1, Len(old))
  ELSE IF path[1] \\in DOMAIN old
  THEN [old EXCEPT ![path[1]] = BisimPut(old[path[1]], Tail(path), kind, v)]
  ELSE ${noneName}
RECURSIVE BisimChanged(_, _)
BisimChanged(old, parts) ==
  IF parts = <<>> THEN old
  ELSE BisimChanged(BisimPut(old, parts[1][1], parts[1][2], parts[1][3]), Tail(parts))
BisimClear(traces) == \\A t \\in traces : TLCSet(t, -1)
BisimReach(t, n) ==
  IF TLCGet(t) < n THEN TLCSet(t, n) /\\ PrintT(<<"@bisim", t, n>>) ELSE TRUE
BisimCount(key, max) == TLCGet(key) < max /\\ TLCSet(key, TLCGet(key) + 1)
====
`;

export const toolsModule: GeneratedModule = { name: toolsName, text };
