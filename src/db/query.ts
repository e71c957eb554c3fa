import type { SqlQueryable } from '@prisma/driver-adapter-utils';
import type { Sql } from './dialect.ts';

export type Value = string | boolean | number;

/** Notes a value that the statement is given, and answers how the text refers to it: so they come in the order of the text. */
export type Parameter = (value: Value) => string;

const scalarTypes = { string: 'string', boolean: 'boolean', number: 'bigint' } as const;

/** Statements that are given their values while their texts are made. */
export function createQuery(queryable: SqlQueryable, dialect: Sql) {
  return async (textOf: (parameter: Parameter) => string): Promise<unknown[][]> => {
    const args: Value[] = [];
    const sql = textOf((value) => dialect.parameter(args.push(value)));
    const argTypes = args.map((arg) => ({
      scalarType: scalarTypes[typeof arg as keyof typeof scalarTypes],
      arity: 'scalar' as const,
    }));
    return (await queryable.queryRaw({ sql, args, argTypes })).rows;
  };
}
