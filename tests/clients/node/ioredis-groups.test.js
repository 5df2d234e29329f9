// ioredis: the commands of consumer groups. It gives replies as they are, so this shows their shape in both protocols.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import { administrator, broker, eventually, hasStreamsOfRedis8, uniqueName } from './broker.js';

/** A client, and a stream with the entries 1-0 to 5-0 and a group `g` that begins at the first. */
async function withGroup(context, protocol) {
  const stream = uniqueName(`ioredis-groups.${protocol}`);
  const client = new Redis({ ...broker, protocol, connectionName: stream });
  client.on('error', () => {});
  context.after(async () => {
    await client.del(stream);
    client.disconnect();
  });
  assert.equal(await client.xgroup('CREATE', stream, 'g', '0', 'MKSTREAM'), 'OK');
  for (let number = 1; number <= 5; number++) await client.xadd(stream, `${number}-0`, 'number', number);
  return { client, stream };
}

/** The entries that XREADGROUP gives of one stream. */
async function read(client, stream, consumer, id = '>', ...options) {
  const found = await client.xreadgroup('GROUP', 'g', consumer, ...options, 'STREAMS', stream, id);
  if (found === null) return [];
  const [[name, entries], ...others] = pairs(found);
  assert.deepEqual([name, others], [stream, []]);
  return entries;
}

/** A map of RESP3, or what stands for it in RESP2: pairs. */
const pairs = (reply) => (Array.isArray(reply) ? reply : Object.entries(reply));

/** A map of RESP3, or what stands for it in RESP2: names and values in turn. */
function fields(reply) {
  if (!Array.isArray(reply)) return { ...reply };
  return Object.fromEntries(reply.flatMap((name, at) => (at % 2 === 0 ? [[name, reply[at + 1]]] : [])));
}

const ids = (entries) => entries.map(([id]) => id);

for (const protocol of [2, 3]) {
  test(`RESP${protocol}`, async (suite) => {
    await suite.test('entries are pending until they are acknowledged', async (context) => {
      const { client, stream } = await withGroup(context, protocol);
      await assert.rejects(client.xgroup('CREATE', stream, 'g', '$'), /BUSYGROUP/);
      assert.deepEqual(await client.xpending(stream, 'g'), [0, null, null, null]);
      assert.deepEqual(await read(client, stream, 'a', '>', 'COUNT', 2), [['1-0', ['number', '1']], ['2-0', ['number', '2']]]);
      await read(client, stream, 'b');
      assert.deepEqual(await read(client, stream, 'a'), []);
      await client.xdel(stream, '2-0');
      assert.deepEqual(await read(client, stream, 'a', '0'), [['1-0', ['number', '1']], ['2-0', null]]);
      assert.equal(await client.xack(stream, 'g', '1-0', '4-0', '9-9'), 2);
      assert.deepEqual(await client.xpending(stream, 'g'), [3, '2-0', '5-0', [['a', '1'], ['b', '2']]]);
      const details = await client.xpending(stream, 'g', '-', '+', 10, 'b');
      assert(details.every(([, , idle]) => idle >= 0));
      assert.deepEqual(details.map(([id, consumer, , deliveries]) => [id, consumer, deliveries]), [['3-0', 'b', 1], ['5-0', 'b', 1]]);
    });

    await suite.test('what another consumer had is claimed', async (context) => {
      const { client, stream } = await withGroup(context, protocol);
      await read(client, stream, 'dead');
      await client.xdel(stream, '2-0');
      assert.deepEqual(await client.xclaim(stream, 'g', 'a', 0, '1-0', '9-9'), [['1-0', ['number', '1']]]);
      assert.deepEqual(await client.xautoclaim(stream, 'g', 'b', 0, '2-0', 'COUNT', 2), ['4-0', [['3-0', ['number', '3']]], ['2-0']]);
      assert.deepEqual(await client.xautoclaim(stream, 'g', 'b', 0, '0', 'JUSTID'), ['0-0', ['1-0', '3-0', '4-0', '5-0'], []]);
      assert.equal(await client.xgroup('DELCONSUMER', stream, 'g', 'b'), 4);
    });

    await suite.test('streams, groups and consumers are described', async (context) => {
      const { client, stream } = await withGroup(context, protocol);
      await read(client, stream, 'a', '>', 'COUNT', 2);
      const groups = (await client.xinfo('GROUPS', stream)).map(fields);
      assert.deepEqual(groups, [{ name: 'g', consumers: 1, pending: 2, 'last-delivered-id': '2-0', 'entries-read': 2, lag: 3 }]);
      const [consumer, ...others] = (await client.xinfo('CONSUMERS', stream, 'g')).map(fields);
      assert.deepEqual([consumer.name, consumer.pending, others], ['a', 2, []]);
      const full = fields(await client.xinfo('STREAM', stream, 'FULL'));
      assert.deepEqual([full.length, ids(full.entries).length], [5, 5]);
      const [group] = full.groups.map(fields);
      assert.deepEqual([group.name, group['pel-count'], ids(group.pending)], ['g', 2, ['1-0', '2-0']]);
      assert.deepEqual(ids(fields(group.consumers[0]).pending), ['1-0', '2-0']);
    });

    await suite.test('a consumer waits for an entry', async (context) => {
      const { client, stream } = await withGroup(context, protocol);
      const admin = await administrator(context);
      await read(client, stream, 'a');
      const waiting = read(client, stream, 'b', '>', 'BLOCK', 0);
      await eventually('the consumer waits', async () =>
        (await admin.clientList()).some((each) => each.name === stream && each.flags.includes('b')));
      await admin.xAdd(stream, '6-0', { number: '6' });
      assert.deepEqual(await waiting, [['6-0', ['number', '6']]]);
    });

    await suite.test('the commands of Redis 8', async (context) => {
      const { client, stream } = await withGroup(context, protocol);
      if (!(await hasStreamsOfRedis8(await administrator(context)))) return context.skip('Redis has no XNACK, XACKDEL, XDELEX');
      await read(client, stream, 'a');
      assert.equal(await client.xnack(stream, 'g', 'FAIL', 'IDS', 1, '1-0'), 1);
      const [[id, message, , deliveries], ...others] = await read(client, stream, 'b', '>', 'CLAIM', 3_600_000);
      assert.deepEqual([id, message, deliveries, others], ['1-0', ['number', '1'], 1, []]);
      assert.deepEqual(await client.call('XACKDEL', stream, 'g', 'IDS', 2, '1-0', '9-9'), [1, -1]);
      assert.deepEqual(await client.xdelex(stream, 'IDS', 2, '2-0', '9-9'), [1, -1]);
    });
  });
}
