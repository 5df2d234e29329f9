import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from 'redis';
import { Inbox, administrator, broker, event, eventually, killSubscriber, payloads, subscribedConnections, uniqueName } from './broker.js';

/** Two connections, a publisher and a subscriber, of one protocol version. */
async function pair(context, RESP, options = {}) {
  const name = uniqueName(`node-redis.${RESP}`);
  const publisher = createClient({ url: broker.url, RESP });
  const subscriber = createClient({ url: broker.url, RESP, name, ...options });
  for (const client of [publisher, subscriber]) {
    client.on('error', () => {});
    await client.connect();
    context.after(() => client.destroy());
  }
  return { name, publisher, subscriber };
}

test('connects with default options', async (context) => {
  const client = createClient({ url: broker.url });
  context.after(() => client.destroy());
  await client.connect();
  assert.equal(await client.ping(), 'PONG');
  assert.equal(await client.echo('hello'), 'hello');
  assert.match(await client.info('server'), /redis_version:/);
});

for (const RESP of [2, 3]) {
  test(`RESP${RESP}`, async (suite) => {
    await suite.test('a subscriber hears what is published', async (context) => {
      const { name, publisher, subscriber } = await pair(context, RESP);
      const inbox = new Inbox();
      await subscriber.subscribe([`${name}.a`, `${name}.b`], inbox.push);
      assert.equal(await publisher.publish(`${name}.b`, 'hello'), 1);
      assert.deepEqual(await inbox.next(), ['hello', `${name}.b`]);
      assert.equal(await publisher.publish(`${name}.nobody`, 'hello'), 0);
    });

    await suite.test('a pattern subscriber hears matching channels', async (context) => {
      const { name, publisher, subscriber } = await pair(context, RESP);
      const inbox = new Inbox();
      await subscriber.pSubscribe(`${name}.h[ae]llo.*`, inbox.push);
      assert.equal(await publisher.publish(`${name}.hillo.1`, 'no'), 0);
      assert.equal(await publisher.publish(`${name}.hallo.1`, 'yes'), 1);
      assert.deepEqual(await inbox.next(), ['yes', `${name}.hallo.1`]);
    });

    await suite.test('a shard subscriber hears only SPUBLISH', async (context) => {
      const { name, publisher, subscriber } = await pair(context, RESP);
      const inbox = new Inbox();
      await subscriber.sSubscribe(name, inbox.push);
      assert.equal(await publisher.publish(name, 'not for shards'), 0);
      assert.equal(await publisher.sPublish(name, 'for shards'), 1);
      assert.deepEqual(await inbox.next(), ['for shards', name]);
      assert.deepEqual({ ...(await publisher.pubSubShardNumSub(name)) }, { [name]: 1 });
      await subscriber.sUnsubscribe(name);
      assert.equal(await publisher.sPublish(name, 'too late'), 0);
    });

    await suite.test('payloads and names are bytes', async (context) => {
      const { name, publisher, subscriber } = await pair(context, RESP);
      const channel = Buffer.concat([Buffer.from(name), Buffer.from('\r\n\0'), Buffer.from([0xff])]);
      const inbox = new Inbox();
      // node-redis keeps channel names as strings, so a pattern listens to the one that is not valid UTF-8.
      await subscriber.pSubscribe(`${name}*`, inbox.push, true);
      for (const [what, payload] of Object.entries(payloads)) {
        assert.equal(await publisher.publish(channel, payload), 1);
        const [message, heardOn] = await inbox.next();
        assert(payload.equals(message), what);
        assert(channel.equals(heardOn), what);
      }
    });

    await suite.test('unsubscribing from everything ends subscribed mode', async (context) => {
      const { name, publisher, subscriber } = await pair(context, RESP);
      const inbox = new Inbox();
      await subscriber.subscribe([`${name}.a`, `${name}.b`], inbox.push);
      await subscriber.pSubscribe(`${name}.p*`, inbox.push);
      await subscriber.sSubscribe(`${name}.s`, inbox.push);
      await subscriber.unsubscribe();
      assert.equal(await publisher.publish(`${name}.a`, 'x'), 0);
      assert.equal(await publisher.publish(`${name}.patterned`, 'still'), 1);
      assert.deepEqual(await inbox.next(), ['still', `${name}.patterned`]);
      await subscriber.pUnsubscribe();
      await subscriber.sUnsubscribe();
      assert.equal(String(await subscriber.echo('ordinary commands work')), 'ordinary commands work');
      assert(inbox.isEmpty);
    });

    await suite.test('PING is answered while subscribed', async (context) => {
      const { name, subscriber } = await pair(context, RESP);
      await subscriber.subscribe(name, () => {});
      const answer = await subscriber.ping('are you there?');
      assert.equal(String(Array.isArray(answer) ? answer[1] : answer), 'are you there?');
    });

    await suite.test('health checks keep an idle subscription', async (context) => {
      const { name, publisher, subscriber } = await pair(context, RESP, { pingInterval: 50 });
      const admin = await administrator(context);
      const inbox = new Inbox();
      await subscriber.subscribe(name, inbox.push);
      const [before] = await subscribedConnections(admin, name);
      await eventually('the client pings by itself', async () => (await subscribedConnections(admin, name))[0].cmd === 'ping');
      assert.equal(await publisher.publish(name, 'still here'), 1);
      assert.deepEqual(await inbox.next(), ['still here', name]);
      assert.equal((await subscribedConnections(admin, name))[0].id, before.id);
    });

    await suite.test('a killed subscriber comes back with all its subscriptions', async (context) => {
      const { name, publisher, subscriber } = await pair(context, RESP);
      const admin = await administrator(context);
      const inbox = new Inbox();
      await subscriber.subscribe([`${name}.1`, `${name}.2`], inbox.push);
      await subscriber.pSubscribe(`${name}.p*`, inbox.push);
      await subscriber.sSubscribe(`${name}.s`, inbox.push);

      const ready = event(subscriber, 'ready');
      await killSubscriber(admin, name);
      await ready;
      for (const channel of [`${name}.1`, `${name}.2`, `${name}.patterned`]) {
        await eventually(`${channel} has its subscriber again`, async () => (await publisher.publish(channel, 'back')) === 1);
        assert.deepEqual(await inbox.next(), ['back', channel]);
      }
      await eventually('the shard channel too', async () => (await publisher.sPublish(`${name}.s`, 'back')) === 1);
      assert.deepEqual(await inbox.next(), ['back', `${name}.s`]);
    });

    await suite.test('PUBLISH works in MULTI and in a pipeline', async (context) => {
      const { name, publisher, subscriber } = await pair(context, RESP);
      const inbox = new Inbox();
      await subscriber.subscribe(name, inbox.push);
      assert.deepEqual(await publisher.multi().publish(name, '1').ping().publish(name, '2').exec(), [1, 'PONG', 1]);
      assert.deepEqual(await publisher.multi().publish(name, '3').publish(name, '4').execAsPipeline(), [1, 1]);
      for (const want of ['1', '2', '3', '4']) assert.deepEqual(await inbox.next(), [want, name]);
    });
  });
}

test('over RESP3 one connection subscribes and publishes to itself', async (context) => {
  const { name, subscriber } = await pair(context, 3);
  const inbox = new Inbox();
  await subscriber.subscribe(name, inbox.push);
  assert.equal(await subscriber.publish(name, 'to myself'), 1);
  assert.deepEqual(await inbox.next(), ['to myself', name]);
});
