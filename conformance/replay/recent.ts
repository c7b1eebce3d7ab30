/**
 * Remembers a function's last two results: nearly always the source state's and the last step's.
 * For the parts of a view that are new after every step, where `memo` would keep, and freeze, what
 * is never seen again. `f` must depend on its argument alone.
 */
export function recent<A extends object, R>(f: (argument: A) => R): (argument: A) => R {
  let older: { readonly argument: A; readonly result: R } | undefined;
  let newer: typeof older;
  return (argument) => {
    if (newer !== undefined && newer.argument === argument) return newer.result;
    if (older !== undefined && older.argument === argument) {
      [older, newer] = [newer, older];
      return newer.result;
    }
    older = newer;
    newer = { argument, result: f(argument) };
    return newer.result;
  };
}
