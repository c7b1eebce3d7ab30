/** Pages for the tests of the report: one with every section, and one of any texts whatever. */
import { timelineHtml } from '../../conformance/history/timeline.ts';
import type { HistoryResult } from '../../conformance/history/linearizability.ts';
import type { Operation } from '../../conformance/history/operation.ts';
import type { Outcome, ReportCase } from '../../conformance/report/outcome.ts';
import type { ReportPage, ShownBehaviour } from '../../conformance/report/reportPage.ts';

const prepared = (rm: string): string => `[type |-> "Prepared", rm |-> ${rm}]`;
const commit = '[type |-> "Commit"]';

/** Two resource managers prepare, the transaction manager commits, and one aborts all the same. */
export function commitGoneWrong(mark = ''): ShownBehaviour {
  const state = (rm: string, tm: string, messages: readonly string[]): Record<string, string> => ({
    rmState: rm + mark,
    tmState: `"${tm}"${mark}`,
    msgs: `{${messages.join(', ')}}`,
  });
  const [one, two] = [prepared('rm1'), prepared('rm2')];
  const working = '[rm1 |-> "working", rm2 |-> "working"]';
  const ready = '[rm1 |-> "prepared", rm2 |-> "prepared"]';
  const rm = (value: string): { name: string; value: string }[] => [{ name: 'rm', value }];
  return {
    title: `TCConsistent does not hold${mark}`,
    reason: `Invariant TCConsistent is violated.${mark}\nat TwoPhase.tla, line 80`,
    repeat: `bisim check specs/TwoPhase.tla${mark}`,
    steps: [
      { args: [], state: state(working, 'init', []), changed: [] },
      {
        action: `RMPrepare${mark}`,
        args: rm('rm1'),
        process: 'rm1',
        state: state('[rm1 |-> "prepared", rm2 |-> "working"]', 'init', [one]),
        changed: ['rmState', 'msgs'],
        sent: [one + mark],
      },
      {
        action: 'RMPrepare',
        args: rm('rm2'),
        process: 'rm2',
        state: state(ready, 'init', [one, two]),
        changed: ['rmState', 'msgs'],
        sent: [two],
      },
      {
        action: 'TMCommit',
        args: [],
        process: `TM${mark}`,
        state: state(ready, 'committed', [one, two, commit]),
        changed: ['tmState', 'msgs'],
        received: [one + mark, two],
        sent: [commit],
      },
      {
        action: 'RMAbort',
        args: rm(`rm2${mark}`),
        process: 'rm2',
        state: state('[rm1 |-> "prepared", rm2 |-> "aborted"]', 'committed', [one, two, commit]),
        changed: ['rmState'],
        received: [commit],
      },
    ],
  };
}

/** A read that misses the write before it. */
function staleRead(mark: string): { timeline: string; reason: string; verdict: string } {
  const key = `k${mark}`;
  const ended = { key, status: 'ok' } as const;
  const history: Operation[] = [
    {
      ...ended,
      process: `c1${mark}`,
      op: 'put',
      value: `x${mark}`,
      result: null,
      invoke: 1,
      return: 3,
    },
    { ...ended, process: 'c2', op: 'get', result: null, invoke: 5, return: 7 },
  ];
  const reason = `c2 misses a write${mark}`;
  const result = { verdict: 'violation', key, operationsInvolved: history, reason } as const;
  const timeline = timelineHtml(history, result as unknown as HistoryResult, {
    title: `A stale read${mark}`,
  });
  return { timeline, reason, verdict: result.verdict };
}

/** Every section filled; `mark` stands in every text that comes from a user. */
export function fullPage(mark = ''): ReportPage {
  const node = (id: number): { id: number; initial: boolean; state: Record<string, string> } => ({
    id,
    initial: id === 0,
    state: { [`value${mark}`]: `${id}${mark}` },
  });
  const label = `Write(c1)${mark}`;
  return {
    title: `bisim verify${mark}`,
    verdict: 'violation',
    facts: [[`TLC${mark}`, `2.18${mark}`]],
    models: [
      {
        name: `MCRegister${mark}`,
        verdict: `ok${mark}`,
        distinct: 3,
        depth: 3,
        edges: 4,
        replayed: 4,
        seconds: 1.2,
      },
    ],
    graphs: [
      {
        name: `MCRegister${mark}`,
        states: 3,
        edges: 4,
        actions: [{ action: `Write${mark}`, edges: 4 }],
        nodes: [0, 1, 2].map(node),
        arrows: [
          { from: 0, to: 1, label },
          { from: 0, to: 2, label: 'Write(c2)' },
          { from: 1, to: 2, label },
          { from: 2, to: 2, label: 'Read' },
        ],
      },
      {
        name: 'Large',
        states: 50_816,
        edges: 402_306,
        actions: [{ action: `Prepare${mark}`, edges: 402_306 }],
        degrees: [
          { degree: 4, states: 20_000 },
          { degree: 8, states: 30_816 },
        ],
      },
    ],
    coverage: [
      { group: `MCRegister${mark}`, action: `Write${mark}`, edges: 4, reached: 4 },
      { group: `MCRegister${mark}`, action: `Crash${mark}`, edges: 2, reached: 0 },
    ],
    counterexamples: [commitGoneWrong(mark), { ...commitGoneWrong(mark), lasso: 2 }],
    histories: [{ title: `behaviour 7${mark}`, ...staleRead(mark) }],
    mutants: [
      {
        id: `M1${mark}`,
        file: `src/a.ts${mark}`,
        what: `drops a guard${mark}`,
        verdict: 'killed',
        by: `replay${mark}`,
        reason: `3 edges${mark}`,
      },
      {
        id: 'M2',
        file: 'specs/A.tla',
        what: 'a bound is one less',
        verdict: 'survived',
        by: '',
        reason: 'no model reaches it',
      },
    ],
    problems: [`MCRegister: one edge is missing${mark}\nnext: run it again${mark}`],
  };
}

export function fullOutcome(mark = ''): Outcome {
  const cases: ReportCase[] = [
    { group: `specs${mark}`, name: `MCRegister${mark}`, verdict: 'passed', seconds: 1.25 },
    {
      group: `specs${mark}`,
      name: `edge${mark}`,
      verdict: 'failed',
      message: `missing${mark}`,
      details: `the code cannot${mark}`,
      file: `specs/A.tla${mark}`,
      line: 12,
    },
    { group: 'machine', name: 'java', verdict: 'error', message: `old${mark}` },
    { group: 'skipped', name: 'Big', verdict: 'skipped', message: `long tier${mark}` },
  ];
  const report = { schema: 'bisim.verify.1', verdict: 'violation' } as const;
  return { exitCode: 1, report, text: 'text\n', cases, page: fullPage(mark) };
}
