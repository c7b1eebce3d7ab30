/** `bisim explain` and `bisim schema`: results of verbs in words, and their schemas. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { explainVerb } from '../../conformance/explain/explainVerb.ts';
import { schemaVerb } from '../../conformance/explain/schemaVerb.ts';
import type { CheckRun } from '../../conformance/report/checkReport.ts';
import { explainReportSchema } from '../../conformance/report/explainReport.ts';
import { reportingVerbs, reportSchema } from '../../conformance/report/reportSchemas.ts';
import { UsageError } from '../../conformance/sources/usageError.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bisim-explain-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function explain(result: unknown): Promise<string> {
  const text = typeof result === 'string' ? result : JSON.stringify(result);
  writeFileSync(join(folder, 'result.json'), text);
  const { exitCode, report, text: said } = await explainVerb('result.json', { cwd: folder });
  expect(exitCode).toBe(0);
  explainReportSchema.parse(JSON.parse(JSON.stringify(report)));
  return said;
}

async function refusal(result: unknown): Promise<string> {
  const error: unknown = await explain(result).catch((thrown: unknown) => thrown);
  if (!(error instanceof UsageError)) throw new Error(`not refused: ${String(error)}`);
  return `${error.message} (${error.next})`;
}

const run: CheckRun = {
  verdict: 'violation',
  kind: 'invariant',
  property: 'SeenOnceInv',
  message: 'Invariant SeenOnceInv is violated.',
  location: null,
  distinct: 12,
  generated: 20,
  initial: 1,
  depth: 3,
  queue: 2,
  trace: [
    { action: 'Init', state: { msgs: '{}', seen: '0' } },
    { action: 'Send', args: ['c1'], state: { msgs: '{[type |-> "m"]}', seen: '0' } },
  ],
  lasso: null,
  further: [],
  actions: [],
  neverTaken: ['Lose'],
  expressions: [],
  warnings: [],
  notes: [],
  jar: 'tla2tools.jar',
  tlc: { version: '2.18', sha256: '0', source: 'cache' },
  spec: 'my specs/Inbox.tla',
  cfg: 'Inbox.cfg',
  workers: 1,
  mode: 'check',
  exhaustive: false,
  cached: false,
  seconds: 1,
  exitCode: 12,
};

describe('bisim explain', () => {
  it('tells of a counterexample: each step, what it changed, and how to see it again', async () => {
    expect(await explain({ ...run, schema: 'bisim.check.1' })).toMatchInlineSnapshot(`
      "check: it does not conform (12 states in 1 model)

      SeenOnceInv in Inbox.cfg
      SeenOnceInv does not hold: Invariant SeenOnceInv is violated.
       1. initial state
            msgs = {}
            seen = 0
       2. Send(c1)
            msgs gains [type |-> "m"]
      again: bisim check 'my specs/Inbox.tla' --config Inbox.cfg
      "
    `);
  });

  it('tells where a replay and its model part', async () => {
    const text = await explain({
      ...{ schema: 'bisim.replay.1', verdict: 'violation', reason: null, binding: 'test/b.ts' },
      ...{ subject: 'pure', model: 'M.cfg', mode: 'edges', seed: 1, shard: null, source: 'tlc' },
      ...{ cached: false, states: 5, edges: 9, replayed: 4, ignored: 0, paths: 5, steps: 4 },
      ...{ diverged: 0, actions: [], uncovered: [], failureCount: 1, seconds: 1 },
      failures: [
        {
          kind: 'missing',
          summary: 'the code refuses Accept("r1")',
          differences: [],
          text: 'path (2 steps): …',
          repeat: 'bisim replay test/b.ts --seed 1',
        },
      ],
      knownBad: [{ check: 'edges', what: 'a lost update', rejected: false }],
    });
    expect(text).toMatch(/replay: it does not conform: test\/b\.ts against M\.cfg, 4 of 9 edges/);
    expect(text).toMatch(
      /missing: the code refuses Accept[^]*path \(2 steps\)[^]*again: bisim replay/,
    );
    expect(text).toMatch(/next: The check edges missed a planted fault: a lost update\./);
  });

  it('tells why a recorded run was rejected', async () => {
    const event = { file: 'a.ndjson', line: 7, actions: ['Commit'], args: { rm: '"r1"' } };
    const text = await explain({
      ...{ schema: 'bisim.validate.1', verdict: 'violation', exitCode: 1, spec: 'T.tla' },
      ...{ cfg: 'T.cfg', matched: 5, events: 9, actions: [], problems: [], cached: false },
      ...{ knownBad: { rejected: 1, total: 1 }, seconds: 1, tlc: '2.18' },
      traces: [
        {
          ...{ name: 'a.ndjson', verdict: 'rejected', events: 9, matched: 5, notes: [] },
          rejection: {
            event,
            lastMatched: { ...event, line: 6, actions: ['Prepare'] },
            states: 1,
            enabled: [{ action: 'Abort', args: { rm: '"r2"' } }],
            falseGuard: { action: 'Commit', text: 'x = 1', file: 'T.tla', line: 3, column: 5 },
            differences: [{ variable: 'x', recorded: '1', expected: '2', parts: ['x[1] = 1'] }],
            fits: [],
          },
        },
      ],
    });
    expect(text).toContain('last matched: Prepare(rm = "r1") (a.ndjson:6)');
    expect(text).toContain('no step of the spec: Commit(rm = "r1") (a.ndjson:7)');
    expect(text).toContain('enabled there: Abort(rm = "r2")');
    expect(text).toContain('false guard of Commit: x = 1\n  at T.tla:3:5');
    expect(text).toContain('x: recorded 1, the spec has 2');
    expect(text).toContain('again: bisim validate BINDING a.ndjson --config T.cfg');
  });

  it('tells what a verb lacked that could not work', async () => {
    const report = { schema: 'bisim.error.1', verb: 'check', verdict: 'error', exitCode: 3 };
    const text = await explain({ ...report, message: 'there is no Java', next: 'Install one.' });
    expect(text).toMatch(
      /^check: nothing was checked: the machine lacks[^]*no Java[^]*next: Install/,
    );
  });

  it('says that all is well where it is', async () => {
    const text = await explain({ ...run, schema: 'bisim.check.1', verdict: 'ok', trace: [] });
    expect(text).toMatch(/^check: it conforms \(12 states in 1 model\)/);
    expect(text).not.toContain('again:');
    const whole = { ...run, verdict: 'ok', trace: [], exhaustive: true };
    expect(await explain({ ...whole, schema: 'bisim.check.1' })).toContain(
      'next: Lose is never taken in Inbox.cfg',
    );
  });

  for (const [title, result, message] of [
    ['an empty file', '', /is empty \(Give a file/],
    ['what is no JSON', '{"a"', /is not one JSON object: /],
    ['JSON of something else', { a: 1 }, /is no result of bisim/],
    ['null', 'null', /is no result of bisim/],
    ['a trace', { vars: [], states: [] }, /is a trace, .*\(Replay a trace: bisim replay/],
    ['a schema of nobody', { schema: 'bisim.__proto__.1' }, /of the schema "bisim\.__proto__\.1"/],
    ['a schema of a later version', { schema: 'bisim.check.9' }, /not as bisim\.check\.9 must be/],
    ['a check without its fields', { schema: 'bisim.check.1' }, /must be at verdict: /],
  ] as const) {
    it(`refuses ${title}`, async () => {
      expect(await refusal(result)).toMatch(message);
    });
  }

  it('refuses a file that is not there, and a folder', async () => {
    await expect(explainVerb('none.json', { cwd: folder })).rejects.toThrow(/there is no result/);
    await expect(explainVerb('.', { cwd: folder })).rejects.toThrow(/a folder or device/);
  });
});

describe('bisim schema', () => {
  for (const verb of reportingVerbs) {
    it(`publishes that of ${verb}, under its name and a version`, async () => {
      const { text } = await schemaVerb(verb, false);
      const { properties } = JSON.parse(text) as { properties: { schema: { const: string } } };
      expect(properties.schema.const).toMatch(new RegExp(`^bisim\\.${verb}\\.\\d+$`));
      expect(JSON.parse(text)).toEqual(
        JSON.parse(JSON.stringify(z.toJSONSchema(await reportSchema(verb)))),
      );
    });
  }

  it('publishes that of verify where no verb is named, and lists them', async () => {
    expect((await schemaVerb(undefined, false)).text).toContain('bisim.verify.1');
    expect((await schemaVerb(undefined, true)).text.split('\n')).toContain('replay');
  });

  it('refuses a verb that has none', async () => {
    await expect(schemaVerb('toString', false)).rejects.toThrow(/no schema of "toString"/);
  });
});
