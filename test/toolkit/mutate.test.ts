/**
 * `bisim mutate`: what is killed, and by what; and that each kind of survivor is told from the others,
 * on a spec and code in which one of each was planted.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeEdits, codeOperators } from '../../conformance/mutating/codeEdits.ts';
import { applyEdit, mutantsOf, sampled } from '../../conformance/mutating/edit.ts';
import { mutateVerb } from '../../conformance/mutating/mutateVerb.ts';
import type { TypescriptParser } from '../../conformance/mutating/typescriptParser.ts';
import { mutateReportSchema, type MutateReport } from '../../conformance/report/mutateReport.ts';
import type { Outcome } from '../../conformance/report/outcome.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

const spec = `---- MODULE Gate ----
(* Counts to Max and begins again; Special needs a constant that no model sets. *)
EXTENDS Naturals
CONSTANTS Max, Extra
VARIABLES n, noted
vars == <<n, noted>>
TypeOK == n \\in 0..Max /\\ noted \\in Nat
Init == n = 0 /\\ noted = 0
Inc ==
  /\\ n < Max
  /\\ n >= 0
  /\\ n' = n + 1
  /\\ UNCHANGED noted
Reset ==
  /\\ n = Max
  /\\ n' = 0
  /\\ noted' = n
Special ==
  /\\ Extra = 1
  /\\ n' = 2
  /\\ UNCHANGED noted
Next == Inc \\/ Reset \\/ Special
Spec == Init /\\ [][Next]_vars
====
`;

const code = `import { Step } from '../../shared/step.ts';
export interface State { readonly n: number }
export const starts = (): State[] => Array.from({ length: 2 }, () => ({ n: 0 }));
export const stepOf = (i: number): Step => (i > 9 ? new Step(2) : new Step(1));
export const inc = (s: State, max: number): State | undefined => {
  let sum = s.n;
  for (let i = 0; i < 1; ) {
    i += 1;
    sum += stepOf(s.n).size;
  }
  return s.n < max && s.n >= 0 ? { ...s, n: sum } : undefined;
};
export function reset(s: State, max: number): { state: State; sent: string[] } | undefined {
  if (s.n !== max) return undefined;
  return { state: { ...s, n: 0 }, sent: ['reset'] };
}
export const special = (s: State, extra: number): State | undefined => {
  if (extra !== 1) return undefined;
  return { ...s, n: 2 };
};
`;

const binding = `import { inc, reset, special, starts } from '../src/gate.ts';
export const gate = {
  name: 'gate', spec: 'specs/Gate.tla', model: 'specs/Gate.cfg', hidden: ['noted'],
  init: () => starts(),
  decode: (model) => ({ n: model.n }),
  view: (s) => ({ n: s.n }),
  actions: {
    Inc: (s, _args, _choice, c) => inc(s, c.Max),
    Reset: (s, _args, _choice, c) => reset(s, c.Max)?.state,
    Special: (s, _args, _choice, c) => special(s, c.Extra),
  },
};
`;

/** The code also keeps a line for each value that it saw; a mutant keeps one for each step, for ever. */
const logging = `
export function log(seen: readonly number[], n: number): readonly number[] {
  if (seen.includes(n)) return seen;
  return [...seen, n];
}
`;
const loggingBinding = `import { log } from '../src/log.ts';
const step = (s, n) => ({ n, seen: log(s.seen, n) });
export const gate = {
  name: 'log', spec: 'specs/Gate.tla', model: 'specs/Gate.cfg', hidden: ['noted'],
  init: () => ({ n: 0, seen: [] }),
  view: (s) => ({ n: s.n }),
  actions: {
    Inc: (s, _args, _choice, c) => (s.n < c.Max ? step(s, s.n + 1) : undefined),
    Reset: (s, _args, _choice, c) => (s.n === c.Max ? step(s, 0) : undefined),
    Special: () => undefined,
  },
};
`;

/** A member of a workspace: the class that its code takes from another stands beside it. */
const workspace = mkdtempSync(join(tmpdir(), 'bisim-gate-'));
const root = join(workspace, 'gate');
const files: Readonly<Record<string, string>> = {
  'package.json': '{"name":"gate","type":"module"}',
  'package-lock.json': '{}',
  'specs/Gate.tla': spec,
  'specs/Gate.cfg':
    'SPECIFICATION Spec\nCONSTANTS Max = 2 Extra = 0\nINVARIANT TypeOK\nCHECK_DEADLOCK FALSE\n',
  'src/gate.ts': code,
  '../shared/step.ts':
    'export class Step { readonly size: number; constructor(size: number) { this.size = size; } }\n',
  'test/gate.ts': binding,
  'src/log.ts': logging,
  'test/log.ts': loggingBinding,
};

beforeAll(() => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

const flags = {
  spec: false,
  code: false,
  seed: 1,
  parallel: 2,
  timeout: 60,
  memory: 512,
  cache: false,
};

async function mutate(
  more: Partial<Parameters<typeof mutateVerb>[1]>,
  signal = new AbortController().signal,
  path = 'test/gate.ts',
): Promise<Outcome & { report: MutateReport; lines: string[] }> {
  const lines: string[] = [];
  const progress = { write: (text: string) => lines.push(text) };
  const around = { signal, cwd: root, environment: {}, progress };
  const outcome = await mutateVerb(path, { ...flags, ...more }, around);
  return { ...outcome, report: mutateReportSchema.parse(outcome.report), lines };
}

const row = ({ mutants }: MutateReport, after: string) => {
  const found = mutants.find((each) => each.after.includes(after));
  if (!found) throw new Error(`no mutant ${after}: ${mutants.map((m) => m.after).join(' | ')}`);
  return [found.operator, found.verdict, found.by];
};

describe('mutants of a spec', () => {
  it('are killed by a property or by replay, or are told apart as survivors', async () => {
    const { report, exitCode, text, cases } = await mutate({
      spec: true,
      only: [
        ...['comparison@specs/Gate.tla:10', 'drop-conjunct@specs/Gate.tla:11'],
        ...['off-by-one@specs/Gate.tla:12', 'off-by-one@specs/Gate.tla:16'],
        ...['drop-update@specs/Gate.tla:17', 'off-by-one@specs/Gate.tla:20'],
      ],
    });
    expect(row(report, 'n <= Max')).toEqual(['comparison', 'killed', 'TypeOK']);
    expect(row(report, "n' = n + 2")).toEqual(['off-by-one', 'killed', 'replay']);
    expect(row(report, "n' = 1")).toEqual(['off-by-one', 'killed', 'replay']);
    // The redundant guard: every state and step is as it was.
    const redundant = report.mutants.filter(
      ({ line, operator }) => line === 11 && operator === 'drop-conjunct',
    );
    expect(redundant.map(({ verdict }) => verdict)).toEqual(['equivalent']);
    // Special is never enabled, so what it does is outside the model's bounds.
    expect(row(report, "n' = 3")).toEqual(['off-by-one', 'outside', '']);
    // The hidden variable stands in no property and in no view.
    expect(row(report, "noted' = noted")).toEqual(['drop-update', 'hole', '']);
    expect(report.verdict).toBe('violation');
    expect(exitCode).toBe(1);
    expect(report.score).toBeLessThan(1);
    expect(text).toMatch(
      /Holes: behaviour changed, and nothing saw it\n {2}drop-update@specs\/Gate.tla:17/,
    );
    expect(cases.filter(({ verdict }) => verdict === 'failed')).toHaveLength(report.holes);
  }, 240_000);
});

describe('mutants of the spec of code that runs', () => {
  it('are killed by tours of the mutated model, where no property sees them', async () => {
    const at = join(repository, 'test/toolkit/examples/lock');
    const only = ['drop-conjunct@Lock.tla:49'];
    const progress = { write: () => true };
    const { signal } = new AbortController();
    const around = { signal, cwd: at, environment: {}, progress };
    const outcome = await mutateVerb('binding.ts', { ...flags, spec: true, only }, around);
    const { mutants } = mutateReportSchema.parse(outcome.report);
    expect(mutants.map(({ after, verdict, by }) => [after, verdict, by])).toEqual([
      ['/\\ TRUE', 'killed', 'replay'],
    ]);
  }, 180_000);
});

describe('mutants of code', () => {
  it('are killed by replay, or are told apart as survivors', async () => {
    const only = codeOperators.filter((operator) => operator !== 'drop-statement');
    const { report } = await mutate({ code: true, only });
    expect(row(report, 's.n <= max')).toEqual(['comparison', 'killed', 'replay']);
    expect(row(report, 'return { state: { ...s, ...{} }')).toEqual([
      'drop-property',
      'killed',
      'replay',
    ]);
    expect(row(report, 's.n > 0')).toEqual(['comparison', 'killed', 'replay']);
    expect(row(report, '{ ...s, n: 3 }')).toEqual(['off-by-one', 'outside', '']);
    // Results of a class of the code's own are the same by what they hold.
    expect(row(report, 'i >= 9')).toEqual(['comparison', 'equivalent', '']);
    // Initial states are a set, in whatever order, however often each is made.
    expect(row(report, 'length: 3')).toEqual(['off-by-one', 'equivalent', '']);
    // What is sent never reaches the view: the binding drops it.
    expect(row(report, 'sent: []')).toEqual(['empty-array', 'hole', '']);
  }, 240_000);

  it('that never end are ended, and killed by that', async () => {
    // Without `i += 1` the loop goes on for ever.
    const { report, lines } = await mutate({ code: true, only: ['drop-statement'], timeout: 2 });
    const endless = report.mutants.filter(({ before }) => before === 'i += 1;');
    expect(endless.map(({ verdict, by }) => [verdict, by])).toEqual([['killed', 'limit']]);
    expect(lines.some((line) => line.includes('killed by limit'))).toBe(true);
  }, 180_000);

  it('whose own state grows without end are ended by the states they reach, not by the clock', async () => {
    const { signal } = new AbortController();
    const only = ['skip-guard@src/log.ts'];
    const { report } = await mutate({ code: true, only, timeout: 3_600 }, signal, 'test/log.ts');
    expect(report.mutants.map(({ verdict, by }) => [verdict, by])).toEqual([['killed', 'limit']]);
    expect(report.mutants[0]?.reason).toMatch(/pairs of a model state and a code state/);
  }, 180_000);

  it('come from every operator, each of which leaves a program', () => {
    const text = `import { z } from './z.ts';
      type Never = 1 | 2;
      export function f(a: number, b: readonly number[], s: { x: number }) {
        assert(a > 7);
        if (a < 3 && b.length > 0) { g(a); } else { h(b); }
        while (a === 4) a += 1;
        return a ? { ...s, x: Math.min(a, 1) } : [b, a - 1];
      }`;
    const edits = codeEdits(ts as unknown as TypescriptParser, '/f.ts', text);
    expect(new Set(edits.map(({ operator }) => operator))).toEqual(new Set(codeOperators));
    expect(edits.some(({ start }) => start < text.indexOf('export'))).toBe(false);
    expect(edits.some(({ start, end }) => text.slice(start, end).includes('7'))).toBe(false);
    for (const edit of edits) {
      for (const piece of [edit, edit.probe]) {
        const { diagnostics } = ts.transpileModule(applyEdit(text, piece), {
          reportDiagnostics: true,
        });
        expect([edit.operator, diagnostics]).toEqual([edit.operator, []]);
      }
    }
  });
});

describe('a mutation run', () => {
  it('takes as many mutants as it is told, the same for the same seed', () => {
    const all = Array.from({ length: 100 }, (_, i) => i);
    expect(sampled(all, 10, 1)).toEqual(sampled(all, 10, 1));
    expect(sampled(all, 10, 1)).not.toEqual(sampled(all, 10, 2));
    expect(new Set(sampled(all, 10, 3)).size).toBe(10);
    expect(sampled(all, 200, 1)).toEqual(all);
  });

  it('names each mutant once, and none that changes nothing', () => {
    const edit = { operator: 'o', file: '/a', inside: '', start: 0, end: 1, replacement: 'b' };
    const edits = [edit, edit, { ...edit, replacement: 'c' }, { ...edit, replacement: 'a' }];
    const whole = edits.map((each) => ({ ...each, probe: each }));
    const made = mutantsOf('code', whole, { root: '/', texts: new Map([['/a', 'a']]) });
    expect(made.map(({ id }) => id)).toEqual(['o@a:1', 'o@a:1#2']);
  });

  it('is refused where nothing can be mutated, or the code does not conform as it is', async () => {
    await expect(mutate({ code: true, only: ['nothing'] })).rejects.toThrow(/nothing to mutate/);
    writeFileSync(join(root, 'src/gate.ts'), code.replace('i += 1', 'i += 0.5'));
    try {
      await expect(mutate({ code: true })).rejects.toThrow(/does not conform/);
    } finally {
      writeFileSync(join(root, 'src/gate.ts'), code);
    }
  }, 180_000);

  it('that was ended claims nothing', async () => {
    const ending = new AbortController();
    const running = mutate({ spec: true, parallel: 1 }, ending.signal);
    setImmediate(() => ending.abort());
    const outcome = await running.catch((error: unknown) => error);
    if (outcome instanceof Error) expect(outcome.message).toMatch(/interrupt/);
    else expect(outcome).toMatchObject({ exitCode: 130, report: { verdict: 'interrupted' } });
  }, 180_000);
});
