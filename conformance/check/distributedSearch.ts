/**
 * A search by TLC's server and its workers, with what that server leaves out made good. What must
 * hold: ASSUMEs, the cfg and the initial states are checked here first, since the server passes
 * over some of it (measured on 2.18); PROPERTIES, which it never checks, are refused; its
 * counterexample, of which it shows the end alone, is found again here.
 */
import { UsageError } from '../sources/usageError.ts';
import { parseCfg, type Cfg } from '../spec/cfg.ts';
import { runDistributed, type Distribution } from '../tlc/distributed.ts';
import type { TlcResult } from '../tlc/result.ts';
import { runTlc, type TlcOptions } from '../tlc/run.ts';
import { retrace } from './retrace.ts';

/** The way to a violation is searched for as long as the search itself took, but not less. */
const wholeMsMin = 60_000;

export function distributedSearch(d: Distribution): (o: TlcOptions) => Promise<TlcResult> {
  return async (o) => {
    const { onProgress: _p, ...quiet } = o;
    const first = await runTlc({
      ...quiet,
      workers: 1,
      coverage: false,
      tiny: true,
      mode: { simulate: { num: 1, depth: 1, seed: 1 } },
    });
    if (first.verdict !== 'ok') return first;
    const cfg = parseCfg(o.cfg);
    refuseProperties(cfg);
    const deadlock = o.deadlock ?? cfg.checkDeadlock ?? true;
    const found = await runDistributed({ ...o, deadlock }, d);
    if (found.verdict !== 'violation') return found;
    const wholeMsMax = Math.max(wholeMsMin, found.seconds * 1000);
    d.onNews?.(
      `found a violation; searching for the way to it, ${Math.round(wholeMsMax / 1000)} s at most`,
    );
    return retrace(found, cfg, { ...quiet, deadlock, wholeMsMax });
  };
}

function refuseProperties({ properties }: Cfg): void {
  if (properties.length === 0) return;
  throw new UsageError(
    'distributed-properties',
    `TLC's distributed search does not check PROPERTIES: ${properties.join(', ')}`,
    'Check them without --distributed; --liveness off leaves them out here.',
  );
}
