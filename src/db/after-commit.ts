const effects = new WeakMap<object, (() => void)[]>();

/** Within a transaction: what is to happen when it is committed, and only then. An attempt that is undone takes it along. */
export function afterCommit(tx: object, effect: () => void): void {
  effects.set(tx, [...(effects.get(tx) ?? []), effect]);
}

/** Lets happen what waits for the commit of this transaction. */
export function runAfterCommit(tx: object): void {
  for (const effect of effects.get(tx) ?? []) effect();
}
