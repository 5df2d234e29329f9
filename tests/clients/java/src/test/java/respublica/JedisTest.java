package respublica;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.BinaryJedisPubSub;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.JedisShardedPubSub;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.exceptions.JedisConnectionException;

class JedisTest {
  /** Writes down every call of a listener, so that a test can wait for the next one. */
  private static class Recorder extends JedisPubSub {
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @Override
    public void onSubscribe(String channel, int count) {
      events.add("subscribe " + channel + " " + count);
    }

    @Override
    public void onPSubscribe(String pattern, int count) {
      events.add("psubscribe " + pattern + " " + count);
    }

    @Override
    public void onUnsubscribe(String channel, int count) {
      events.add("unsubscribe " + channel + " " + count);
    }

    @Override
    public void onPUnsubscribe(String pattern, int count) {
      events.add("punsubscribe " + pattern + " " + count);
    }

    @Override
    public void onMessage(String channel, String message) {
      events.add("message " + channel + " " + message);
    }

    @Override
    public void onPMessage(String pattern, String channel, String message) {
      events.add("pmessage " + pattern + " " + channel + " " + message);
    }

    @Override
    public void onPong(String payload) {
      events.add("pong " + payload);
    }

    void expect(String event) {
      assertEquals(event, Broker.next(events));
    }
  }

  private static JedisClientConfig config(RedisProtocol protocol, String name) {
    return DefaultJedisClientConfig.builder().protocol(protocol).clientName(name).build();
  }

  private static Jedis connect(RedisProtocol protocol, String name) {
    return new Jedis(Broker.address(), config(protocol, name));
  }

  /** Runs the blocking loop of a subscription; the future ends with the loop. */
  private static CompletableFuture<Void> listen(Runnable loop) {
    return CompletableFuture.runAsync(loop, task -> {
      Thread thread = new Thread(task, "subscriber");
      thread.setDaemon(true);
      thread.start();
    });
  }

  private static void ended(CompletableFuture<Void> loop) throws Exception {
    loop.get(Broker.DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void connectsWithDefaultOptions() {
    try (RedisClient pooled = RedisClient.create(Broker.address());
        Jedis single = new Jedis(Broker.address())) {
      assertEquals("PONG", pooled.ping());
      assertEquals("PONG", single.ping());
      assertTrue(single.info().contains("redis_version:"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void subscriberHearsChannelsAndPatternsAndItsLoopEndsWithTheLastUnsubscribe(RedisProtocol protocol) throws Exception {
    String name = Broker.uniqueName("jedis.subscribe");
    Recorder recorder = new Recorder();
    try (Jedis subscriber = connect(protocol, name);
        Jedis publisher = connect(protocol, name + ".publisher")) {
      CompletableFuture<Void> loop = listen(() -> subscriber.subscribe(recorder, name + ".a", name + ".b"));
      recorder.expect("subscribe " + name + ".a 1");
      recorder.expect("subscribe " + name + ".b 2");
      recorder.psubscribe(name + ".h[ae]llo");
      recorder.expect("psubscribe " + name + ".h[ae]llo 3");

      assertEquals(1, publisher.publish(name + ".b", "hello"));
      recorder.expect("message " + name + ".b hello");
      assertEquals(1, publisher.publish(name + ".hallo", "yes"));
      recorder.expect("pmessage " + name + ".h[ae]llo " + name + ".hallo yes");
      assertEquals(0, publisher.publish(name + ".hillo", "no"));
      assertEquals(Map.of(name + ".a", 1L, name + ".x", 0L), publisher.pubsubNumSub(name + ".a", name + ".x"));

      recorder.unsubscribe(name + ".a");
      recorder.expect("unsubscribe " + name + ".a 2");
      recorder.unsubscribe();
      recorder.expect("unsubscribe " + name + ".b 1");
      recorder.punsubscribe();
      recorder.expect("punsubscribe " + name + ".h[ae]llo 0");
      ended(loop);
      assertEquals("PONG", subscriber.ping());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void shardSubscriberHearsOnlySpublish(RedisProtocol protocol) throws Exception {
    String name = Broker.uniqueName("jedis.shard");
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    JedisShardedPubSub listener =
        new JedisShardedPubSub() {
          @Override
          public void onSSubscribe(String channel, int count) {
            events.add("ssubscribe " + count);
          }

          @Override
          public void onSMessage(String channel, String message) {
            events.add("smessage " + channel + " " + message);
            sunsubscribe();
          }
        };
    try (Connection subscriber = new Connection(Broker.address(), config(protocol, name));
        Jedis publisher = connect(protocol, name + ".publisher")) {
      CompletableFuture<Void> loop = listen(() -> listener.proceed(subscriber, name));
      assertEquals("ssubscribe 1", Broker.next(events));
      assertEquals(0, publisher.publish(name, "not for shards"));
      assertEquals(1L, publisher.sendCommand(() -> "SPUBLISH".getBytes(StandardCharsets.US_ASCII), name, "for shards"));
      assertEquals("smessage " + name + " for shards", Broker.next(events));
      ended(loop);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void payloadsAndNamesAreBytes(RedisProtocol protocol) throws Exception {
    String name = Broker.uniqueName("jedis.bytes");
    byte[] channel = (name + "\r\n\0\u00ff").getBytes(StandardCharsets.ISO_8859_1);
    BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    BinaryJedisPubSub listener =
        new BinaryJedisPubSub() {
          @Override
          public void onSubscribe(byte[] subscribed, int count) {
            received.add(subscribed);
          }

          @Override
          public void onMessage(byte[] heardOn, byte[] message) {
            received.add(heardOn);
            received.add(message);
          }
        };
    try (Jedis subscriber = connect(protocol, name);
        Jedis publisher = connect(protocol, name + ".publisher")) {
      CompletableFuture<Void> loop = listen(() -> subscriber.subscribe(listener, channel));
      assertArrayEquals(channel, Broker.next(received));
      for (Map.Entry<String, byte[]> payload : Broker.payloads().entrySet()) {
        assertEquals(1, publisher.publish(channel, payload.getValue()));
        assertArrayEquals(channel, Broker.next(received), payload.getKey());
        assertArrayEquals(payload.getValue(), Broker.next(received), payload.getKey());
      }
      listener.unsubscribe();
      ended(loop);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void pingIsAnsweredWhileSubscribed(RedisProtocol protocol) throws Exception {
    String name = Broker.uniqueName("jedis.ping");
    // Pings from the loop's own thread: Jedis sends the PING before it notes whom the RESP3 pong is for, so that from
    // another thread a fast pong ends its loop.
    Recorder recorder =
        new Recorder() {
          @Override
          public void onSubscribe(String channel, int count) {
            super.onSubscribe(channel, count);
            if (protocol == RedisProtocol.RESP2) { // over RESP3 the loop knows the pong without a payload only
              ping("are you there?");
            }
            ping();
          }
        };
    try (Jedis subscriber = connect(protocol, name)) {
      CompletableFuture<Void> loop = listen(() -> subscriber.subscribe(recorder, name));
      recorder.expect("subscribe " + name + " 1");
      if (protocol == RedisProtocol.RESP2) {
        recorder.expect("pong are you there?");
      }
      recorder.expect(protocol == RedisProtocol.RESP2 ? "pong " : "pong null");
      recorder.unsubscribe();
      ended(loop);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void killedSubscriberIsToldAndCanSubscribeAgain(RedisProtocol protocol) throws Exception {
    String name = Broker.uniqueName("jedis.killed");
    Recorder recorder = new Recorder();
    try (Jedis publisher = connect(protocol, name + ".publisher")) {
      CompletableFuture<Void> loop = listen(() -> {
        try (Jedis subscriber = connect(protocol, name)) {
          subscriber.subscribe(recorder, name);
        }
      });
      recorder.expect("subscribe " + name + " 1");
      Broker.killSubscriber(name);
      ExecutionException lost = assertThrows(ExecutionException.class, () -> ended(loop));
      assertEquals(JedisConnectionException.class, lost.getCause().getClass());

      Recorder again = new Recorder();
      try (Jedis subscriber = connect(protocol, name)) {
        CompletableFuture<Void> secondLoop = listen(() -> subscriber.subscribe(again, name));
        again.expect("subscribe " + name + " 1");
        assertEquals(1, publisher.publish(name, "back"));
        again.expect("message " + name + " back");
        again.unsubscribe();
        ended(secondLoop);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void publishWorksInPipelinesAndTransactions(RedisProtocol protocol) throws Exception {
    String name = Broker.uniqueName("jedis.batch");
    Recorder recorder = new Recorder();
    try (Jedis subscriber = connect(protocol, name);
        Jedis publisher = connect(protocol, name + ".publisher")) {
      CompletableFuture<Void> loop = listen(() -> subscriber.subscribe(recorder, name));
      recorder.expect("subscribe " + name + " 1");

      Pipeline pipeline = publisher.pipelined();
      Response<Long> first = pipeline.publish(name, "1");
      Response<Long> second = pipeline.publish(name, "2");
      pipeline.sync();
      assertEquals(List.of(1L, 1L), List.of(first.get(), second.get()));

      Transaction transaction = publisher.multi();
      transaction.publish(name, "3");
      transaction.publish(name, "4");
      assertEquals(List.of(1L, 1L), transaction.exec());

      for (int i = 1; i <= 4; i++) {
        recorder.expect("message " + name + " " + i);
      }
      recorder.unsubscribe();
      ended(loop);
    }
  }
}
