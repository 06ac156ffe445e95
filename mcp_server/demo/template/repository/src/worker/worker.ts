import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { take } from "../queue/queue.ts";

const name = process.env.AGENT_NAME ?? hostname();

for (;;) {
  const job = await take(name);
  if (job === undefined) await sleep(500);
  else console.log(JSON.stringify({ worker: name, job: job.id }));
}
