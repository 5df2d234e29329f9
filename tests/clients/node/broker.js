// What every test of this folder needs: the server under test, waiting for events, and an administrator's connection.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';

const DEADLINE_MS = 20_000;

assert(process.env.BROKER_ADDRESS, 'BROKER_ADDRESS is not set: start the tests with tests/clients/run.sh node');
const [, host, port] = process.env.BROKER_ADDRESS.match(/^(.*):(\d+)$/);
export const broker = { host, port: Number(port), url: `redis://${host}:${port}` };

export const allBytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
export const payloads = {
  'all 256 bytes': allBytes,
  'invalid UTF-8': Buffer.from([0xc3, 0x28, 0xa0, 0xa1, 0xe2, 0x28, 0xa1, 0xf0, 0x28, 0x8c, 0x28, 0xff, 0xfe]),
  'line ends': Buffer.from('\r\n$5\r\nhello\r\n*1\r\n+OK\r\n\n\r'),
  nothing: Buffer.alloc(0),
  'one megabyte': Buffer.concat(Array(4096).fill(allBytes)),
};

let names = 0;
/** A channel and connection name that no other test uses. */
export const uniqueName = (prefix) => `${prefix}.${process.pid}.${++names}`;

/** Rejects when the awaited thing takes too long, so that a lost message is a failure and not a hang. */
export async function soon(what, promise) {
  const timer = new AbortController();
  const tooLate = sleep(DEADLINE_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`never happened: ${what}`);
  });
  tooLate.catch(() => {});
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    timer.abort();
  }
}

/** Retries until the condition holds; the deadline is for a broker that never gets there. */
export async function eventually(what, condition) {
  const end = Date.now() + DEADLINE_MS;
  while (Date.now() < end) {
    const outcome = await condition();
    if (outcome) return outcome;
    await sleep(10);
  }
  throw new Error(`never came true: ${what}`);
}

/** A queue between a listener and a test: push() is the listener, next() waits for its next call. */
export class Inbox {
  #received = [];
  #waiting = [];

  push = (...message) => {
    const waiter = this.#waiting.shift();
    if (waiter) waiter(message);
    else this.#received.push(message);
  };

  next() {
    if (this.#received.length > 0) return Promise.resolve(this.#received.shift());
    return soon('a message arrives', new Promise((resolve) => this.#waiting.push(resolve)));
  }

  get isEmpty() {
    return this.#received.length === 0;
  }
}

/** A plain connection that looks at the others and kills them. */
export async function administrator(context) {
  const admin = createClient({ url: broker.url });
  await admin.connect();
  context.after(() => admin.destroy());
  return admin;
}

/** The CLIENT LIST entries of subscribed connections with that name. */
export async function subscribedConnections(admin, name) {
  const list = String(await admin.sendCommand(['CLIENT', 'LIST']));
  return list
    .trim()
    .split('\n')
    .map((line) => Object.fromEntries(line.trim().split(' ').map((field) => field.split(/=(.*)/s, 2))))
    .filter((entry) => entry.name === name && [entry.sub, entry.psub, entry.ssub].some((count) => count !== '0'));
}

/** Kills the one subscribed connection of that name and returns the id it had. */
export async function killSubscriber(admin, name) {
  const [entry, ...others] = await subscribedConnections(admin, name);
  assert.equal(others.length, 0);
  assert.equal(Number(await admin.sendCommand(['CLIENT', 'KILL', 'ID', entry.id])), 1);
  return entry.id;
}

/** Waits for one event. Other than events.once it lets an 'error' pass: clients report one when they reconnect. */
export const event = (emitter, name) => soon(`event ${name}`, new Promise((resolve) => emitter.once(name, resolve)));

/** Whether the server has XNACK, XACKDEL, XDELEX and XREADGROUP ... CLAIM: the redis-server of these tests has not. */
export async function hasStreamsOfRedis8(client) {
  return /respublica_version/.test(await client.info('server'));
}
