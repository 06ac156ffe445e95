import { pool } from "../db/pool.ts";

export async function enqueue(payload: string): Promise<string> {
  const { rows } = await pool.query("insert into jobs (payload) values ($1) returning id", [payload]);
  return rows[0].id;
}

export async function depth(): Promise<number> {
  const { rows } = await pool.query("select count(*)::int as n from jobs where finished_at is null");
  return rows[0].n;
}

/** Takes one job that nobody holds; skip locked keeps the workers out of each other's way (ADR 0002). */
export async function take(worker: string): Promise<{ id: string; payload: string } | undefined> {
  const { rows } = await pool.query(
    `update jobs set taken_by = $1, taken_at = now()
      where id = (select id from jobs where taken_at is null and run_after <= now()
                   order by id for update skip locked limit 1)
      returning id, payload`,
    [worker],
  );
  return rows[0];
}
