import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

export type Row = Record<string, SQLInputValue>;

/** Prepares each statement once. */
export function createRunner(db: DatabaseSync) {
  const prepared = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  const statement = (sql: string) => {
    const known = prepared.get(sql) ?? db.prepare(sql);
    prepared.set(sql, known);
    return known;
  };
  return {
    run: (sql: string, ...values: SQLInputValue[]): number => Number(statement(sql).run(...values).changes),
    one: (sql: string, ...values: SQLInputValue[]): Row | undefined => statement(sql).get(...values) as Row | undefined,
    all: (sql: string, ...values: SQLInputValue[]): Row[] => statement(sql).all(...values) as Row[],
  };
}

export type Runner = ReturnType<typeof createRunner>;
