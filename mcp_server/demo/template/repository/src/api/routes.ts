import type { IncomingMessage } from "node:http";
import { depth, enqueue } from "../queue/queue.ts";

export interface Answer {
  status: number;
  body: unknown;
}

export async function route(request: IncomingMessage): Promise<Answer> {
  if (request.method === "GET" && request.url === "/health") {
    return { status: 200, body: { queue: await depth() } };
  }
  if (request.method === "POST" && request.url === "/jobs") {
    return { status: 202, body: { id: await enqueue(await text(request)) } };
  }
  return { status: 404, body: { error: "no such route" } };
}

async function text(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
