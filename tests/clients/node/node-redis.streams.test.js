import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from 'redis';
import { broker, uniqueName } from './broker.js';

for (const RESP of [2, 3]) {
  test(`a message of an idempotent producer is added once, RESP${RESP}`, async (context) => {
    const client = createClient({ url: broker.url, RESP });
    const stream = uniqueName('stream');
    await client.connect();
    context.after(() => client.del(stream).finally(() => client.destroy()));
    if (!/respublica_version/.test(await client.info('server'))) return context.skip('Redis 7 has no idempotent producers');
    const named = { IDMP: { pid: 'producer', iid: '1' } };
    const first = await client.xAdd(stream, '*', { f: 'v' }, named);
    assert.equal(await client.xAdd(stream, '*', { f: 'other' }, named), first);
    const content = { IDMPAUTO: { pid: 'producer' } };
    const [one, other] = await client.multi().xAdd(stream, '*', { a: '1', b: '2' }, content).xAdd(stream, '*', { b: '2', a: '1' }, content).exec();
    assert.equal(one, other);
    assert.equal(await client.xLen(stream), 2);
    const shown = await client.xInfoStream(stream);
    assert.deepEqual([shown['pids-tracked'], shown['iids-added'], shown['iids-duplicates']], [1, 2, 2]);
    assert.deepEqual({ ...shown['first-entry'].message }, { f: 'v' });
    assert.equal(await client.xCfgSet(stream, { IDMP_DURATION: 5, IDMP_MAXSIZE: 7 }), 'OK');
    assert.equal((await client.xInfoStream(stream))['idmp-maxsize'], 7);
    const read = await client.xRead([{ key: stream, id: '0' }], { MAXCOUNT: 1 });
    assert.equal(read[0].messages.length, 1);
  });
}
