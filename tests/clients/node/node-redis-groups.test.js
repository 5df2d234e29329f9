// node-redis: the commands of consumer groups, and what it makes of their replies.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from 'redis';
import { administrator, broker, eventually, hasStreamsOfRedis8, uniqueName } from './broker.js';

/** A client, and a stream with the entries 1-0 to 5-0 and a group `g` that begins at the first. */
async function withGroup(context, RESP) {
  const stream = uniqueName(`node-redis-groups.${RESP}`);
  const client = createClient({ url: broker.url, RESP, name: stream });
  client.on('error', () => {});
  await client.connect();
  context.after(async () => {
    await client.del(stream);
    client.destroy();
  });
  assert.equal(await client.xGroupCreate(stream, 'g', '0', { MKSTREAM: true }), 'OK');
  for (let number = 1; number <= 5; number++) await client.xAdd(stream, `${number}-0`, { number: `${number}` });
  return { client, stream };
}

/** The entries that XREADGROUP gives of one stream. */
async function read(client, stream, consumer, { id = '>', ...options } = {}) {
  const found = await client.xReadGroup('g', consumer, { key: stream, id }, options);
  if (found === null) return [];
  assert.deepEqual(found.map(({ name }) => name), [stream]);
  return found[0].messages.map((message) => ({ ...message, message: { ...message.message } }));
}

const ids = (entries) => entries.map(({ id }) => id);
const plain = (reply) => JSON.parse(JSON.stringify(reply));

for (const RESP of [2, 3]) {
  test(`RESP${RESP}`, async (suite) => {
    await suite.test('groups and consumers are made and forgotten', async (context) => {
      const { client, stream } = await withGroup(context, RESP);
      await assert.rejects(client.xGroupCreate(stream, 'g', '$'), /^Error: BUSYGROUP/);
      await assert.rejects(client.xReadGroup('none', 'a', { key: stream, id: '>' }), /NOGROUP/);
      assert.equal(Number(await client.xGroupCreateConsumer(stream, 'g', 'a')), 1);
      assert.deepEqual(ids(await read(client, stream, 'a', { COUNT: 2 })), ['1-0', '2-0']);
      assert.equal(await client.xGroupDelConsumer(stream, 'g', 'a'), 2);
      assert.equal(await client.xGroupSetId(stream, 'g', '4-0'), 'OK');
      assert.deepEqual(ids(await read(client, stream, 'b')), ['5-0']);
      assert.equal(Number(await client.xGroupDestroy(stream, 'g')), 1);
    });

    await suite.test('entries are pending until they are acknowledged', async (context) => {
      const { client, stream } = await withGroup(context, RESP);
      assert.deepEqual(plain(await client.xPending(stream, 'g')), { pending: 0, firstId: null, lastId: null, consumers: null });
      assert.deepEqual(await read(client, stream, 'a', { COUNT: 2 }), [
        { id: '1-0', message: { number: '1' } },
        { id: '2-0', message: { number: '2' } },
      ]);
      await read(client, stream, 'b');
      assert.deepEqual(await read(client, stream, 'a'), []);
      assert.deepEqual(ids(await read(client, stream, 'a', { id: '0' })), ['1-0', '2-0']);
      assert.equal(await client.xAck(stream, 'g', ['1-0', '4-0', '9-9']), 2);
      assert.deepEqual(plain(await client.xPending(stream, 'g')), {
        pending: 3,
        firstId: '2-0',
        lastId: '5-0',
        consumers: [{ name: 'a', deliveriesCounter: 1 }, { name: 'b', deliveriesCounter: 2 }],
      });
      const details = await client.xPendingRange(stream, 'g', '-', '+', 10);
      assert(details.every(({ millisecondsSinceLastDelivery }) => millisecondsSinceLastDelivery >= 0));
      assert.deepEqual(details.map(({ id, consumer, deliveriesCounter }) => [id, consumer, deliveriesCounter]), [
        ['2-0', 'a', 2],
        ['3-0', 'b', 1],
        ['5-0', 'b', 1],
      ]);
      assert.deepEqual(ids(await client.xPendingRange(stream, 'g', '(3-0', '+', 10, { consumer: 'b' })), ['5-0']);
      assert.deepEqual(await client.xPendingRange(stream, 'g', '-', '+', 10, { IDLE: 3_600_000 }), []);
    });

    await suite.test('what another consumer had is claimed', async (context) => {
      const { client, stream } = await withGroup(context, RESP);
      await read(client, stream, 'dead');
      await client.xDel(stream, '2-0');
      assert.deepEqual(plain(await client.xClaim(stream, 'g', 'a', 0, ['1-0', '9-9'])), [{ id: '1-0', message: { number: '1' } }]);
      assert.deepEqual(await client.xClaimJustId(stream, 'g', 'a', 0, '1-0'), ['1-0']);
      assert.deepEqual(await client.xClaim(stream, 'g', 'b', 3_600_000, '1-0'), []);
      assert.deepEqual(plain(await client.xAutoClaim(stream, 'g', 'b', 0, '2-0', { COUNT: 2 })), {
        nextId: '4-0',
        messages: [{ id: '3-0', message: { number: '3' } }],
        deletedMessages: ['2-0'],
      });
      assert.deepEqual(plain(await client.xAutoClaimJustId(stream, 'g', 'b', 0, '0')), {
        nextId: '0-0',
        messages: ['1-0', '3-0', '4-0', '5-0'],
        deletedMessages: [],
      });
    });

    await suite.test('streams, groups and consumers are described', async (context) => {
      const { client, stream } = await withGroup(context, RESP);
      await read(client, stream, 'a', { COUNT: 2 });
      await client.xAck(stream, 'g', '1-0');
      assert.deepEqual(plain(await client.xInfoGroups(stream)), [
        { name: 'g', consumers: 1, pending: 1, 'last-delivered-id': '2-0', 'entries-read': 2, lag: 3 },
      ]);
      const [{ idle, name, pending }, ...others] = await client.xInfoConsumers(stream, 'g');
      assert.deepEqual([name, pending, others], ['a', 1, []]);
      assert(idle >= 0);
      const described = plain(await client.xInfoStream(stream));
      assert.deepEqual([described.length, described.groups, described['last-generated-id']], [5, 1, '5-0']);
      assert.deepEqual(described['first-entry'], { id: '1-0', message: { number: '1' } });
      assert.deepEqual(described['last-entry'], { id: '5-0', message: { number: '5' } });
    });

    await suite.test('a consumer waits for an entry', async (context) => {
      const { client, stream } = await withGroup(context, RESP);
      const admin = await administrator(context);
      await read(client, stream, 'a');
      const waiting = read(client, stream, 'b', { BLOCK: 0 });
      await eventually('the consumer waits', async () =>
        (await admin.clientList()).some((each) => each.name === stream && each.flags.includes('b')));
      await admin.xAdd(stream, '6-0', { number: '6' });
      assert.deepEqual(await waiting, [{ id: '6-0', message: { number: '6' } }]);
    });

    await suite.test('reading claims what is idle or was given back', async (context) => {
      const { client, stream } = await withGroup(context, RESP);
      if (!(await hasStreamsOfRedis8(client))) return context.skip('Redis has no XNACK and no XREADGROUP ... CLAIM');
      await read(client, stream, 'a', { COUNT: 2 });
      assert.equal(await client.xNack(stream, 'g', 'FAIL', '1-0'), 1);
      assert.equal(await client.xNack(stream, 'g', 'SILENT', ['2-0', '9-9']), 1);
      assert.deepEqual(
        plain(await client.xPendingRange(stream, 'g', '-', '+', 10)),
        [['1-0', 1], ['2-0', 0]].map(([id, deliveriesCounter]) => ({ id, consumer: '', millisecondsSinceLastDelivery: -1, deliveriesCounter })),
      );
      const entries = await read(client, stream, 'b', { CLAIM: 3_600_000, COUNT: 3 });
      assert.deepEqual(entries.map(({ id, deliveriesCounter }) => [id, deliveriesCounter]), [['1-0', 1], ['2-0', 0], ['3-0', 0]]);
      assert.equal(entries[2].millisElapsedFromDelivery, 0);
      assert.deepEqual(entries[0].message, { number: '1' });
    });

    await suite.test('entries are acknowledged and deleted at once', async (context) => {
      const { client, stream } = await withGroup(context, RESP);
      if (!(await hasStreamsOfRedis8(client))) return context.skip('Redis has no XACKDEL and no XDELEX');
      await client.xGroupCreate(stream, 'other', '0');
      await read(client, stream, 'a');
      assert.deepEqual(await client.xAckDel(stream, 'g', ['1-0', '9-9'], 'ACKED'), [2, -1]);
      assert.deepEqual(await client.xAckDel(stream, 'g', '2-0', 'DELREF'), [1]);
      assert.deepEqual(await client.xDelEx(stream, '3-0', 'ACKED'), [2]);
      assert.deepEqual(await client.xDelEx(stream, '3-0'), [1]);
      assert.deepEqual(ids(await client.xRange(stream, '-', '+')), ['1-0', '4-0', '5-0']);
    });
  });
}
