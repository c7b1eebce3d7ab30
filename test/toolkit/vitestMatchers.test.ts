// The matchers of bisim/vitest: what they accept, and what they say when they do not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { defineBinding, type Binding } from '../../conformance/index.ts';
import { boundModel } from '../../conformance/project/bindingFiles.ts';
import { checkTraceFile, traceFilesOf } from '../../conformance/suite/traceChecks.ts';
import '../../conformance/vitest.ts';
import { twoPhase } from './examples/twoPhase/binding.ts';
import { decide, readVote, type Message, type System } from './examples/twoPhase/twoPhase.ts';
import { hasJava } from './tlcPresent.ts';

const model = 'examples/twoPhase/TwoPhase.cfg';

/** The example seen from this file's project. */
const bound: Binding<System> = { ...twoPhase, spec: 'test/toolkit/examples/twoPhase/TwoPhase.tla' };
const withActions = (actions: Partial<Binding<System>['actions']>): Binding<System> =>
  defineBinding<System>({
    ...bound,
    actions: { ...bound.actions, ...actions } as Binding<System>['actions'],
  });

async function messageOf(failing: Promise<unknown>): Promise<string> {
  return failing.then(
    () => 'it passed',
    (error: Error) => error.message,
  );
}

describe.skipIf(!hasJava)('toConform', () => {
  it('accepts code that is the model, by edges and by tours', async () => {
    await expect(bound).toConform({ model });
    await expect(bound).toConform({ model, mode: 'tours' });
  });

  it('says the step, the shortest way there and what the model allows', async () => {
    const hasty = withActions({
      Commit: (s) =>
        decide({ ...s, managers: new Map() }, 'commit') && {
          ...s,
          coordinator: { ...s.coordinator, decision: 'commit' },
        },
    });
    const message = await messageOf(expect(hasty).toConform({ model }));
    expect(message).toMatch(/^forbidden: the code can do Commit here, the model cannot/);
    expect(message).toContain('the model allows there: ');
    expect(message).not.toContain('replayGraph');
  });

  it('finds by tours a step that the code does not take', async () => {
    const deaf = withActions({
      ReadVote: (s, _, vote: Message) =>
        vote.type === 'prepared' && vote.rm === 'rm2' ? undefined : readVote(s, vote),
    });
    const message = await messageOf(expect(deaf).toConform({ model, mode: 'tours' }));
    expect(message).toContain('action: ReadVote');
    await expect(deaf).not.toConform({ model });
  });
});

describe.skipIf(!hasJava)('toBeBehaviorOf', () => {
  const steps = [
    { action: 'Prepare', args: { rm: 'rm2' }, state: { decision: 'none' } },
    { action: 'ReadVote', state: { votes: new Set(['rm2']) } },
    { action: 'Abort' },
    { state: { rmState: { rm1: 'aborted', rm2: 'prepared', rm3: 'working' } } },
  ];

  it('accepts steps of the model, told as far as they were seen', async () => {
    await expect(steps).toBeBehaviorOf(bound, { model });
  });

  it('says the last step that fits, what the model allows there, and what differs', async () => {
    const wrong = [
      ...steps.slice(0, 3),
      {
        action: 'Obey',
        args: { rm: 'rm1' },
        state: { rmState: { rm1: 'committed', rm2: 'prepared', rm3: 'working' } },
      },
    ];
    const message = await messageOf(expect(wrong).toBeBehaviorOf(bound, { model }));
    expect(message).toContain('step 4 of the trace (Obey(rm = "rm1")) is no step of the model');
    expect(message).toContain('last step that the model allows: step 3, Abort');
    expect(message).toContain(
      'trace [rm1 |-> "committed", rm2 |-> "prepared", rm3 |-> "working"], model [rm1 |-> "aborted", rm2 |-> "prepared", rm3 |-> "working"]',
    );
    expect(message).toMatch(/the model allows there: .*Obey\("rm3"\)/);
  });

  it('refuses a step that is not enabled, an unknown action and an unknown variable', async () => {
    expect(
      await messageOf(expect([{ action: 'Commit' }]).toBeBehaviorOf(bound, { model })),
    ).toContain('the model does not allow Commit here');
    expect(
      await messageOf(expect([{ action: 'Comit' }]).toBeBehaviorOf(bound, { model })),
    ).toContain('the spec has no action Comit; it has Prepare');
    expect(
      await messageOf(expect([{ state: { vote: 1 } }]).toBeBehaviorOf(bound, { model })),
    ).toContain('the spec has no variable vote');
  });

  it('never accepts a trace without steps', async () => {
    expect(await messageOf(expect([]).toBeBehaviorOf(bound, { model }))).toContain(
      'nothing is shown',
    );
  });
});

describe('toBeLinearizable', () => {
  const put = {
    process: 1,
    op: 'put',
    key: 'k',
    value: 1,
    result: null,
    invoke: 0,
    return: 1,
    status: 'ok' as const,
  };
  const fresh = { ...put, process: 2, op: 'get', value: null, result: 1, invoke: 2, return: 3 };

  it('accepts a read of what was written before', () => {
    expect([put, fresh]).toBeLinearizable();
  });

  it('rejects a stale read, and shows the operations that cannot be ordered', () => {
    const stale = { ...fresh, result: null };
    expect([put, stale]).not.toBeLinearizable('kv');
    expect(() => expect([put, stale]).toBeLinearizable()).toThrow(/is not linearizable[^]*get "k"/);
  });

  it('never accepts a history without operations, and refuses a model it does not know', () => {
    expect(() => expect([]).toBeLinearizable()).toThrow('nothing is shown');
    expect(() => expect([put]).toBeLinearizable('kw')).toThrow('there is no history model kw');
  });
});

describe.skipIf(!hasJava)('trace files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bisim-traces-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'abort.itf.json');
  const working = { rm1: 'working', rm2: 'working', rm3: 'working' };
  const start = { rmState: working, decision: 'none', votes: { '#set': [] }, msgs: { '#set': [] } };
  const abort = {
    ...start,
    '#meta': { action: 'Abort', args: {} },
    decision: 'abort',
    msgs: { '#set': [{ type: 'abort' }] },
  };
  const write = (...states: object[]): void =>
    writeFileSync(file, JSON.stringify({ vars: Object.keys(start), states }));

  it('are behaviours of the model, or not, by their states and actions', async () => {
    write(start, abort);
    await expect(file).toBeBehaviorOf(bound, { model });
    write(start, { ...abort, decision: 'commit' });
    const message = await messageOf(expect(file).toBeBehaviorOf(bound, { model }));
    expect(message).toContain('decision: trace "commit", model "abort"');
  });

  it('are run on the code, each a check of its own', async () => {
    write(start, abort);
    const from = fileURLToPath(import.meta.url);
    const { files } = await boundModel(bound as Binding<unknown>, {
      path: from,
      cfg: model,
      from: dirname(from),
    });
    const check = { files, from, timeoutMs: 60_000 };
    expect(traceFilesOf([folder], from)).toEqual([file]);
    await checkTraceFile(file, { ...check, binding: bound as Binding<unknown> });
    const deaf = withActions({ Abort: () => undefined }) as Binding<unknown>;
    const message = await messageOf(checkTraceFile(file, { ...check, binding: deaf }));
    expect(message).toMatch(/^missing: the model does Abort here, in the code it is not enabled/);
  });
});
