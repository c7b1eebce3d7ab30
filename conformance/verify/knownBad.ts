/**
 * The checks shown something wrong, whatever the project holds: TLC a spec whose invariant,
 * action property and liveness fail, the history checker a stale read. What must hold: a
 * verdict `ok` on any of them fails the run.
 */
import { Cache } from '../behaviour/cache.ts';
import { kv } from '../history/kv.ts';
import { checkLinearizable } from '../history/linearizability.ts';
import type { Operation } from '../history/operation.ts';
import { hashParts } from '../sources/contentHash.ts';
import { runTlc } from '../tlc/run.ts';
import { graphReader } from './surroundings.ts';
import type { KnownBadCase, RunContext, TaskAnswer, TaskTools } from './task.ts';
import { nothing } from './task.ts';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const moduleText = `---- MODULE BisimKnownBad ----
EXTENDS Naturals
VARIABLE x
Init == x = 0
Step == x < 2 /\\ x' = x + 1
Rest == x = 2 /\\ x' = x
Next == Step \\/ Rest
Spec == Init /\\ [][Next]_x
SmallInv == x < 2
StillProp == [][x' = x]_x
BackProp == []<>(x = 0)
====
`;

/** Each property with what TLC must say it is. */
const cases = [
  { line: 'INVARIANT SmallInv', kind: 'invariant' },
  { line: 'PROPERTY StillProp', kind: 'action-property' },
  { line: 'PROPERTY BackProp', kind: 'liveness' },
];

export async function runKnownBad(context: RunContext, tools: TaskTools): Promise<TaskAnswer> {
  const knownBad = [staleRead()];
  const key = hashParts(['known-bad', moduleText, context.tlc?.sha256 ?? '', graphReader()]);
  const cache = new Cache({ folder: context.cache, warn: tools.warn });
  let rejected = (await cache.getJson(key)) as KnownBadCase[] | undefined;
  if (rejected === undefined) {
    rejected = [];
    for (const one of cases) rejected.push(await rejects(one, context, tools));
    if (rejected.every((one) => one.rejected)) await cache.putJson(key, rejected);
  }
  knownBad.push(...rejected);
  const count = knownBad.filter((one) => one.rejected).length;
  return { ...nothing, knownBad, line: `${count} of ${knownBad.length} rejected` };
}

async function rejects(
  { line, kind }: (typeof cases)[number],
  context: RunContext,
  tools: TaskTools,
): Promise<KnownBadCase> {
  const folder = join(context.temporary, 'known-bad');
  mkdirSync(folder, { recursive: true });
  const module = join(folder, 'BisimKnownBad.tla');
  writeFileSync(module, moduleText);
  const result = await runTlc({
    module,
    cfg: `SPECIFICATION Spec\n${line}\nCHECK_DEADLOCK TRUE\n`,
    timeoutMs: context.limits.timeoutMs,
    memoryMb: 256,
    tiny: true,
    signal: tools.signal,
    ...(context.tlc === undefined ? {} : { jar: { jar: context.tlc.jar } }),
  });
  const rejected = result.verdict === 'violation' && result.kind === kind;
  const said = rejected ? '' : `: TLC says ${result.verdict}, ${result.message ?? 'nothing more'}`;
  return { check: 'TLC', what: `a spec with ${line}${said}`, rejected };
}

/** A read that began after a write had ended, and did not see it. */
function staleRead(): KnownBadCase {
  const put: Operation = {
    process: 1,
    op: 'put',
    key: 'k',
    value: 1,
    result: null,
    invoke: 0,
    return: 1,
    status: 'ok',
  };
  const stale = { ...put, process: 2, op: 'get', value: null, invoke: 2, return: 3 };
  const rejected = checkLinearizable([put, stale], kv).verdict === 'violation';
  return { check: 'history', what: 'a stale read', rejected };
}
