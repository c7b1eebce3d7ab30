/**
 * How fast a view of 18 variables becomes numbers: all parts made anew; one part new and the rest as the
 * table handed them out; and the same with results of memo. Usage: npx jiti bench/intern.ts [views]
 */
import { ValueTable } from '../conformance/value/table.ts';
import { memo, type TlaValue } from '../conformance/value/value.ts';

const views = Number(process.argv[2] ?? 200_000);
const table = new ValueTable();
const replicas = ['r1', 'r2', 'r3'] as const;
type PerReplica = Record<string, TlaValue>;

function fresh(i: number): Record<string, TlaValue> {
  const view: Record<string, TlaValue> = {};
  for (let v = 0; v < 15; v++) {
    const field: PerReplica = {
      r1: (i + v) % 5,
      r2: (i >> 2) % 3,
      r3: v % 2 === 0 ? 'follower' : 'leader',
    };
    view[`variable${v}`] = field;
  }
  view['log'] = { r1: ['put1', 'noop'], r2: i % 2 === 0 ? ['put1'] : [], r3: [] };
  view['votes'] = { r1: new Set(replicas.slice(0, i % 4)), r2: new Set(), r3: new Set() };
  view['msgs'] = new Set(
    Array.from({ length: i % 6 }, (_, m) => ({ type: 'accept', bal: m, slot: i % 3, cmd: 'put1' })),
  );
  return view;
}

function measure(name: string, next: (i: number) => Record<string, TlaValue>): void {
  const made = Array.from({ length: 2000 }, (_, i) => next(i));
  for (const view of made) for (const key in view) table.intern(view[key]!);
  const cpu = process.cpuUsage();
  for (let i = 0; i < views; i++) {
    const view = made[i % made.length]!;
    for (const key in view) table.intern(view[key]!);
  }
  const used = process.cpuUsage(cpu);
  const seconds = (used.user + used.system) / 1e6;
  const perView = (seconds / views) * 1e6;
  console.log(
    `${name}: ${perView.toFixed(2)} µs a view, ${Math.round(views / seconds)} views a CPU second`,
  );
}

measure('all parts new objects', fresh);
const known = (i: number): Record<string, TlaValue> => {
  const view = fresh(i);
  for (const key in view) view[key] = table.value(table.intern(view[key]!));
  return view;
};
measure('all parts from the table', known);
measure('one part in six new', (i) => {
  const [view, made] = [known(i), fresh(i)];
  for (const key of ['variable1', 'variable7', 'msgs']) view[key] = made[key]!;
  return view;
});
const wrapped = memo((state: { i: number }) => fresh(state.i));
measure(
  'results of memo, part by part',
  (i) => wrapped({ i: i % 100 }) as Record<string, TlaValue>,
);
