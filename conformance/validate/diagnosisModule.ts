/**
 * What is added to the trace module to find out why a trace is rejected: at the deepest place, TLC
 * prints the state, the first false guard of the recorded action, what the action would have done,
 * what else could happen, and which other action would have done what was recorded. What must hold:
 * nothing of it changes where the trace gets to; it comes before the steps, one of which may make TLC
 * fail, and what is least likely to fail itself is printed first.
 */
import type { TlcResult } from '../tlc/result.ts';
import type { Guard } from './guards.ts';
import { boundCall, type Addition } from './traceModule.ts';
import type { PlannedCall, PlannedEvent, TracePlan } from './tracePlan.ts';

/** Registers of TLC that count what was printed; far from those of the traces. */
const counters = { states: 1_000_001, results: 1_000_002, enabled: 1_000_003, fits: 1_000_004 };
export const statesMax = 3;
const resultsMax = 20;
const enabledMax = 40;
const fitsMax = 5;

export interface DiagnosisQuestion {
  readonly plan: TracePlan;
  /** The event that was not matched. */
  readonly event: PlannedEvent;
  /** How many events were. */
  readonly matched: number;
  /** How many states are shown; `statesMax` if not given. */
  readonly shownMax?: number;
  /** The guards of the spec's actions, by number. */
  readonly guards: ReadonlyMap<number, readonly Guard[]>;
}

const print = (head: string, value?: string): string =>
  value === undefined
    ? `BisimPrint("@bisim ${head}")`
    : `BisimPrint("@bisim ${head}") /\\ BisimPrint(${value})`;

export function diagnosisOf(question: DiagnosisQuestion): Addition {
  const { plan, event, matched, guards, shownMax = statesMax } = question;
  const calls = plan.calls[event.calls - 1] ?? [];
  const partOf = (i: number): string => (plan.composes ? `bisimPart = ${i}` : 'TRUE');
  const definitions = [
    `ASSUME BisimClear({${Object.values(counters).join(', ')}})`,
    `BisimHere == bisimAt = ${matched}`,
    ...stateLines(question),
    ...calls.flatMap((call, i) => guardLines(call, i, plan, guards)),
    ...resultLines(plan, partOf(calls.length - 1), calls.length),
    ...enabledLines(plan),
  ];
  const guarded = calls.map((_, i) => `(IF ${partOf(i)} THEN BisimGuards${i} ELSE TRUE)`);
  const ask = [
    'BisimAsk ==',
    `  /\\ BisimHere /\\ BisimCount(${counters.states}, ${shownMax - 1})`,
    '  /\\ BisimShow',
    ...guarded.map((text) => `  /\\ ${text}`),
    '  /\\ FALSE',
  ];
  return {
    definitions: [...definitions, ...ask],
    disjuncts: ['BisimAsk', 'BisimResults', 'BisimList', 'BisimElsewhere'],
  };
}

function stateLines({ plan, event }: DiagnosisQuestion): string[] {
  const { variables } = plan.spec.declarations;
  const part = plan.composes ? 'bisimPart' : '0';
  const shape = plan.shapes[event.shape - 1] ?? [];
  const lines = ['BisimShow ==', `  /\\ ${print('state', part)}`];
  for (const [i, name] of variables.entries()) lines.push(`  /\\ ${print(`var ${i}`, name)}`);
  let value = 0;
  for (const [i, kind] of shape.entries()) {
    if (kind !== 'is' && kind !== 'parts') continue;
    value += 1;
    if (kind === 'is') continue;
    const old = plan.composes
      ? `(IF bisimBase = <<>> THEN ${variables[i]} ELSE bisimBase[${i + 1}])`
      : variables[i];
    const recorded = `BisimEvent[3][${value}]`;
    lines.push(`  /\\ ${print(`recorded ${i}`, `BisimChanged(${old}, ${recorded})`)}`);
  }
  return lines;
}

/** Prints the number of the first guard that is false; 0 where all are true. */
function guardLines(
  { action, given }: PlannedCall,
  part: number,
  { spec }: TracePlan,
  guards: ReadonlyMap<number, readonly Guard[]>,
): string[] {
  const declared = spec.actions[action - 1];
  if (declared === undefined) return [`BisimGuards${part} == TRUE`];
  const head = declared.params.length === 0 ? '' : `(${declared.params.join(', ')})`;
  // The arguments come first: outside the sets of Next no guard is true.
  const all = [
    { name: 'args', formula: 'TRUE', answer: `outside ${part}` },
    ...(guards.get(action) ?? []).map(({ formula }, k) => ({
      ...{ name: String(k), formula: `ENABLED (${formula})`, answer: `false ${part} ${k}` },
    })),
  ];
  const lines = all.map(({ name, formula }) => `BisimGuard${part}_${name}${head} ==\n ${formula}`);
  const holds = all.map(({ name }) => {
    const bodies = spec.disjuncts
      .filter((each) => each.action === declared.name)
      .map((each) => `(${boundCall({ ...each, action: `BisimGuard${part}_${name}` })})`);
    return `BisimHolds${part}_${name}(bisimG) == ${bodies.join(' \\/ ')}`;
  });
  const chain = all.map(
    ({ name, answer }) => `IF ~BisimHolds${part}_${name}(${given}) THEN ${print(answer)} ELSE\n  `,
  );
  return [...lines, ...holds, `BisimGuards${part} ==\n  ${chain.join('')}TRUE`];
}

/** What the recorded action, with the recorded arguments, makes of the state. */
function resultLines({ spec }: TracePlan, isLast: string, part: number): string[] {
  const { variables } = spec.declarations;
  const after = variables.map((name, i) => `  /\\ ${print(`after ${i}`, `${name}'`)}`);
  return [
    'BisimResults ==',
    `  /\\ BisimHere /\\ ${isLast}`,
    `  /\\ BisimTake(BisimCalls[BisimEvent[1]][${part}])`,
    `  /\\ BisimCount(${counters.results}, ${resultsMax - 1})`,
    `  /\\ ${print('result')}`,
    ...after,
    '  /\\ FALSE',
  ];
}

function enabledLines({ spec }: TracePlan): string[] {
  const { disjuncts } = spec;
  const number = (name: string): number => spec.actions.findIndex((each) => each.name === name);
  const tuple = (args: readonly string[]): string => `<<${args.join(', ')}>>`;
  const call = (action: string, args: readonly string[]): string =>
    args.length === 0 ? action : `${action}(${args.join(', ')})`;
  const lists = disjuncts.map(({ action, binders, args }, i) => {
    const quantifiers = binders.map(({ text }) => `\\A ${text} :\n`).join('');
    const said = `BisimCount(${counters.enabled}, ${enabledMax - 1}) /\\ ${print(`enabled ${number(action)}`, tuple(args))}`;
    return `BisimList${i} ==\n ${quantifiers} (IF ENABLED (${call(action, args)}) THEN ${said} ELSE TRUE)`;
  });
  const fits = disjuncts.map(({ action, binders, args }, i) => {
    const quantifiers = binders.map(({ text }) => `\\E ${text} :\n`).join('');
    const said = `BisimCount(${counters.fits}, ${fitsMax - 1}) /\\ ${print(`fits ${number(action)}`, tuple(args))}`;
    return `BisimFit${i} ==\n ${quantifiers} (${call(action, args)}) /\\ BisimFits(BisimEvent) /\\ ${said} /\\ FALSE`;
  });
  const once = `BisimCount(${counters.enabled}, 0)`;
  return [
    ...lists,
    ...fits,
    // The first of the states tells; the counter then stands above what it may print.
    `BisimList == BisimHere /\\ ${once} /\\ (IF ${disjuncts.map((_, i) => `BisimList${i}`).join(' /\\ ')} THEN FALSE ELSE FALSE)`,
    `BisimElsewhere == BisimHere /\\ (${disjuncts.map((_, i) => `BisimFit${i}`).join(' \\/ ')})`,
  ];
}

/** One printed answer: its head's words, and the value that follows it. */
export interface Answer {
  readonly head: readonly string[];
  readonly value: string;
}

export function answersIn({ prints }: Pick<TlcResult, 'prints'>): Answer[] {
  const answers: { head: string[]; value: string }[] = [];
  for (const line of prints) {
    const head = /^"@bisim ([a-z0-9 ]+)"$/.exec(line)?.[1];
    if (head !== undefined) answers.push({ head: head.split(' '), value: '' });
    else if (/^<<"@bisim", \d+, \d+>>$/.test(line)) continue;
    else {
      const last = answers.at(-1);
      if (last) last.value = `${last.value} ${line}`.trim();
    }
  }
  return answers;
}
