// The generated module in which each action under each combination of constant arguments is a named action of its
// own, so that TLC's labels carry the arguments. What must hold: its behaviours are exactly the spec's.

import type { EdgeLabel } from '../behaviour/graph.ts';
import type { GeneratedModule } from '../tlc/stage.ts';
import { ValueTable } from '../value/table.ts';
import type { ActionInstance, ArgumentRun } from './arguments.ts';
import { formatCfg, type Cfg } from './cfg.ts';
import type { SpecBehaviour } from './declarations.ts';
import { SpecError } from './specError.ts';

export interface Wrapper {
  readonly module: GeneratedModule;
  readonly cfg: string;
  /** TLC's label of an edge to its action and arguments; throws on a label the wrapper did not make. */
  label(text: string): EdgeLabel;
  /** Every action under every combination of arguments, whether or not it is ever enabled. */
  readonly labels: readonly EdgeLabel[];
  /** The same as TLA+ text; undefined for other names, such as the initial predicate's. */
  instance(text: string): ActionInstance | undefined;
  /** In the simulation variant the variable that holds <<action, <<arguments>>>> of the last step. */
  readonly stepVariable?: string;
}

const moduleName = 'BisimModel';
const stepVariable = 'bisimStep';
/** What stands in the step variable of an initial state: no action of a spec is applied to nothing there. */
const initialStep = '<<"Init">>';

/** The step as the variable holds it: what SimulationReader reads. */
const stepText = ({ action, args }: ActionInstance): string =>
  `<<"${action}", <<${args.join(', ')}>>>>`;

/** Suffixes as many underscores as keep every made name apart from the spec's own. */
function labelNames(spec: SpecBehaviour, instances: readonly ActionInstance[]): string[] {
  const taken = new Set([
    ...spec.declarations.operators.map(({ name }) => name),
    ...spec.declarations.constants,
    ...spec.declarations.variables,
  ]);
  for (let joint = '__'; ; joint += '_') {
    const counts = new Map<string, number>();
    const names = instances.map(({ action }) => {
      const count = (counts.get(action) ?? 0) + 1;
      counts.set(action, count);
      return `${action}${joint}${count}`;
    });
    if (!names.some((name) => taken.has(name))) return names;
  }
}

/** Model values the cfg makes but the spec does not declare: written in a module, they must be constants. */
function undeclared(spec: SpecBehaviour, run: ArgumentRun): string[] {
  const constants = new Set(spec.declarations.constants);
  const others = new Set([
    ...spec.declarations.operators.map(({ name }) => name),
    ...spec.declarations.variables,
  ]);
  const names = run.modelValues.filter((name) => !constants.has(name));
  const clash = names.find((name) => others.has(name));
  if (clash !== undefined) {
    const message = `the model value ${clash} has the name of an operator or variable of the spec`;
    throw new SpecError('name-clash', message, 'Rename the model value in the cfg.');
  }
  return names;
}

const written = ({ action, args }: ActionInstance): string =>
  args.length === 0 ? action : `${action}(${args.join(', ')})`;

export function wrap(
  spec: SpecBehaviour,
  run: ArgumentRun,
  cfg: Cfg,
  o: { simulation?: boolean } = {},
): Wrapper {
  const names = labelNames(spec, run.instances);
  const values = undeclared(spec, run);
  const step = o.simulation ? stepVariable : undefined;
  if (step !== undefined && spec.declarations.variables.includes(step)) {
    const message = `the spec has a variable ${step}`;
    throw new SpecError('name-clash', message, 'Rename the variable: bisim needs that name.');
  }
  const actions = run.instances.map((instance, index) => {
    const name = names[index] ?? '';
    const set = step === undefined ? '' : ` /\\ ${step}' = ${stepText(instance)}`;
    // TRUE /\ keeps TLC from looking through to the inner name.
    return `${name} == TRUE /\\ ${written(instance)}${set}`;
  });
  const needsTlc = run.instances.some(({ args }) => args.some((arg) => /:>|@@/.test(arg)));
  const text = [
    `---- MODULE ${moduleName} ----`,
    `EXTENDS ${spec.declarations.module}${needsTlc ? ', TLC' : ''}`,
    ...(values.length > 0 ? [`CONSTANTS ${values.join(', ')}`] : []),
    ...(step === undefined ? [] : [`VARIABLE ${step}`]),
    ...actions,
    'BisimNext ==',
    ...names.map((name) => `  \\/ ${name}`),
    step === undefined
      ? `BisimInit == ${spec.init}`
      : `BisimInit == ${spec.init} /\\ ${step} = ${initialStep}`,
    ...specLines(spec),
    '====',
    '',
  ].join('\n');
  return {
    module: { name: moduleName, text },
    cfg: wrapperCfg(spec, cfg, values),
    ...labels(names, run.instances),
    ...(step === undefined ? {} : { stepVariable: step }),
  };
}

function specLines(spec: SpecBehaviour): string[] {
  if (spec.fairness.length === 0 || spec.subscript === undefined) return [];
  const fair = spec.fairness.map((text) => `  /\\ (${text})`);
  return ['BisimSpec ==', '  /\\ BisimInit', `  /\\ [][BisimNext]_(${spec.subscript})`, ...fair];
}

function wrapperCfg(spec: SpecBehaviour, cfg: Cfg, values: readonly string[]): string {
  const { specification: _s, init: _i, next: _n, constants, ...rest } = cfg;
  const given = new Set(constants.map(({ name }) => name));
  const added = values
    .filter((name) => !given.has(name))
    .map((name) => ({ name, kind: '=' as const, value: name }));
  const fair = spec.fairness.length > 0 && spec.subscript !== undefined;
  return formatCfg({
    ...rest,
    constants: [...constants, ...added],
    ...(fair ? { specification: 'BisimSpec' } : { init: 'BisimInit', next: 'BisimNext' }),
  });
}

function labels(
  names: readonly string[],
  instances: readonly ActionInstance[],
): Pick<Wrapper, 'label' | 'labels' | 'instance'> {
  const table = new ValueTable();
  const byName = new Map<string, { instance: ActionInstance; label: EdgeLabel }>();
  for (const [index, instance] of instances.entries()) {
    const args = instance.args.map((arg) => table.value(table.parse(arg)));
    const label = { action: instance.action, args };
    byName.set(names[index] ?? '', { instance, label });
  }
  return {
    labels: [...byName.values()].map(({ label }) => label),
    instance: (text) => byName.get(text)?.instance,
    label: (text) => {
      const found = byName.get(text);
      if (found) return found.label;
      const message = `TLC labels an edge "${text}", which is no action of the model`;
      throw new SpecError(
        'unnamed-action',
        message,
        'Report this with the spec: the generated module is at fault.',
      );
    },
  };
}
