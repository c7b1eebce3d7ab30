/**
 * What a counterexample's steps read: TLC says of which messages a step has need. And arguments are
 * told for specs that extend nothing.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { namedTrace } from '../../conformance/check/namedTrace.ts';
import { spaceTime } from '../../conformance/report/html/spaceTime.ts';
import { shownBehaviour } from '../../conformance/report/shownBehaviour.ts';
import { shownSteps } from '../../conformance/report/shownSteps.ts';
import { parseCfg } from '../../conformance/spec/cfg.ts';
import type { TlcResult, TlcTraceStep } from '../../conformance/tlc/result.ts';

const folder = mkdtempSync(join(tmpdir(), 'bisim-reads-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const found = (trace: readonly TlcTraceStep[]): TlcResult =>
  ({
    verdict: 'violation',
    kind: 'invariant',
    property: 'Inv',
    trace,
    further: [],
  }) as unknown as TlcResult;

it('arrows lead to steps that read messages which stay in flight for ever', async () => {
  const module = fileURLToPath(new URL('examples/twoPhase/TwoPhase.tla', import.meta.url));
  const [one, two] = ['[rm |-> "rm1", type |-> "prepared"]', '[rm |-> "rm2", type |-> "prepared"]'];
  const state = (rms: string, decision: string, votes: string, msgs: string) => {
    const rmState = `[rm1 |-> "${rms}", rm2 |-> "${rms === 'working' ? 'working' : 'prepared'}"]`;
    return { rmState, decision: `"${decision}"`, votes, msgs };
  };
  const trace = [
    { state: state('working', 'none', '{}', '{}') },
    {
      action: 'Prepare',
      state: {
        ...state('working', 'none', '{}', `{${one}}`),
        rmState: '[rm1 |-> "prepared", rm2 |-> "working"]',
      },
    },
    { action: 'Prepare', state: state('prepared', 'none', '{}', `{${one}, ${two}}`) },
    { action: 'ReadVote', state: state('prepared', 'none', '{"rm2"}', `{${one}, ${two}}`) },
    {
      action: 'Abort',
      state: state('prepared', 'abort', '{"rm2"}', `{[type |-> "abort"], ${one}, ${two}}`),
    },
    {
      action: 'Obey',
      state: state('aborted', 'abort', '{"rm2"}', `{[type |-> "abort"], ${one}, ${two}}`),
    },
  ];
  const cfg = parseCfg('SPECIFICATION Spec\nCONSTANTS RMs = {"rm1", "rm2"}\n');

  const { tlc, parameterNames } = await namedTrace(
    found(trace),
    cfg,
    { module, libraryPaths: [] },
    {},
  );

  expect(tlc.trace?.map(({ args = [] }) => args.join())).toEqual([
    '',
    '"rm1"',
    '"rm2"',
    '',
    '',
    '"rm1"',
  ]);
  expect(tlc.trace?.map(({ reads }) => reads)).toEqual([
    ...[undefined, undefined, undefined, [two], undefined],
    ['[type |-> "abort"]'],
  ]);
  const { lanes, flights } = spaceTime(
    shownBehaviour(tlc, { parameterNames: parameterNames ?? {} }),
    'b',
  );
  expect(lanes).toEqual(['rm1', 'rm2', 'other']);
  expect(flights).toEqual([
    { message: one, from: 1 },
    { message: two, from: 2, to: 3 },
    { message: '[type |-> "abort"]', from: 4, to: 5 },
  ]);
});

it('steps of a spec that extends no module get their arguments as well', async () => {
  const module = join(folder, 'Ping.tla');
  const text = `---- MODULE Ping ----
CONSTANT P
VARIABLE up
Init == up = {}
Join(p) == p \\notin up /\\ up' = up \\cup {p}
Next == \\E p \\in P : Join(p)
Spec == Init /\\ [][Next]_up
====
`;
  writeFileSync(module, text);
  const trace = ['{}', '{"b"}', '{"a", "b"}'].map((up, at) => {
    return { ...(at === 0 ? {} : { action: 'Join' }), state: { up } };
  });
  const cfg = parseCfg('SPECIFICATION Spec\nCONSTANTS P = {"a", "b"}\n');
  const { tlc } = await namedTrace(found(trace), cfg, { module, libraryPaths: [] }, {});
  expect(tlc.trace?.map(({ args }) => args)).toEqual([undefined, ['"b"'], ['"a"']]);
});

it('messages in channels and bags, named by mtype, are seen as sent and taken', () => {
  const [ask, vote] = ['[mtype |-> "ask", n |-> 1]', '[mtype |-> "vote", n |-> 2]'];
  const channels = shownSteps([
    { state: { inbox: `[a |-> <<>>, b |-> <<${ask}>>]`, log: '<<>>' } },
    { action: 'Vote', state: { inbox: `[a |-> <<${vote}>>, b |-> <<>>]`, log: `<<${ask}>>` } },
  ]);
  expect(channels[1]).toMatchObject({ sent: [vote], received: [ask] });
  const bags = shownSteps([
    { state: { messages: `(${ask} :> 2)` } },
    { action: 'Take', state: { messages: `(${ask} :> 1 @@ ${vote} :> 1)` } },
  ]);
  expect(bags[1]).toMatchObject({ sent: [vote], received: [ask] });
});
