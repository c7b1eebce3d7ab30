/**
 * The generated module whose behaviours are those of the spec that the recordings allow: nobody
 * writes a trace spec by hand. What must hold: a trace is reached to its end exactly if the spec has
 * a behaviour with these actions, these arguments and these changes, in this order.
 *
 * Events are rows of numbers and values in operators of bounded size; constant operators are
 * evaluated once by TLC, so the time stays linear. The action comes first and its result is
 * compared, never the other way round: a wrong recorded value cannot derail the spec's own operators.
 */
import { formatCfg, type Cfg } from '../spec/cfg.ts';
import { SpecError } from '../spec/specError.ts';
import type { Disjunct } from '../spec/actions.ts';
import type { GeneratedModule } from '../tlc/stage.ts';
import { noneName, toolsName } from './tools.ts';
import { anyAction, stutter, type PlannedEvent, type TracePlan } from './tracePlan.ts';

export const moduleName = 'BisimValidate';
const chunkEvents = 250;

/** One trace of a run: planned events, those of a spoilt copy among them. */
export interface ModuleTrace {
  readonly start: readonly string[];
  readonly events: readonly PlannedEvent[];
}

export interface TraceModule {
  readonly module: GeneratedModule;
  readonly cfg: string;
}

/** Further definitions and disjuncts of Next: the diagnosis of a rejected trace. */
export interface Addition {
  readonly definitions: readonly string[];
  readonly disjuncts: readonly string[];
}

export interface ModuleOptions {
  readonly cfg: Cfg;
  readonly modelValues: ReadonlySet<string>;
  /** In place of the cfg's: constants of the run, as TLA+ text, by name. */
  readonly constants?: Readonly<Record<string, string>>;
  readonly addition?: Addition;
}

const nothing: Addition = { definitions: [], disjuncts: [] };

export function traceModule(
  plan: TracePlan,
  traces: readonly ModuleTrace[],
  o: ModuleOptions,
): TraceModule {
  assertNames(plan);
  const { module } = plan.spec.declarations;
  const { definitions, disjuncts } = o.addition ?? nothing;
  const { constants = {} } = o;
  const undeclared = undeclaredValues(plan, o.modelValues);
  const text = [
    `---- MODULE ${moduleName} ----`,
    `EXTENDS ${module}, ${toolsName}`,
    ...(undeclared.length > 0 ? [`CONSTANTS ${undeclared.join(', ')}`] : []),
    `VARIABLES ${ownVariables(plan).join(', ')}`,
    ...Object.entries(constants).map(([name, text]) => `${constantName(name)} == ${text}`),
    ...traces.flatMap((trace, i) => eventLines(trace, i + 1)),
    `BisimTraces == <<${traces.map((_, i) => `BisimEvents${i + 1}`).join(', ')}>>`,
    `BisimLengths == <<${traces.map(({ events }) => events.length).join(', ')}>>`,
    ...callLines(plan),
    'ASSUME BisimClear(DOMAIN BisimLengths)',
    ...actionLines(plan),
    ...fitLines(plan),
    ...initLines(plan, traces),
    ...stepLines(plan),
    ...definitions,
    `BisimNext == ${[...disjuncts, 'BisimStep', ...silentNames(plan)].join(' \\/ ')}`,
    '====',
    '',
  ].join('\n');
  return { module: { name: moduleName, text }, cfg: cfgText(o.cfg, constants, undeclared) };
}

const ownNames = ['bisimTrace', 'bisimAt', 'bisimPart', 'bisimBase', 'bisimSilent'];

function ownVariables(plan: TracePlan): string[] {
  const composed = plan.composes ? ['bisimPart', 'bisimBase'] : [];
  const silent = plan.rules.silent.length > 0 ? ['bisimSilent'] : [];
  return ['bisimTrace', 'bisimAt', ...composed, ...silent];
}

function assertNames({ spec: { declarations: d } }: TracePlan): void {
  const taken = [...d.operators.map(({ name }) => name), ...d.constants, ...d.variables];
  const clash = taken.find((name) => ownNames.includes(name) || /^Bisim[A-Z]/.test(name));
  if (clash === undefined) return;
  throw new SpecError('name-clash', `the spec has the name ${clash}`, 'Rename it: bisim needs it.');
}

/** Model values that the cfg makes and the spec does not declare must be constants to be written. */
function undeclaredValues({ spec }: TracePlan, modelValues: ReadonlySet<string>): string[] {
  const { constants, variables, operators } = spec.declarations;
  const names = [...modelValues].filter((name) => !constants.includes(name)).sort();
  const others = new Set([...variables, ...operators.map(({ name }) => name)]);
  const clash = names.find((name) => others.has(name));
  if (clash === undefined) return names;
  const message = `the model value ${clash} has the name of an operator or variable of the spec`;
  throw new SpecError('name-clash', message, 'Rename the model value in the cfg.');
}

const constantName = (name: string): string => `BisimConstant_${name}`;

function cfgText(
  cfg: Cfg,
  constants: Readonly<Record<string, string>>,
  undeclared: readonly string[],
): string {
  const given = new Set(cfg.constants.map(({ name }) => name));
  const own = cfg.constants.filter(({ name }) => !Object.hasOwn(constants, name));
  const ofRun = Object.keys(constants).map((name) => ({
    name,
    kind: '<-' as const,
    value: constantName(name),
  }));
  const added = [noneName, ...undeclared]
    .filter((name) => !given.has(name))
    .map((name) => ({ name, kind: '=' as const, value: name }));
  return formatCfg({
    constants: [...own, ...ofRun, ...added],
    invariants: [],
    properties: [],
    constraints: [],
    actionConstraints: [],
    init: 'BisimInit',
    next: 'BisimNext',
    checkDeadlock: false,
  });
}

function eventLines({ events }: ModuleTrace, number: number): string[] {
  const lines: string[] = [];
  const names: string[] = [];
  for (let from = 0; from < events.length; from += chunkEvents) {
    const name = `BisimChunk${number}_${names.length + 1}`;
    const rows = events
      .slice(from, from + chunkEvents)
      .map(({ calls, shape, values }) => `  <<${calls}, ${shape}, <<${values.join(', ')}>>>>`);
    lines.push(`${name} == <<`, rows.join(',\n'), '>>');
    names.push(name);
  }
  const joined = names.reduceRight((rest, name) => `BisimJoin(${name}, ${rest})`, '<<>>');
  return [...lines, `BisimEvents${number} == ${joined}`];
}

function callLines({ calls }: TracePlan): string[] {
  const rows = calls.map(
    (parts) => `  <<${parts.map(({ action, given }) => `<<${action}, ${given}>>`).join(', ')}>>`,
  );
  return ['BisimCalls == <<', rows.join(',\n'), '>>'];
}

/** `BisimAct3(g)`: the third action, where g holds the arguments that are known. */
function actionLines({ spec, rules }: TracePlan): string[] {
  const lines = spec.actions.map(({ name }, i) => {
    const bodies = spec.disjuncts
      .filter(({ action }) => action === name)
      .map((disjunct) => `(${boundCall(disjunct)})`);
    return `BisimAct${i + 1}(bisimG) == ${bodies.join('\n  \\/ ')}`;
  });
  const variables = `<<${spec.declarations.variables.join(', ')}>>`;
  const cases = spec.actions.map(({ name }, i) => {
    const step = `BisimAct${i + 1}(bisimC[2])`;
    const taken = rules.optional.includes(name)
      ? `(IF ENABLED ${step} THEN ${step} ELSE UNCHANGED ${variables})`
      : step;
    return `  \\/ bisimC[1] = ${i + 1} /\\ ${taken}`;
  });
  const none = `  \\/ bisimC[1] = ${stutter} /\\ UNCHANGED ${variables}`;
  const any = `  \\/ bisimC[1] = ${anyAction} /\\ (${spec.next} \\/ UNCHANGED ${variables})`;
  return [...lines, 'BisimTake(bisimC) ==', ...cases, none, any];
}

/** The disjunct as Next has it, each quantifier over what the recording leaves open. */
export function boundCall(disjunct: Disjunct): string {
  const { action, binders, args } = disjunct;
  const picked = new Map<string, number>();
  const single = new Set(
    binders.flatMap(({ names, text }) => (text.startsWith('<<') ? [] : names)),
  );
  for (const [i, arg] of args.entries()) {
    const name = arg.trim();
    if (single.has(name) && !picked.has(name)) picked.set(name, i + 1);
  }
  const quantifiers = binders.map(({ names, text }) => {
    if (text.startsWith('<<')) return `\\E ${text} :\n`;
    const domain = text.slice(text.indexOf(' \\in ') + ' \\in '.length);
    return names
      .map((name) => {
        const at = picked.get(name);
        const set = at === undefined ? `(${domain})` : `BisimPick(bisimG[${at}], (${domain}))`;
        return `\\E ${name} \\in ${set} :\n`;
      })
      .join('');
  });
  const checks = args.flatMap((arg, i) =>
    picked.get(arg.trim()) === i + 1 ? [] : [`BisimIs(bisimG[${i + 1}], (${arg})) /\\ `],
  );
  const call = args.length === 0 ? action : `${action}(${args.join(', ')})`;
  return `${quantifiers.join('')} ${checks.join('')}${call}`;
}

/** `BisimFits(e)`: the step just taken changed what the event says, in the way it says. */
function fitLines(plan: TracePlan): string[] {
  const { variables } = plan.spec.declarations;
  const old = (name: string, i: number): string =>
    plan.composes ? `(IF bisimBase = <<>> THEN ${name} ELSE bisimBase[${i + 1}])` : name;
  const arms = plan.shapes.map((shape, number) => {
    let value = 0;
    const checks = shape.flatMap((kind, i) => {
      const name = variables[i]!;
      if (kind === 'free') return [];
      if (kind === 'same') return [`${name}' = ${old(name, i)}`];
      value += 1;
      const recorded = `bisimE[3][${value}]`;
      if (kind === 'is') return [`${name}' = ${recorded}`];
      return [`${name}' = BisimChanged(${old(name, i)}, ${recorded})`];
    });
    return `bisimE[2] = ${number + 1} -> ${checks.join(' /\\ ') || 'TRUE'}`;
  });
  return [`BisimFits(bisimE) == CASE ${arms.join('\n  [] ')}`];
}

function initLines(plan: TracePlan, traces: readonly ModuleTrace[]): string[] {
  const starts = new Map<string, number[]>();
  for (const [i, { start }] of traces.entries()) {
    const text = start.join(' /\\ ');
    if (text !== '') starts.set(text, [...(starts.get(text) ?? []), i + 1]);
  }
  const arms = [...starts].map(([text, of]) => `bisimTrace \\in {${of.join(', ')}} -> ${text}`);
  const start = arms.length === 0 ? [] : [`  /\\ CASE ${arms.join('\n    [] ')} [] OTHER -> TRUE`];
  const composed = plan.composes ? ['  /\\ bisimPart = 0 /\\ bisimBase = <<>>'] : [];
  const silent = plan.rules.silent.length > 0 ? ['  /\\ bisimSilent = 0'] : [];
  return [
    'BisimInit ==',
    `  /\\ ${plan.spec.init}`,
    '  /\\ bisimTrace \\in DOMAIN BisimLengths',
    '  /\\ bisimAt = 0',
    ...composed,
    ...silent,
    ...start,
    '  /\\ BisimReach(bisimTrace, 0)',
  ];
}

function stepLines(plan: TracePlan): string[] {
  const part = plan.composes ? 'BisimPlus(bisimPart, 1)' : '1';
  const reset = plan.rules.silent.length > 0 ? ["  /\\ bisimSilent' = 0"] : [];
  const lines = [
    'BisimEvent == BisimTraces[bisimTrace][BisimPlus(bisimAt, 1)]',
    'BisimMore == BisimLess(bisimAt, BisimLengths[bisimTrace])',
    'BisimLast(bisimE) ==',
    `  /\\ BisimTake(BisimCalls[bisimE[1]][${part}])`,
    '  /\\ BisimFits(bisimE)',
    "  /\\ bisimAt' = BisimPlus(bisimAt, 1)",
    "  /\\ bisimTrace' = bisimTrace",
    ...(plan.composes ? ["  /\\ bisimPart' = 0 /\\ bisimBase' = <<>>"] : []),
    ...reset,
    "  /\\ BisimReach(bisimTrace, bisimAt')",
  ];
  if (plan.composes) lines.push(...earlierParts(plan));
  const taken = plan.composes
    ? 'IF BisimLess(BisimPlus(bisimPart, 1), BisimParts(BisimEvent)) THEN BisimEarlier(BisimEvent) ELSE BisimLast(BisimEvent)'
    : 'BisimLast(BisimEvent)';
  return [...lines, `BisimStep == BisimMore /\\ ${taken}`, ...silentLines(plan)];
}

/** The steps of a composed event before its last: nothing is compared after them. */
function earlierParts({ spec, rules }: TracePlan): string[] {
  const variables = `<<${spec.declarations.variables.join(', ')}>>`;
  return [
    'BisimParts(bisimE) == BisimSize(BisimCalls[bisimE[1]])',
    'BisimEarlier(bisimE) ==',
    '  /\\ BisimTake(BisimCalls[bisimE[1]][BisimPlus(bisimPart, 1)])',
    "  /\\ bisimPart' = BisimPlus(bisimPart, 1)",
    `  /\\ bisimBase' = IF bisimBase = <<>> THEN ${variables} ELSE bisimBase`,
    '  /\\ UNCHANGED <<bisimTrace, bisimAt>>',
    ...(rules.silent.length > 0 ? ["  /\\ bisimSilent' = bisimSilent"] : []),
  ];
}

const silentNames = ({ rules }: TracePlan): string[] =>
  rules.silent.length > 0 ? ['BisimSilentStep'] : [];

function silentLines(plan: TracePlan): string[] {
  const { spec, rules } = plan;
  if (rules.silent.length === 0) return [];
  const steps = rules.silent.map((name) => {
    const index = spec.actions.findIndex((each) => each.name === name);
    const open = spec.actions[index]!.params.map(() => '<<>>').join(', ');
    return `\\/ BisimAct${index + 1}(<<${open}>>)`;
  });
  const others = ownVariables(plan).filter((name) => name !== 'bisimSilent');
  return [
    'BisimSilentStep ==',
    `  /\\ BisimMore /\\ BisimLess(bisimSilent, ${rules.silentMax})`,
    `  /\\ (${steps.join(' ')})`,
    "  /\\ bisimSilent' = BisimPlus(bisimSilent, 1)",
    `  /\\ UNCHANGED <<${others.join(', ')}>>`,
  ];
}
