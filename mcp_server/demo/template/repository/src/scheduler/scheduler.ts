import { pool } from "../db/pool.ts";

/** Gives back jobs whose worker has not been heard of for ten minutes. */
export async function reap(): Promise<number> {
  const { rowCount } = await pool.query(
    `update jobs set taken_by = null, taken_at = null, attempts = attempts + 1
      where finished_at is null and taken_at < now() - interval '10 minutes'`,
  );
  return rowCount ?? 0;
}
