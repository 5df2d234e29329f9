import 'reflect-metadata';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, EventPattern, MessagePattern, Transport } from '@nestjs/microservices';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { Inbox, broker, soon, uniqueName } from './broker.js';

/** Applies Nest's decorators without a compiler: Node runs this file as it is. */
function decorate(type, methods, ...classDecorators) {
  for (const [method, decorator] of Object.entries(methods)) {
    decorator(type.prototype, method, Object.getOwnPropertyDescriptor(type.prototype, method));
  }
  for (const decorator of classDecorators) decorator(type);
  return type;
}

test('NestJS redis transport', async (context) => {
  const name = uniqueName('nestjs');
  const events = new Inbox();

  class Calculator {
    sum(numbers) {
      return numbers.reduce((a, b) => a + b, 0);
    }

    fail() {
      throw new Error('no result');
    }

    placed(order) {
      events.push(order);
    }
  }
  decorate(
    Calculator,
    {
      sum: MessagePattern(`${name}.sum`),
      fail: MessagePattern(`${name}.fail`),
      placed: EventPattern(`${name}.orders.*`),
    },
    Controller(),
  );
  class Application {}
  decorate(Application, {}, Module({ controllers: [Calculator] }));

  const options = { host: broker.host, port: broker.port };
  const service = await NestFactory.createMicroservice(Application, {
    transport: Transport.REDIS,
    options: { ...options, wildcards: true },
    logger: false,
  });
  await service.listen();
  const client = ClientProxyFactory.create({ transport: Transport.REDIS, options });
  await client.connect();
  context.after(async () => {
    await client.close();
    await service.close();
  });

  await context.test('a request is answered', async () => {
    assert.equal(await soon('the answer', firstValueFrom(client.send(`${name}.sum`, [1, 2, 39]))), 42);
  });

  await context.test('requests at the same time get their own answers', async () => {
    const answers = await soon(
      'all answers',
      Promise.all(Array.from({ length: 50 }, (_, i) => lastValueFrom(client.send(`${name}.sum`, [i, i]).pipe(toArray())))),
    );
    assert.deepEqual(answers, Array.from({ length: 50 }, (_, i) => [2 * i]));
  });

  await context.test('a failing handler fails the request', async () => {
    await assert.rejects(soon('the error', firstValueFrom(client.send(`${name}.fail`, ''))));
  });

  await context.test('an event reaches a wildcard handler', async () => {
    await firstValueFrom(client.emit(`${name}.orders.placed`, { id: 12345 }), { defaultValue: undefined });
    assert.deepEqual(await events.next(), [{ id: 12345 }]);
  });
});
