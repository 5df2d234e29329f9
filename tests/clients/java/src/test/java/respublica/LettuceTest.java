package respublica;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LettuceTest {
  private static final ClientResources RESOURCES = DefaultClientResources.create();

  @AfterAll
  static void stopThreads() {
    RESOURCES.shutdown(0, Broker.DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  /** A publisher and a subscriber of one protocol version; the subscriber's events in order. */
  private static final class Pair implements AutoCloseable {
    final String name = Broker.uniqueName("lettuce");
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final RedisClient client;
    final RedisCommands<String, String> publisher;
    final StatefulRedisPubSubConnection<String, String> subscriber;

    Pair(ProtocolVersion protocol) {
      client = client(protocol, name);
      publisher = client.connect().sync();
      subscriber = client.connectPubSub();
      subscriber.addListener(new Recorder(events));
    }

    void expect(String event) {
      assertEquals(event, Broker.next(events));
    }

    @Override
    public void close() {
      client.close();
    }
  }

  private static final class Recorder extends RedisPubSubAdapter<String, String> {
    private final BlockingQueue<String> events;

    Recorder(BlockingQueue<String> events) {
      this.events = events;
    }

    @Override
    public void message(String channel, String message) {
      events.add("message " + channel + " " + message);
    }

    @Override
    public void message(String pattern, String channel, String message) {
      events.add("pmessage " + pattern + " " + channel + " " + message);
    }

    @Override
    public void smessage(String channel, String message) {
      events.add("smessage " + channel + " " + message);
    }

    @Override
    public void unsubscribed(String channel, long count) {
      events.add("unsubscribe " + channel + " " + count);
    }
  }

  private static RedisClient client(ProtocolVersion protocol, String name) {
    RedisURI uri =
        RedisURI.builder()
            .withHost(Broker.address().getHost())
            .withPort(Broker.address().getPort())
            .withClientName(name)
            .withTimeout(Duration.ofSeconds(Broker.DEADLINE_SECONDS))
            .build();
    RedisClient client = RedisClient.create(RESOURCES, uri);
    client.setOptions(ClientOptions.builder().protocolVersion(protocol).build());
    return client;
  }

  @Test
  void connectsWithDefaultOptions() {
    try (RedisClient client = RedisClient.create(RESOURCES, "redis://" + Broker.address());
        StatefulRedisConnection<String, String> connection = client.connect()) {
      assertEquals("PONG", connection.sync().ping());
      assertTrue(connection.sync().info().contains("redis_version:"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void subscriberHearsChannelsPatternsAndShardChannels(ProtocolVersion protocol) {
    try (Pair pair = new Pair(protocol)) {
      String name = pair.name;
      pair.subscriber.sync().subscribe(name + ".a", name + ".b");
      pair.subscriber.sync().psubscribe(name + ".h[ae]llo");
      pair.subscriber.sync().ssubscribe(name + ".s");

      assertEquals(1, pair.publisher.publish(name + ".b", "hello"));
      pair.expect("message " + name + ".b hello");
      assertEquals(1, pair.publisher.publish(name + ".hallo", "yes"));
      pair.expect("pmessage " + name + ".h[ae]llo " + name + ".hallo yes");
      assertEquals(0, pair.publisher.publish(name + ".hillo", "no"));
      assertEquals(0, pair.publisher.publish(name + ".s", "not for shards"));
      assertEquals(1, pair.publisher.spublish(name + ".s", "for shards"));
      pair.expect("smessage " + name + ".s for shards");

      pair.subscriber.sync().unsubscribe(name + ".a");
      pair.expect("unsubscribe " + name + ".a 2");
      assertEquals(0, pair.publisher.publish(name + ".a", "too late"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void payloadsAndNamesAreBytes(ProtocolVersion protocol) {
    String name = Broker.uniqueName("lettuce.bytes");
    byte[] channel = (name + "\r\n\0\u00ff").getBytes(StandardCharsets.ISO_8859_1);
    BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    try (RedisClient client = client(protocol, name)) {
      RedisCommands<byte[], byte[]> publisher = client.connect(ByteArrayCodec.INSTANCE).sync();
      StatefulRedisPubSubConnection<byte[], byte[]> subscriber = client.connectPubSub(ByteArrayCodec.INSTANCE);
      subscriber.addListener(
          new RedisPubSubAdapter<>() {
            @Override
            public void message(byte[] heardOn, byte[] message) {
              received.add(heardOn);
              received.add(message);
            }
          });
      subscriber.sync().subscribe(channel);
      for (Map.Entry<String, byte[]> payload : Broker.payloads().entrySet()) {
        assertEquals(1, publisher.publish(channel, payload.getValue()));
        assertArrayEquals(channel, Broker.next(received), payload.getKey());
        assertArrayEquals(payload.getValue(), Broker.next(received), payload.getKey());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void pingIsAnsweredWhileSubscribed(ProtocolVersion protocol) {
    try (Pair pair = new Pair(protocol)) {
      pair.subscriber.sync().subscribe(pair.name);
      // Over RESP2 the answer is the array [pong, ""], of which Lettuce returns the last element.
      assertEquals(protocol == ProtocolVersion.RESP2 ? "" : "PONG", pair.subscriber.sync().ping());
      pair.publisher.publish(pair.name, "still here");
      pair.expect("message " + pair.name + " still here");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void killedSubscriberComesBackWithAllItsSubscriptions(ProtocolVersion protocol) {
    try (Pair pair = new Pair(protocol)) {
      String name = pair.name;
      pair.subscriber.sync().subscribe(name + ".1", name + ".2");
      pair.subscriber.sync().psubscribe(name + ".p*");
      pair.subscriber.sync().ssubscribe(name + ".s");
      Broker.killSubscriber(name);
      for (String channel : List.of(name + ".1", name + ".2", name + ".patterned")) {
        Broker.eventually(channel + " has its subscriber again", () -> pair.publisher.publish(channel, "back") == 1);
        String event = Broker.next(pair.events);
        assertTrue(event.endsWith(channel + " back"), event);
      }
      Broker.eventually("the shard channel too", () -> pair.publisher.spublish(name + ".s", "back") == 1);
      pair.expect("smessage " + name + ".s back");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void publishWorksInPipelinesAndTransactions(ProtocolVersion protocol) {
    try (Pair pair = new Pair(protocol)) {
      pair.subscriber.sync().subscribe(pair.name);

      StatefulRedisConnection<String, String> connection = pair.publisher.getStatefulConnection();
      connection.setAutoFlushCommands(false);
      RedisFuture<Long> first = connection.async().publish(pair.name, "1");
      RedisFuture<Long> second = connection.async().publish(pair.name, "2");
      connection.flushCommands();
      assertTrue(LettuceFutures.awaitAll(Duration.ofSeconds(Broker.DEADLINE_SECONDS), first, second));
      connection.setAutoFlushCommands(true);

      pair.publisher.multi();
      pair.publisher.publish(pair.name, "3");
      pair.publisher.publish(pair.name, "4");
      TransactionResult result = pair.publisher.exec();
      assertEquals(List.of(1L, 1L), result.stream().toList());

      for (int i = 1; i <= 4; i++) {
        pair.expect("message " + pair.name + " " + i);
      }
    }
  }
}
