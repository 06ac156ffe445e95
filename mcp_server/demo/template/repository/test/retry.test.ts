import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../src/queue/retry.ts";

test("the delay doubles and ends at five minutes", () => {
  assert.equal(delay(1), 1_000);
  assert.equal(delay(4), 8_000);
  assert.equal(delay(20), 300_000);
});
