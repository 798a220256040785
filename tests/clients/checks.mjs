// The steps of a client's test: each has a name, and what goes wrong in one does not hide the others.
import assert from 'node:assert/strict';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const steps = [];

/// A step; it has a minute at most.
export function check(name, body) {
  steps.push({ name, body });
}

/// Runs the steps one after the other; the process fails when one of them did.
export async function runChecks() {
  let failed = 0;
  for (const { name, body } of steps) {
    const limit = new AbortController();
    const late = pause(60_000, null, { signal: limit.signal }).then(
      () => Promise.reject(new Error('no answer within a minute')),
      () => null,
    );
    try {
      await Promise.race([body(), late]);
      console.log(`ok ${name}`);
    } catch (error) {
      ++failed;
      console.log(`FAILED ${name}\n${error.stack ?? error}`);
    }
    limit.abort();
  }
  console.log(`${steps.length} steps, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

/// Waits until `condition` holds.
export async function eventually(condition, what) {
  for (const end = Date.now() + 20_000; Date.now() < end; await pause(20)) {
    if (await condition()) return;
  }
  assert.fail(`never: ${what}`);
}

/// The body that an address answers with, or '' while it does not.
export function fetchText(url) {
  return new Promise((resolve) => {
    const request = http.get(url, { timeout: 5000, agent: false }, (response) => {
      let text = '';
      response.on('data', (piece) => (text += piece));
      response.on('end', () => resolve(text));
    });
    request.on('error', () => resolve(''));
  });
}

/// Everything that a stream says until it ends.
export async function textOf(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
