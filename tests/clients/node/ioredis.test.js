import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import { Inbox, administrator, broker, event, eventually, killSubscriber, payloads, soon, subscribedConnections, uniqueName } from './broker.js';

/** Two connections, a publisher and a subscriber, of one protocol version. */
async function pair(context, protocol) {
  const name = uniqueName(`ioredis.${protocol}`);
  const publisher = new Redis({ ...broker, protocol });
  const subscriber = new Redis({ ...broker, protocol, connectionName: name });
  for (const client of [publisher, subscriber]) {
    client.on('error', () => {});
    context.after(() => client.disconnect());
    if (client.status !== 'ready') await event(client, 'ready');
  }
  return { name, publisher, subscriber };
}

test('connects with default options', async (context) => {
  const client = new Redis(broker.port, broker.host);
  context.after(() => client.disconnect());
  assert.equal(await client.ping(), 'PONG');
  assert.match(await client.info(), /redis_version:/);
});

for (const protocol of [2, 3]) {
  test(`RESP${protocol}`, async (suite) => {
    await suite.test('a subscriber hears what is published', async (context) => {
      const { name, publisher, subscriber } = await pair(context, protocol);
      const inbox = new Inbox();
      subscriber.on('message', inbox.push);
      assert.equal(await subscriber.subscribe(`${name}.a`, `${name}.b`), 2);
      assert.equal(await publisher.publish(`${name}.b`, 'hello'), 1);
      assert.deepEqual(await inbox.next(), [`${name}.b`, 'hello']);
      assert.equal(await publisher.publish(`${name}.nobody`, 'hello'), 0);
    });

    await suite.test('a pattern subscriber hears matching channels', async (context) => {
      const { name, publisher, subscriber } = await pair(context, protocol);
      const inbox = new Inbox();
      subscriber.on('pmessage', inbox.push);
      assert.equal(await subscriber.psubscribe(`${name}.h[ae]llo.*`), 1);
      assert.equal(await publisher.publish(`${name}.hillo.1`, 'no'), 0);
      assert.equal(await publisher.publish(`${name}.hallo.1`, 'yes'), 1);
      assert.deepEqual(await inbox.next(), [`${name}.h[ae]llo.*`, `${name}.hallo.1`, 'yes']);
    });

    await suite.test('a shard subscriber hears only SPUBLISH', async (context) => {
      const { name, publisher, subscriber } = await pair(context, protocol);
      const inbox = new Inbox();
      subscriber.on('smessage', inbox.push);
      assert.equal(await subscriber.ssubscribe(name), 1);
      assert.equal(await publisher.publish(name, 'not for shards'), 0);
      assert.equal(await publisher.spublish(name, 'for shards'), 1);
      assert.deepEqual(await inbox.next(), [name, 'for shards']);
      assert.deepEqual(await publisher.pubsub('SHARDNUMSUB', name), [name, 1]);
    });

    await suite.test('payloads and names are bytes', async (context) => {
      const { name, publisher, subscriber } = await pair(context, protocol);
      const channel = Buffer.concat([Buffer.from(name), Buffer.from('\r\n\0'), Buffer.from([0xff])]);
      const inbox = new Inbox();
      subscriber.on('messageBuffer', inbox.push);
      await subscriber.subscribe(channel);
      for (const [what, payload] of Object.entries(payloads)) {
        assert.equal(await publisher.publish(channel, payload), 1);
        const [heardOn, message] = await inbox.next();
        assert(payload.equals(message), what);
        assert(channel.equals(heardOn), what);
      }
    });

    await suite.test('unsubscribing from everything ends subscribed mode', async (context) => {
      const { name, publisher, subscriber } = await pair(context, protocol);
      await subscriber.subscribe(`${name}.a`, `${name}.b`);
      await subscriber.psubscribe(`${name}.p*`);
      assert.equal(await subscriber.unsubscribe(`${name}.a`), 2);
      assert.equal(await publisher.publish(`${name}.a`, 'x'), 0);
      // ioredis resolves an UNSUBSCRIBE without arguments when the count is 0, so the patterns go first.
      assert.equal(await subscriber.punsubscribe(`${name}.p*`), 1);
      assert.equal(await subscriber.unsubscribe(), 0);
      assert.equal(await subscriber.echo('ordinary commands work again'), 'ordinary commands work again');
    });

    await suite.test('PING keeps an idle subscription', async (context) => {
      const { name, publisher, subscriber } = await pair(context, protocol);
      const admin = await administrator(context);
      const inbox = new Inbox();
      subscriber.on('message', inbox.push);
      await subscriber.subscribe(name);
      const [before] = await subscribedConnections(admin, name);
      for (let i = 0; i < 3; i++) {
        const pong = await soon('the pong', subscriber.ping());
        assert.equal(String(Array.isArray(pong) ? pong[0] : pong).toUpperCase(), 'PONG');
      }
      await publisher.publish(name, 'still here');
      assert.deepEqual(await inbox.next(), [name, 'still here']);
      assert.equal((await subscribedConnections(admin, name))[0].id, before.id);
    });

    await suite.test('a killed subscriber comes back with all its subscriptions', async (context) => {
      const { name, publisher, subscriber } = await pair(context, protocol);
      const admin = await administrator(context);
      const inbox = new Inbox();
      subscriber.on('message', inbox.push);
      subscriber.on('pmessage', (_pattern, channel, message) => inbox.push(channel, message));
      subscriber.on('smessage', inbox.push);
      await subscriber.subscribe(`${name}.1`, `${name}.2`);
      await subscriber.psubscribe(`${name}.p*`);
      await subscriber.ssubscribe(`${name}.s1`, `${name}.s2`);

      const ready = event(subscriber, 'ready');
      await killSubscriber(admin, name);
      await ready;
      for (const channel of [`${name}.1`, `${name}.2`, `${name}.patterned`]) {
        await eventually(`${channel} has its subscriber again`, async () => (await publisher.publish(channel, 'back')) === 1);
        assert.deepEqual(await inbox.next(), [channel, 'back']);
      }
      for (const channel of [`${name}.s1`, `${name}.s2`]) {
        await eventually(`${channel} has its subscriber again`, async () => (await publisher.spublish(channel, 'back')) === 1);
        assert.deepEqual(await inbox.next(), [channel, 'back']);
      }
    });

    await suite.test('PUBLISH works in MULTI and in a pipeline', async (context) => {
      const { name, publisher, subscriber } = await pair(context, protocol);
      const inbox = new Inbox();
      subscriber.on('message', inbox.push);
      await subscriber.subscribe(name);
      for (const batch of [publisher.multi(), publisher.pipeline()]) {
        assert.deepEqual(await batch.publish(name, '1').ping().publish(name, '2').exec(), [[null, 1], [null, 'PONG'], [null, 1]]);
        for (const want of ['1', '2']) assert.deepEqual(await inbox.next(), [name, want]);
      }
    });
  });
}

test('MONITOR shows what other connections publish', async (context) => {
  const { name, publisher } = await pair(context, 2);
  const monitor = await publisher.monitor();
  context.after(() => monitor.disconnect());
  const inbox = new Inbox();
  monitor.on('monitor', (_time, command) => {
    if (command[1] === name) inbox.push(command);
  });
  await publisher.publish(name, 'seen');
  const [command] = await inbox.next();
  assert.deepEqual(command, ['publish', name, 'seen']);
});
