// Which messages each step of a counterexample read and left where they lie, as in specs whose messages stay in flight for
// ever. TLC is asked, in one short run: would the same step be possible without this message? What must hold: a message is
// named only where the step needs it; whatever cannot be asked leaves the trace as it was.

import { runTlc } from '../tlc/run.ts';
import type { TlcTraceStep } from '../tlc/result.ts';
import { messagesIn, withoutMessage } from '../value/message.ts';
import { ValueTable, type ValueId } from '../value/table.ts';
import { ValueError } from '../value/valueError.ts';
import { printed, records } from './arguments.ts';
import type { SpecBehaviour } from './declarations.ts';
import { position, questionCfg, readStates, tell, type NamingOptions } from './stepNames.ts';

const moduleName = 'BisimReads';
const evaluationMs = 60_000;
const evaluationMb = 1_024;
/** Of a long counterexample the last steps are asked about. */
const questionsMax = 300;

/** A step of the trace, by the state it leads to, as it would be without a message. */
interface Question {
  readonly at: number;
  /** Absent: the step as it was, which must be possible or nothing can be told of it. */
  readonly without?: {
    readonly message: string;
    /** The place of the variable, and its value on both sides. */
    readonly variable: number;
    readonly before: string;
    readonly after: string;
  };
}

/** The same steps with `reads` where they need messages that they leave. */
export async function messagesRead(
  trace: readonly TlcTraceStep[],
  spec: SpecBehaviour,
  o: NamingOptions,
): Promise<readonly TlcTraceStep[]> {
  const { variables } = spec.declarations;
  const rows = readStates(trace, variables);
  const questions = rows === undefined ? [] : questionsOf(trace, variables);
  if (rows === undefined || questions.length === 0) return trace;
  const known = new Set(spec.declarations.constants);
  const values = [...rows.models].filter((name) => !known.has(name)).sort();
  const answer = await runTlc({
    ...o,
    cfg: questionCfg(o.cfg, values),
    modules: [
      ...(o.modules ?? []),
      {
        name: moduleName,
        text: moduleText(trace, questions, { spec, states: rows.states, values }),
      },
    ],
    root: moduleName,
    timeoutMs: evaluationMs,
    memoryMb: evaluationMb,
    deadlock: false,
    tiny: true,
  });
  const { asked, possible } = answersOf(answer.prints, trace, questions, spec);
  return trace.map((step, at) => {
    const own = questions.flatMap((one, row) => (one.at === at ? [{ ...one, row }] : []));
    const real = own.find(({ without }) => without === undefined);
    if (real === undefined || !possible.has(real.row)) return step;
    const reads = own.flatMap(({ row, without }) =>
      without !== undefined && asked.has(row) && !possible.has(row) ? [without.message] : [],
    );
    return reads.length === 0 ? step : { ...step, reads };
  });
}

function questionsOf(trace: readonly TlcTraceStep[], variables: readonly string[]): Question[] {
  const table = new ValueTable();
  const found: Question[] = [];
  for (let at = trace.length - 1; at > 0; at -= 1) {
    const [before, after] = [trace[at - 1]?.state ?? {}, trace[at]?.state ?? {}];
    const own = variables.flatMap((name, variable) =>
      left(table, [before[name] ?? '', after[name] ?? '']).map((one) => ({
        at,
        without: { ...one, variable: variable + 1 },
      })),
    );
    if (own.length === 0) continue;
    if (found.length + own.length >= questionsMax) break;
    found.push({ at }, ...own);
  }
  return found;
}

/** The messages that lie there before and after, and what the variable is without each. */
function left(
  table: ValueTable,
  texts: readonly [string, string],
): { message: string; before: string; after: string }[] {
  try {
    const [before, after] = texts.map((text) => table.value(table.parse(text)));
    if (before === undefined || after === undefined) return [];
    const ids = (value: typeof before): Set<ValueId> =>
      new Set(
        [...messagesIn(value)].flatMap(([one, many]) => (many > 0 ? [table.intern(one)] : [])),
      );
    const there = ids(after);
    const without = (value: typeof before, id: ValueId): string =>
      table.format(table.intern(withoutMessage(value, (one) => table.intern(one) === id)));
    return [...ids(before)]
      .filter((id) => there.has(id))
      .map((id) => ({
        message: table.format(id),
        before: without(before, id),
        after: without(after, id),
      }))
      .filter((one) => one.before !== table.format(table.intern(before)));
  } catch (error) {
    if (error instanceof ValueError) return [];
    throw error;
  }
}

function moduleText(
  trace: readonly TlcTraceStep[],
  questions: readonly Question[],
  {
    spec: { declarations, disjuncts },
    states,
    values,
  }: {
    spec: SpecBehaviour;
    states: readonly (readonly string[])[];
    values: readonly string[];
  },
): string {
  const { module, variables } = declarations;
  const side = (prime: string, from: number, changed: number): string =>
    variables
      .map((name, i) => {
        const asked = `BisimAsked[${position}]`;
        const whole = `BisimStates[${asked}[${from}]][${i + 1}]`;
        return `${name}${prime} = IF ${asked}[3] = ${i + 1} THEN ${asked}[${changed}] ELSE ${whole}`;
      })
      .join('\n  /\\ ');
  const rows = questions.map(({ at, without }) =>
    without === undefined
      ? `<<${at}, ${at + 1}, 0, 0, 0>>`
      : `<<${at}, ${at + 1}, ${without.variable}, ${without.before}, ${without.after}>>`,
  );
  const all = questions.map((_, row) => row + 1).join(', ');
  const tells = disjuncts.map((disjunct, index) => {
    const own = questions.flatMap(({ at }, row) =>
      trace[at]?.action === disjunct.action ? [row + 1] : [],
    );
    return `BisimTell${index} == ${position} \\in {${own.join(', ')}} =>\n${tell(disjunct, index)}`;
  });
  return [
    `---- MODULE ${moduleName} ----`,
    `EXTENDS ${module}, TLC`,
    ...(values.length > 0 ? [`CONSTANTS ${values.join(', ')}`] : []),
    `VARIABLE ${position}`,
    ...states.map((state, k) => `BisimState${k + 1} == <<${state.join(', ')}>>`),
    `BisimStates == <<${states.map((_, k) => `BisimState${k + 1}`).join(', ')}>>`,
    `BisimAsked == <<\n${rows.join(',\n')}>>`,
    `BisimInit ==\n  /\\ ${position} \\in {${all}}\n  /\\ ${side('', 1, 4)}`,
    ...tells,
    `BisimNext ==\n  /\\ ${position} # 0\n  /\\ ${position}' = 0\n  /\\ ${side("'", 2, 5)}`,
    ...tells.map((_, index) => `  /\\ BisimTell${index}`),
    `  /\\ PrintT("@bisim asked") /\\ ${printed(position)}`,
    '====',
    '',
  ].join('\n');
}

/** Rows of questions that TLC came through, and those whose step is possible as it was named. */
function answersOf(
  prints: readonly string[],
  trace: readonly TlcTraceStep[],
  questions: readonly Question[],
  { disjuncts }: SpecBehaviour,
): { readonly asked: ReadonlySet<number>; readonly possible: ReadonlySet<number> } {
  const asked = new Set<number>();
  const possible = new Set<number>();
  const table = new ValueTable();
  const same = (text: string): string => table.format(table.parse(text));
  for (const { head, values } of records(prints)) {
    const [at = '', ...given] = values;
    const row = Number(at) - 1;
    if (head === 'asked') asked.add(row);
    const disjunct = disjuncts[Number(head)];
    const step = trace[questions[row]?.at ?? -1];
    if (disjunct === undefined || step === undefined) continue;
    const args = (step.args ?? given).map(same);
    const isIt = disjunct.action === step.action && given.map(same).join() === args.join();
    if (isIt) possible.add(row);
  }
  return { asked, possible };
}
