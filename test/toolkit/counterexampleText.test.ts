/** Counterexamples of real runs of TLC, as people read them. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readItf, writeItf } from '../../conformance/behaviour/itf.ts';
import { behaviourText } from '../../conformance/report/behaviourText.ts';
import type { ShownBehaviour } from '../../conformance/report/reportPage.ts';
import { shownBehaviour, shownTrace } from '../../conformance/report/shownBehaviour.ts';
import { parseCfg } from '../../conformance/spec/cfg.ts';
import { counterexampleTrace } from '../../conformance/spec/counterexampleTrace.ts';
import { readBehaviour } from '../../conformance/spec/declarations.ts';
import { stateGraph } from '../../conformance/spec/graphOf.ts';
import { nameSteps } from '../../conformance/spec/stepNames.ts';
import type { TlcResult } from '../../conformance/tlc/result.ts';
import { runTlc } from '../../conformance/tlc/run.ts';
import { hasJava, presentJar, specs } from './tlcPresent.ts';

const limits = { timeoutMs: 60_000, memoryMb: 256, tiny: true };
const module = join(specs, 'Inbox.tla');
const constants = 'CONSTANTS\n  Clients = {c1, c2}\n  Limit = 2\nCHECK_DEADLOCK FALSE\n';

interface Named {
  readonly tlc: TlcResult;
  readonly parameterNames: Record<string, readonly string[]>;
}

async function named(head: string): Promise<Named> {
  const cfg = head + constants;
  const tlc = await runTlc({ ...limits, module, cfg });
  const spec = await readBehaviour({ module, cfg: parseCfg(cfg) });
  const parameterNames = Object.fromEntries(spec.actions.map(({ name, params }) => [name, params]));
  return { tlc: await nameSteps(tlc, spec, { module, cfg: parseCfg(cfg) }), parameterNames };
}

describe.skipIf(!hasJava)('a counterexample', () => {
  let invariant: Named;
  let shown: ShownBehaviour;
  beforeAll(async () => {
    await presentJar();
    invariant = await named('SPECIFICATION Spec\nINVARIANT SeenOnceInv\n');
    shown = shownBehaviour(invariant.tlc, { ...invariant, repeat: 'bisim check Inbox.tla' });
  }, 120_000);

  it('names the arguments of each action, and shows what each step changed', () => {
    expect(behaviourText(shown)).toMatchInlineSnapshot(`
      "SeenOnceInv does not hold: Invariant SeenOnceInv is violated.
       1. initial state
            msgs = {}
            sent = (c1 :> 0 @@ c2 :> 0)
            server = [last |-> "nobody", seen |-> 0]
       2. Send(c = c1)
            msgs gains [from |-> c1, number |-> 1, type |-> "letter"]
            sent[c1] = 1 (was 0)
       3. Send(c = c1)
            msgs gains [from |-> c1, number |-> 2, type |-> "letter"]
            sent[c1] = 2 (was 1)
       4. Take
            msgs loses [from |-> c1, number |-> 1, type |-> "letter"]
            server.last = c1 (was "nobody")
            server.seen = 1 (was 0)
       5. Take
            msgs loses [from |-> c1, number |-> 2, type |-> "letter"]
            server.seen = 2 (was 1)
      repeat: bisim check Inbox.tla"
    `);
  });

  it('says which process acts and which messages go and come', () => {
    const letter = (n: number): string => `[from |-> c1, number |-> ${n}, type |-> "letter"]`;
    expect(shown.steps.map(({ process, sent, received }) => [process, sent, received])).toEqual([
      [undefined, undefined, undefined],
      ['c1', [letter(1)], undefined],
      ['c1', [letter(2)], undefined],
      [undefined, undefined, [letter(1)]],
      [undefined, undefined, [letter(2)]],
    ]);
  });

  it('is the same text after it was written to a file and read back', () => {
    const { tlc, parameterNames } = invariant;
    const trace = counterexampleTrace(tlc)!;
    const again = readItf(writeItf(trace, { parameterNames }));
    const { title, reason } = shown;
    const o = { title, reason, parameterNames, repeat: 'bisim check Inbox.tla' };
    expect(behaviourText(shownTrace(again, o))).toBe(behaviourText(shown));
  });

  it('has the arguments that a run with named arguments gives', async () => {
    const cfg = `SPECIFICATION Spec\nINVARIANT SeenOnceInv\n${constants}`;
    const { tlc } = await stateGraph({ ...limits, module, cfg });
    expect(tlc.trace?.[1]?.args).toHaveLength(1);
    const bare = tlc.trace?.map(({ args: _, ...step }) => step) ?? [];
    const spec = await readBehaviour({ module, cfg: parseCfg(cfg) });
    const again = await nameSteps({ ...tlc, trace: bare }, spec, { module, cfg: parseCfg(cfg) });
    expect(again.trace?.slice(1)).toEqual(tlc.trace?.slice(1));
  }, 180_000);

  it('is left as it was where a step is none of the spec', async () => {
    const { tlc } = invariant;
    const cfg = parseCfg(`SPECIFICATION Spec\n${constants}`);
    const spec = await readBehaviour({ module, cfg });
    const trace = tlc
      .trace!.slice(0, 3)
      .map(({ args: _, ...step }, index) =>
        index === 2
          ? { ...step, state: { ...step.state, server: '[seen |-> 2, last |-> c2]' } }
          : step,
      );
    const again = await nameSteps({ ...tlc, trace }, spec, { module, cfg });
    expect(again.trace?.map(({ action, args }) => [action, args])).toEqual([
      [undefined, undefined],
      ['Send', ['c1']],
      ['Send', undefined],
    ]);
  }, 180_000);

  it('shows where a circle begins', async () => {
    const { tlc, parameterNames } = await named('SPECIFICATION FairSpec\nPROPERTY TakenProp\n');
    expect(behaviourText(shownBehaviour(tlc, { parameterNames }))).toMatchInlineSnapshot(`
      "A temporal property does not hold: Temporal properties were violated.
       1. initial state
            msgs = {}
            sent = (c1 :> 0 @@ c2 :> 0)
            server = [last |-> "nobody", seen |-> 0]
       2. Send(c = c1)
            msgs gains [from |-> c1, number |-> 1, type |-> "letter"]
            sent[c1] = 1 (was 0)
       3. Send(c = c1)
            msgs gains [from |-> c1, number |-> 2, type |-> "letter"]
            sent[c1] = 2 (was 1)
         and goes back to step 1 by Lose(c = c1): steps 1 to 3 repeat for ever"
    `);
    expect(counterexampleTrace(tlc)?.loop).toBe(0);
  }, 180_000);

  it('shows where it stutters', async () => {
    const { tlc, parameterNames } = await named('SPECIFICATION Spec\nPROPERTY TakenProp\n');
    expect(behaviourText(shownBehaviour(tlc, { parameterNames }))).toMatchInlineSnapshot(`
      "A temporal property does not hold: Temporal properties were violated.
       1. initial state
            msgs = {}
            sent = (c1 :> 0 @@ c2 :> 0)
            server = [last |-> "nobody", seen |-> 0]
         and stays there for ever (stuttering)"
    `);
    expect(counterexampleTrace(tlc)?.loop).toBe(0);
  }, 180_000);
});

describe('the text of a behaviour', () => {
  const state = (n: number): Record<string, string> => ({ x: String(n), set: 'Nat' });

  it('leaves out the middle of a long one, and says so', () => {
    const trace = Array.from({ length: 1_000 }, (_, n) =>
      n === 0 ? { state: state(n) } : { action: 'Inc', state: state(n) },
    );
    const text = behaviourText(shownBehaviour({ verdict: 'violation', trace }));
    expect(text).toContain('… 600 steps are left out …');
    expect(text).toContain('1000. Inc\n      x = 999 (was 998)');
    expect(text).not.toContain(' = 500 ');
  });

  it('shows a value whole where it is no finite one', () => {
    const trace = [{ state: state(1) }, { action: 'A', state: { x: '1', set: '[Nat -> Nat]' } }];
    const text = behaviourText(shownBehaviour({ verdict: 'violation', trace }));
    expect(text).toContain('set = [Nat -> Nat] (was Nat)');
  });

  it('says that a step changed nothing', () => {
    const trace = [{ state: state(1) }, { action: 'Retry', args: ['r1'], state: state(1) }];
    const text = behaviourText(shownBehaviour({ verdict: 'violation', trace }));
    expect(text).toContain('2. Retry(r1)\n      (nothing changes)');
  });
});
