/** Recordings of events as edges of the state graph: what implementation traces cover of a spec. */
import { describe, expect, it } from 'vitest';
import { stateOf } from '../../conformance/behaviour/graph.ts';
import { edgeTours, type Path } from '../../conformance/behaviour/tour.ts';
import { RecordingFollower } from '../../conformance/covering/recordingOnGraph.ts';
import type { RecordingRules } from '../../conformance/covering/recordingOnGraph.ts';
import type { MergedTrace } from '../../conformance/recording/mergeRecordings.ts';
import type { RecordedChange, RecordedEvent } from '../../conformance/recording/recording.ts';
import type { TlaValue } from '../../conformance/value/value.ts';
import { parameterNames, votingGraph } from './replayVoting.ts';

const graph = votingGraph();
const [tour] = [...edgeTours(graph, { maxLength: 12 })].sort(
  (a, b) => b.edges.length - a.edges.length,
) as [Path];
const tourEdges = [...tour.edges];
const names: Readonly<Record<string, readonly string[]>> = parameterNames;
const plain: RecordingRules = {
  ...{ parameterNames, hidden: [], silent: [], silentMax: 2, composed: {} },
};

/** An event as the recorder writes it: the action, its arguments, the variables that changed. */
function eventOf(edge: number, before: number, line: number): RecordedEvent {
  const { action, args } = graph.labels[graph.edgeLabel[edge]!]!;
  const [old, now] = [stateOf(graph, before), stateOf(graph, graph.edgeTarget[edge]!)];
  const id = (value: TlaValue | undefined): number => graph.values.intern(value!);
  const changed = Object.entries(now).filter(([name, value]) => id(old[name]) !== id(value));
  const is = changed.map(([name, value]): [string, RecordedChange] => [
    name,
    { kind: 'is', value },
  ]);
  return {
    ...{ file: 'f', line, clock: line, process: 'p', actions: [action], partial: false },
    args: [new Map(names[action]!.map((name, i) => [name, args[i]!]))],
    changed: new Map(is),
  };
}

const events = tourEdges.map((edge, i) =>
  eventOf(edge, i === 0 ? tour.start : graph.edgeTarget[tourEdges[i - 1]!]!, i + 1),
);
const traceOf = (all: readonly RecordedEvent[]): MergedTrace => ({
  ...{ name: 't', constants: new Map(), starts: [], events: all, notes: [] },
});
const followed = (all: readonly RecordedEvent[], rules: Partial<RecordingRules> = {}) =>
  new RecordingFollower(graph, { ...plain, ...rules }).follow(traceOf(all), all.length);
const end = { edges: tourEdges, followed: events.length };

describe('a recording on the state graph', () => {
  it('takes the edges that it recorded, also without arguments or names of actions', () => {
    expect(followed(events)).toEqual(end);
    expect(followed(events.map((event) => ({ ...event, args: [] })))).toEqual(end);
    expect(followed(events.map((event) => ({ ...event, actions: [], args: [] })))).toEqual(end);
  });

  it('stays where it stutters, and ends where the graph does not go on', () => {
    const rest = { ...events[0]!, actions: ['stutter'], args: [], changed: new Map() };
    expect(followed([rest, ...events])).toEqual({ ...end, followed: events.length + 1 });
    const wrong = { kind: 'is', value: 'nothing of the kind' } as const;
    const strayed = events.with(3, { ...events[3]!, changed: new Map([['msgs', wrong]]) });
    expect(followed(strayed)).toEqual({ edges: tourEdges.slice(0, 3), followed: 3 });
    expect(new RecordingFollower(graph, plain).follow(traceOf(events), 2).followed).toBe(2);
  });

  it('takes silent steps between events, and several for a composed one', () => {
    const unsaid = events.filter(({ actions }) => actions[0] !== 'Propose');
    const quiet = { silent: ['Propose'], silentMax: 2, hidden: ['msgs'] };
    const found = followed(unsaid, quiet);
    expect(found.followed).toBe(unsaid.length);
    expect(found.edges.length).toBeGreaterThan(unsaid.length);
    expect(followed(unsaid).followed).toBeLessThan(unsaid.length);
    const [first, second] = events as [RecordedEvent, RecordedEvent];
    const both = {
      ...second,
      actions: ['Both'],
      args: [...first.args, ...second.args],
      changed: new Map([...first.changed!, ...second.changed!]),
    };
    const composed = { Both: [...first.actions, ...second.actions] };
    expect(followed([both, ...events.slice(2)], { composed })).toEqual({
      edges: tourEdges,
      followed: events.length - 1,
    });
  });

  it('understands changes of parts as the spec would', () => {
    const proposed = (bal: number) => ({ type: 'propose', bal });
    const event = (action: string, arg: object, changed: Record<string, RecordedChange>) => ({
      ...events[0]!,
      actions: [action],
      args: [new Map(Object.entries(arg) as [string, TlaValue][])],
      changed: new Map(Object.entries(changed)),
    });
    const parts = (...all: (RecordedChange & { kind: 'parts' })['parts']): RecordedChange => ({
      ...{ kind: 'parts', parts: all },
    });
    const add = (bal: number) =>
      parts({ path: [], kind: 'add', value: new Set([proposed(bal)]) as TlaValue });
    const voted = (bal: number, a = 'a1') => ({
      promised: parts({ path: [a], kind: 'put', value: bal }),
      votes: parts({ path: [a], kind: 'add', value: new Set([bal]) as TlaValue }),
    });
    const right = [
      event('Propose', { b: 1 }, { msgs: add(1) }),
      event('Vote', { a: 'a1' }, voted(1)),
      event(
        'Forget',
        { a: 'a1' },
        { votes: parts({ path: ['a1'], kind: 'remove', value: new Set([1]) as TlaValue }) },
      ),
    ];
    expect(followed(right).followed).toBe(3);
    expect(followed(right.with(1, event('Vote', { a: 'a1' }, voted(2)))).followed).toBe(1);
    expect(followed(right.with(1, event('Vote', { a: 'a1' }, voted(1, 'a9')))).followed).toBe(1);
    const more = parts({ path: ['a1'], kind: 'append', value: [1] });
    const appended = { ...voted(1), votes: more };
    expect(followed(right.with(1, event('Vote', { a: 'a1' }, appended))).followed).toBe(1);
    const less = { ...voted(1), votes: parts({ path: ['a1'], kind: 'drop', value: 1 }) };
    expect(followed(right.with(1, event('Vote', { a: 'a1' }, less))).followed).toBe(1);
  });
});
