/**
 * A search by TLC's server and its workers, with what that server leaves out made good. What must
 * hold: ASSUMEs, the cfg and the initial states are checked here first, since the server passes
 * over some of it; PROPERTIES, which it never checks, are refused; its counterexample, which lacks
 * its first state and the name of what is violated (all measured on 2.18), is run again here.
 */
import { UsageError } from '../sources/usageError.ts';
import { parseCfg, type Cfg } from '../spec/cfg.ts';
import { runDistributed, type Distribution } from '../tlc/distributed.ts';
import type { TlcResult } from '../tlc/result.ts';
import { runTlc, type TlcOptions } from '../tlc/run.ts';
import { retrace } from './retrace.ts';

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
    return found.verdict === 'violation'
      ? await retrace(found, cfg, { ...quiet, deadlock })
      : found;
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
