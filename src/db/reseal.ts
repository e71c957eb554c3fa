import { type Secrets, Unsealable } from '../secrets/secrets.ts';
import type { Database } from './database.ts';
import type { SealedColumn } from './sealed-columns.ts';

const blockSize = 200;

/** What became of the values of a column. */
export interface Resealed {
  readonly resealed: number;
  /** By an earlier run, or by a process that has the new secret already. */
  readonly wereAlready: number;
  /** Under a secret that is neither the former nor the new one. They stay as they are. */
  readonly unreadable: number;
}

type Row = Record<string, unknown> & { readonly id: string };

/** What all tables of Prisma's client have in common. */
interface Rows {
  findMany(query: object): Promise<Row[]>;
  updateMany(query: { where: object; data: object }): Promise<{ count: number }>;
}

/**
 * Seals every value of a column anew, a row at a time: it may be stopped anywhere, and run again. `others` says what else of
 * the row changes with the secret.
 */
export async function resealColumn(
  db: Database,
  { model, field, purpose }: SealedColumn,
  { from, to }: { from: Secrets; to: Secrets },
  others: (row: Row, plain: Buffer) => object = () => ({}),
): Promise<Resealed> {
  const counts = { resealed: 0, wereAlready: 0, unreadable: 0 };
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const query = { where: { id: { gt: cursor } }, orderBy: { id: 'asc' }, take: blockSize };
    const rows = await (db.reader[model] as unknown as Rows).findMany(query);
    for (const row of rows) {
      const sealed = row[field] as string | null;
      if (sealed === null) continue; // erased
      const plain = open(from, row.id, sealed);
      if (open(to, row.id, sealed)) counts.wereAlready += 1;
      else if (!plain) counts.unreadable += 1;
      else {
        const data = { ...others(row, plain), [field]: to.sealSecret(purpose, row.id, plain) };
        const { count } = await db.transaction(({ prisma }) =>
          (prisma[model] as unknown as Rows).updateMany({ where: { id: row.id, [field]: sealed }, data }),
        );
        counts.resealed += count;
      }
    }
    cursor = rows.at(-1)?.id;
  }
  return counts;

  function open(secrets: Secrets, id: string, sealed: string): Buffer | null {
    try {
      return secrets.openSecret(purpose, id, sealed);
    } catch (error) {
      if (error instanceof Unsealable) return null;
      throw error;
    }
  }
}
