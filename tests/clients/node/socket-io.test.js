import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { createAdapter, createShardedAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { Inbox, administrator, allBytes, broker, event, eventually, killSubscriber, uniqueName } from './broker.js';

const prefix = () => uniqueName('socket.io');

/** Each row is one way to plug Socket.IO into the broker: who connects, and which adapter speaks through it. */
const adapters = {
  'node-redis, channels': {
    connect: connectNodeRedis,
    adapter: (publisher, subscriber, key) => createAdapter(publisher, subscriber, { key }),
  },
  'node-redis, shard channels': {
    connect: connectNodeRedis,
    adapter: (publisher, subscriber, key) => createShardedAdapter(publisher, subscriber, { channelPrefix: key }),
  },
  'ioredis, channels': {
    connect: connectIoredis,
    adapter: (publisher, subscriber, key) => createAdapter(publisher, subscriber, { key }),
  },
  'ioredis, shard channels': {
    connect: connectIoredis,
    adapter: (publisher, subscriber, key) => createShardedAdapter(publisher, subscriber, { channelPrefix: key }),
  },
};

async function connectNodeRedis(name) {
  const client = createClient({ url: broker.url, name });
  client.on('error', () => {});
  await client.connect();
  return { client, close: () => client.close() };
}

async function connectIoredis(name) {
  const client = new Redis({ ...broker, connectionName: name });
  client.on('error', () => {});
  await event(client, 'ready');
  return { client, close: () => client.quit() };
}

/** A Socket.IO server of its own port, with its own two connections to the broker. */
async function socketServer(context, { connect, adapter }, key, name) {
  const http = createServer();
  const publisher = await connect();
  const subscriber = await connect(name);
  const server = new Server(http, { adapter: adapter(publisher.client, subscriber.client, key) });
  http.listen(0, '127.0.0.1');
  await event(http, 'listening');
  context.after(async () => {
    await server.close();
    await publisher.close();
    await subscriber.close();
  });
  return { server, url: `http://127.0.0.1:${http.address().port}` };
}

async function browser(context, { url }) {
  const socket = io(url, { transports: ['websocket'], reconnection: false });
  context.after(() => socket.close());
  await event(socket, 'connect');
  return socket;
}

for (const [what, kind] of Object.entries(adapters)) {
  test(`Socket.IO over ${what}`, async (context) => {
    const key = prefix();
    const names = [prefix(), prefix()];
    const one = await socketServer(context, kind, key, names[0]);
    const other = await socketServer(context, kind, key, names[1]);
    await eventually('each server knows of the other', async () => (await one.server.of('/').adapter.serverCount()) === 2);
    const atOne = await browser(context, one);
    const atOther = await browser(context, other);

    const heard = { one: new Inbox(), other: new Inbox() };
    atOne.on('news', heard.one.push);
    atOther.on('news', heard.other.push);

    await context.test('a broadcast reaches the clients of every server', async () => {
      one.server.emit('news', 'to all', allBytes);
      for (const inbox of Object.values(heard)) {
        const [text, bytes] = await inbox.next();
        assert.equal(text, 'to all');
        assert(allBytes.equals(Buffer.from(bytes)));
      }
    });

    await context.test('a room spans servers', async () => {
      await other.server.in(atOne.id).socketsJoin('room');
      await eventually('the client of the first server is in the room', async () => {
        const sockets = await other.server.in('room').fetchSockets();
        return sockets.length === 1 && sockets[0].id === atOne.id;
      });
      other.server.to('room').emit('news', 'to the room');
      assert.deepEqual(await heard.one.next(), ['to the room']);
      assert(heard.other.isEmpty);
    });

    await context.test('a broadcast collects acknowledgements from every server', async () => {
      atOne.on('question', (answer) => answer('one'));
      atOther.on('question', (answer) => answer('other'));
      const answers = await one.server.timeout(5_000).emitWithAck('question');
      assert.deepEqual(answers.sort(), ['one', 'other']);
    });

    await context.test('a broadcast arrives again after the connection to the broker was killed', async () => {
      const admin = await administrator(context);
      await killSubscriber(admin, names[1]);
      await eventually('each server knows of the other again', async () => {
        try {
          const sockets = await one.server.fetchSockets();
          return sockets.length === 2;
        } catch {
          return false; // the other server did not answer in time: it is still reconnecting
        }
      });
      one.server.emit('news', 'back');
      assert.deepEqual(await heard.other.next(), ['back']);
    });
  });
}
