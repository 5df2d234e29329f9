// What nobody can process, with node-redis and ioredis: rules on groups, XNACK, and the channel of dead letters. One file
// has all of it, for files run at the same time and the rules are one setting of the broker.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { broker, eventually, hasStreamsOfRedis8, Inbox, uniqueName } from './broker.js';

/** A channel with these options of its rule, a group `g` and one entry, and its channel of dead letters. */
async function withRule(context, options) {
  const admin = createClient({ url: broker.url });
  await admin.connect();
  if (!(await hasStreamsOfRedis8(admin))) {
    admin.destroy();
    return context.skip('Redis has no durable channels');
  }
  const channel = uniqueName('dead-letters');
  const letters = `${channel}.dlq`;
  const { durable } = await admin.configGet('durable');
  await admin.configSet('durable', `${channel} ${options} dlq ${letters}`);
  context.after(async () => {
    await admin.configSet('durable', durable);
    await admin.del([channel, letters]);
    admin.destroy();
  });
  await admin.xGroupCreate(channel, 'g', '0', { MKSTREAM: true });
  await admin.xAdd(channel, '1-0', { number: '1' });
  return { admin, channel, letters };
}

async function letterOf(admin, { channel, letters }, expected) {
  await eventually('nothing is pending', async () => (await admin.xPending(channel, 'g')).pending === 0);
  const [{ message }, ...others] = await admin.xRange(letters, '-', '+');
  assert.deepEqual(others, []);
  const got = Object.fromEntries(Object.keys(expected).map((field) => [field, message[field]]));
  assert.deepEqual(got, { ...expected });
}

test('node-redis: what a consumer rejects is a dead letter, of which subscribers hear', async (context) => {
  const rule = await withRule(context, 'max-deliveries 3');
  if (!rule) return;
  const { admin, channel, letters } = rule;
  const subscriber = createClient({ url: broker.url });
  await subscriber.connect();
  context.after(() => subscriber.destroy());
  const inbox = new Inbox();
  await subscriber.subscribe(letters, inbox.push);
  await admin.xReadGroup('g', 'a', { key: channel, id: '>' });
  assert.equal(await admin.xNack(channel, 'g', 'FATAL', '1-0'), 1);
  const expected = { 'dlq.reason': 'rejected', 'dlq.id': '1-0', 'dlq.consumer': 'a', 'dlq.deliveries': '1', number: '1' };
  await letterOf(admin, rule, expected);
  const [heard] = await inbox.next();
  assert.equal(JSON.parse(heard).number, '1');
});

test('node-redis: a consumer that lets every delivery pass makes a dead letter', async (context) => {
  const rule = await withRule(context, 'max-deliveries 2 ack-wait 50ms redeliver yes');
  if (!rule) return;
  const { admin, channel } = rule;
  for (let delivery = 1; delivery <= 2; delivery++) {
    const [{ messages }] = await admin.xReadGroup('g', `consumer-${delivery}`, { key: channel, id: '>' }, { BLOCK: 20_000 });
    assert.deepEqual(messages.map(({ id }) => id), ['1-0']);
  }
  await letterOf(admin, rule, { 'dlq.reason': 'max-deliveries', 'dlq.consumer': 'consumer-2', 'dlq.deliveries': '2', number: '1' });
});

test('ioredis: what fails on its last delivery is a dead letter, and is sent back', async (context) => {
  const rule = await withRule(context, 'max-deliveries 2 backoff 0 redeliver yes');
  if (!rule) return;
  const { admin, channel, letters } = rule;
  const client = new Redis(broker.port, broker.host);
  context.after(() => client.disconnect());
  const read = () => client.xreadgroup('GROUP', 'g', 'a', 'BLOCK', 20_000, 'STREAMS', channel, '>');
  for (let delivery = 1; delivery <= 2; delivery++) {
    assert.deepEqual(await read(), [[channel, [['1-0', ['number', '1']]]]]);
    assert.equal(await client.xnack(channel, 'g', 'FAIL', 'IDS', 1, '1-0', 'REASON', 'no such account'), 1);
  }
  await letterOf(admin, rule, { 'dlq.reason': 'max-deliveries', 'dlq.detail': 'no such account', 'dlq.deliveries': '2', number: '1' });

  const [[letter]] = await client.xrange(letters, '-', '+');
  const done = await client
    .multi()
    .call('XNACK', channel, 'g', 'SILENT', 'IDS', 1, '1-0', 'RETRYCOUNT', 0, 'FORCE')
    .xdel(letters, letter)
    .exec();
  assert.deepEqual(done, [[null, 1], [null, 1]]);
  assert.deepEqual(await read(), [[channel, [['1-0', ['number', '1']]]]]);
  assert.equal(await client.xack(channel, 'g', '1-0'), 1);
  assert.equal(await client.xlen(letters), 0);
});
