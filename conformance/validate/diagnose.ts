/**
 * Runs a rejected trace once more, alone and up to where it failed, and reads why. What must hold: a
 * diagnosis never changes a verdict, and one that itself fails still says what is known.
 */
import { nearest, rowDifferences, type PartDifference } from '../replay/difference.ts';
import { ValueTable } from '../value/table.ts';
import { ValueError } from '../value/valueError.ts';
import { runGenerated, type TlcLimits } from './batch.ts';
import { answersIn, diagnosisOf, type Answer } from './diagnosisModule.ts';
import { GuardReader, type Guard } from './guards.ts';
import type { LoadedModel } from './loadModel.ts';
import type { EventPlace, FalseGuard, NamedCall, Rejection, VariableDiff } from './rejection.ts';
import { plainStrings } from './tlaText.ts';
import { traceModule, type Addition } from './traceModule.ts';
import type { PlannedEvent, PlannedTrace, TracePlan } from './tracePlan.ts';

export interface DiagnoseOptions {
  readonly trace: PlannedTrace;
  /** How many events were matched; -1: no initial state fits. */
  readonly matched: number;
  /** What TLC said where it could not evaluate the step. */
  readonly failure: string | undefined;
  /** False: only where it failed is said, TLC is not asked again. */
  readonly ask: boolean;
  readonly plan: TracePlan;
  readonly model: LoadedModel;
  readonly limits: TlcLimits;
}

/** Of initial states so many are looked at for the nearest. */
const initialMax = 100;

/** Stands for a guard: the arguments are none that Next gives the action. */
const outside = -1;

const nothing = { states: 0, enabled: [], differences: [], fits: [] };

function placeOf({ event, args }: PlannedEvent): EventPlace {
  const { file, line, actions } = event;
  return { file, line, actions, args };
}

export async function diagnose(o: DiagnoseOptions): Promise<Rejection> {
  const { trace, matched, failure } = o;
  const event = trace.events[matched];
  const last = trace.events[matched - 1];
  const known = {
    ...nothing,
    ...(event === undefined ? {} : { event: placeOf(event) }),
    ...(last === undefined ? {} : { lastMatched: placeOf(last) }),
    ...(failure === undefined ? {} : { tlc: ownWords(failure) }),
  };
  if (matched < 0 && o.ask) return { ...known, ...(await startOf(o)) };
  if (event === undefined || !o.ask) return known;
  const guards = await guardsFor(o, event);
  const withGuards = await asked(o, event, guards);
  const answers = withGuards ?? (await asked(o, event, new Map())) ?? [];
  return { ...known, ...read(answers, { ...o, event, guards }) };
}

/** No initial state fits: which is nearest to what was recorded, and what differs. */
async function startOf(o: DiagnoseOptions): Promise<Partial<Rejection>> {
  const { plan, model, trace, limits } = o;
  const [event] = trace.events;
  if (event === undefined) return {};
  const question = { plan, event, matched: 0, guards: new Map(), shownMax: initialMax };
  const addition = diagnosisOf(question);
  const alone = { start: [], events: [event] };
  const tlc = await runGenerated(
    limits,
    traceModule(plan, [alone], { ...model, constants: trace.constants, addition }),
  );
  const values = new ValueTable();
  const rows = answersAs(values, answersIn(tlc), plan).states.map(({ row }) => row);
  const { variables } = plan.spec.declarations;
  const recorded: Row = [];
  for (const { values: given } of trace.trace.starts)
    for (const [name, value] of given) recorded[variables.indexOf(name)] = values.intern(value);
  const columns = Int32Array.from(Object.keys(recorded), Number);
  const best = rows[nearest({ values, variables, columns }, recorded, rows)];
  if (best === undefined) return {};
  return {
    states: rows.length,
    state: stateOf(values, variables, best),
    differences: differing({ values, variables, columns }, recorded, best),
  };
}

/** TLC wraps what it has to say in words about itself. */
function ownWords(message: string): string {
  const [, said] = /exception was a [\w.$]+\s*: ?([\s\S]+)$/.exec(message) ?? [];
  const [reason = ''] = (said ?? message).split(/\s+TLC was unable to fingerprint/);
  return reason.replace(/\s+/g, ' ').trim();
}

async function guardsFor(
  { plan, limits }: DiagnoseOptions,
  event: PlannedEvent,
): Promise<ReadonlyMap<number, readonly Guard[]>> {
  const reader = await GuardReader.of(limits);
  const calls = plan.calls[event.calls - 1] ?? [];
  const named = calls.flatMap(({ action }) => {
    const declared = plan.spec.actions[action - 1];
    return declared === undefined ? [] : [[action, reader.guardsOf(declared.name)] as const];
  });
  return new Map(named);
}

/** TLC's answers; undefined where the module was refused: a guard that cannot stand by itself. */
async function asked(
  { plan, model, trace, matched, limits }: DiagnoseOptions,
  event: PlannedEvent,
  guards: ReadonlyMap<number, readonly Guard[]>,
): Promise<readonly Answer[] | undefined> {
  const addition: Addition = diagnosisOf({ plan, event, matched, guards });
  const alone = { start: trace.start, events: trace.events.slice(0, matched + 1) };
  const tlc = await runGenerated(
    limits,
    traceModule(plan, [alone], { ...model, constants: trace.constants, addition }),
  );
  return tlc.kind === 'parse' || tlc.kind === 'config' ? undefined : answersIn(tlc);
}

interface Reading extends DiagnoseOptions {
  readonly event: PlannedEvent;
  readonly guards: ReadonlyMap<number, readonly Guard[]>;
}

/** What one state, or one result of the action, is: by column, as numbers of `values`. */
type Row = number[];

interface StateAnswer {
  readonly part: number;
  readonly row: Row;
  readonly recorded: Map<number, number>;
  falseGuard: readonly [part: number, guard: number] | undefined;
}

interface Answers {
  readonly states: readonly StateAnswer[];
  readonly results: readonly Row[];
  readonly calls: Readonly<Record<'enabled' | 'fits', readonly NamedCall[]>>;
}

function answersAs(values: ValueTable, answers: readonly Answer[], plan: TracePlan): Answers {
  const states: StateAnswer[] = [];
  const results: Row[] = [];
  const calls: Record<'enabled' | 'fits', NamedCall[]> = { enabled: [], fits: [] };
  for (const { head, value } of answers) {
    const [kind, first, second] = head;
    const id = value === '' ? undefined : parsed(values, value);
    const state = states.at(-1);
    if (kind === 'state') {
      states.push({ part: Number(value), row: [], recorded: new Map(), falseGuard: undefined });
    } else if (kind === 'result') results.push([]);
    else if (kind === 'false' && state) state.falseGuard = [Number(first), Number(second)];
    else if (kind === 'outside' && state) state.falseGuard = [Number(first), outside];
    else if (id === undefined) continue;
    else if (kind === 'var' && state) state.row[Number(first)] = id;
    else if (kind === 'recorded' && state) state.recorded.set(Number(first), id);
    else if (kind === 'after') results.at(-1)![Number(first)] = id;
    else if (kind === 'enabled' || kind === 'fits') {
      calls[kind].push(namedCall(values, id, plan, Number(first)));
    }
  }
  return { states, results, calls };
}

function read(answers: readonly Answer[], o: Reading): Partial<Rejection> {
  const values = new ValueTable();
  const { states, results, calls } = answersAs(values, answers, o.plan);
  // Of several states the one that came furthest into a composed event tells most.
  const best = states.reduce<StateAnswer | undefined>(
    (a, b) => (a && furthest(a, b) ? a : b),
    undefined,
  );
  if (best === undefined) return {};
  const { variables } = o.plan.spec.declarations;
  const state = stateOf(values, variables, best.row);
  const falseGuard = falseGuardOf(best, o);
  const differences = falseGuard === undefined ? differencesOf(values, best, results, o) : [];
  const fits = calls.fits.filter((call) => !isRecorded(call, o.event));
  return {
    // TLC may look twice at one state, the second time to say where it failed.
    states: new Set(states.map(({ row }) => row.join(' '))).size,
    state,
    ...calls,
    fits,
    ...(falseGuard === undefined ? {} : { falseGuard }),
    differences,
  };
}

function stateOf(
  values: ValueTable,
  variables: readonly string[],
  row: Row,
): Record<string, string> {
  return Object.fromEntries(
    variables.flatMap((name, i) => {
      const id = row[i];
      return id === undefined ? [] : [[name, values.format(id)]];
    }),
  );
}

/** The call that the recording itself names is no news. */
function isRecorded({ action, args }: NamedCall, { event, args: recorded }: PlannedEvent): boolean {
  const same = Object.entries(args).every(([name, value]) => (recorded[name] ?? value) === value);
  return event.actions.includes(action) && same;
}

const depth = ({ part, falseGuard }: StateAnswer): number =>
  part * 1000 + (falseGuard === undefined ? 999 : falseGuard[1]);
const furthest = (a: StateAnswer, b: StateAnswer): boolean => depth(a) >= depth(b);

function parsed(values: ValueTable, text: string): number | undefined {
  try {
    return values.parse(plainStrings(text));
  } catch (error) {
    if (error instanceof ValueError) return undefined;
    throw error;
  }
}

function namedCall(values: ValueTable, id: number, plan: TracePlan, action: number): NamedCall {
  const { name, params } = plan.spec.actions[action] ?? { name: '', params: [] };
  const args = values.value(id);
  const texts = Array.isArray(args)
    ? args.map((each) => values.format(values.intern(each as never)))
    : [];
  const named = params.map((param, i) => [param, texts[i] ?? ''] as const);
  return { action: name, args: Object.fromEntries(named) };
}

function falseGuardOf({ falseGuard }: StateAnswer, o: Reading): FalseGuard | undefined {
  if (falseGuard === undefined) return undefined;
  const [part, index] = falseGuard;
  const action = o.plan.calls[o.event.calls - 1]?.[part]?.action ?? 0;
  if (index === outside) return outsideOf(action, o);
  const guard = o.guards.get(action)?.[index];
  if (guard === undefined) return undefined;
  const { text, location } = guard;
  return { action: o.plan.spec.actions[action - 1]?.name ?? '', text, ...location };
}

/** The sets that Next takes the action's arguments from. */
function outsideOf(action: number, { plan: { spec } }: Reading): FalseGuard | undefined {
  const name = spec.actions[action - 1]?.name ?? '';
  const of = spec.disjuncts.filter((each) => each.action === name);
  const sets = of.map(({ binders }) => binders.map(({ text }) => text).join(' /\\ '));
  const [first] = of;
  return first && { action: name, text: sets.join(' \\/ '), ...first.location };
}

/** Recorded against the nearest result of the action, in the variables the event speaks of. */
function differencesOf(
  values: ValueTable,
  best: StateAnswer,
  results: readonly Row[],
  { plan, event }: Reading,
): VariableDiff[] {
  if (results.length === 0) return [];
  const { variables } = plan.spec.declarations;
  const shape = plan.shapes[event.shape - 1] ?? [];
  const recorded: Row = [];
  const columns: number[] = [];
  for (const [i, kind] of shape.entries()) {
    const id = recordedId(values, best, event, { kind, column: i, name: variables[i] ?? '' });
    if (id === undefined) continue;
    recorded[i] = id;
    columns.push(i);
  }
  const whole = results.filter((row) => columns.every((i) => row[i] !== undefined));
  const o = { values, variables, columns: Int32Array.from(columns) };
  const expected = whole[nearest(o, recorded, whole)];
  if (expected === undefined) return [];
  return differing(o, recorded, expected);
}

function differing(
  o: Parameters<typeof rowDifferences>[0],
  recorded: Row,
  expected: Row,
): VariableDiff[] {
  return rowDifferences(o, recorded, expected).map(({ variable, code, model, parts }) => ({
    variable,
    recorded: code,
    expected: model,
    parts: parts.slice(0, 8).map(partText),
  }));
}

function recordedId(
  values: ValueTable,
  { row, recorded }: StateAnswer,
  { event }: PlannedEvent,
  o: { kind: string; column: number; name: string },
): number | undefined {
  if (o.kind === 'same') return row[o.column];
  if (o.kind === 'parts') return recorded.get(o.column);
  const change = event.changed?.get(o.name);
  return o.kind === 'is' && change?.kind === 'is' ? values.intern(change.value) : undefined;
}

function partText({ at, code, model }: PartDifference): string {
  if (code === undefined) return `${at}: missing, expected ${model}`;
  if (model === undefined) return `${at}: ${code}, not expected`;
  return `${at}: ${code}, expected ${model}`;
}
