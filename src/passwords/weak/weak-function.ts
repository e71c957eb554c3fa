import type { HashCost } from '../hashes/hash-cost.ts';
import { parsePairs } from '../hashes/hash-fields.ts';

/** What a function that is too weak to be stored as it is makes of a password, ready to be computed. */
export interface WeakDigest {
  readonly cost: HashCost;
  compute(password: Buffer): Promise<Buffer>;
}

/** A weak function, whose settings are written as `name=value,…` in the hash that it is wrapped into. */
export interface WeakFunction {
  /** Throws UnusableHash for settings of another form, or out of bounds. */
  read(settings: string): WeakDigest;
}

/** What one weak function has to know. */
export interface WeakFunctionDefinition<Name extends string, Settings> {
  readonly names: readonly Name[];
  /** Throws UnusableHash. */
  parse(texts: Record<Name, string>): Settings;
  cost(settings: Settings): HashCost;
  /** Whatever takes long is not done on the main thread. */
  compute(password: Buffer, settings: Settings): Promise<Buffer>;
}

/** Makes a WeakFunction that computes nothing by settings it has not checked. */
export function defineWeakFunction<Name extends string, Settings>(
  definition: WeakFunctionDefinition<Name, Settings>,
): WeakFunction {
  return {
    read: (text) => {
      const settings = definition.parse(parsePairs(text.split(','), definition.names));
      return { cost: definition.cost(settings), compute: (password) => definition.compute(password, settings) };
    },
  };
}
