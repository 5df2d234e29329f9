package respublica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.domain.Range;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.connection.stream.Consumer;
import org.springframework.data.redis.connection.stream.MapRecord;
import org.springframework.data.redis.connection.stream.PendingMessages;
import org.springframework.data.redis.connection.stream.PendingMessagesSummary;
import org.springframework.data.redis.connection.stream.ReadOffset;
import org.springframework.data.redis.connection.stream.StreamInfo;
import org.springframework.data.redis.connection.stream.StreamOffset;
import org.springframework.data.redis.core.StreamOperations;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.stream.StreamListener;
import org.springframework.data.redis.stream.StreamMessageListenerContainer;
import org.springframework.data.redis.stream.StreamMessageListenerContainer.StreamMessageListenerContainerOptions;
import org.springframework.data.redis.stream.StreamMessageListenerContainer.StreamReadRequest;
import redis.clients.jedis.Jedis;

/** Spring Data Redis over Lettuce: listener containers of consumer groups, on channels with and without a rule. */
class SpringDataRedisTest {
  private static final String NO_RULE = "";
  private static final String WATCHED = "max-deliveries 4 ack-wait 30s redeliver yes";

  private final String channel = Broker.uniqueName("spring.group");
  private final String letters = channel + ".dlq";
  private final Jedis admin = new Jedis(Broker.address());
  private LettuceConnectionFactory connections;
  private StreamOperations<String, String, String> streams;
  private String rulesBefore;

  @BeforeEach
  void connect() {
    connections = new LettuceConnectionFactory(Broker.address().getHost(), Broker.address().getPort());
    connections.afterPropertiesSet();
    connections.start();
    streams = new StringRedisTemplate(connections).opsForStream();
  }

  @AfterEach
  void disconnect() {
    if (rulesBefore != null) {
      admin.configSet("durable", rulesBefore);
    }
    admin.del(channel, letters);
    admin.close();
    connections.destroy();
  }

  private void rule(String options) {
    if (options.equals(NO_RULE)) {
      return;
    }
    assumeTrue(admin.info("server").contains("respublica_version"), "Redis has no durable channels");
    rulesBefore = admin.configGet("durable").get("durable");
    admin.configSet("durable", channel + " " + options);
  }

  private void publishNumbers(int total) {
    for (int number = 0; number < total; number++) {
      streams.add(channel, Map.of("number", "" + number));
    }
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }

  private static List<String> take(BlockingQueue<String> received, int count) {
    List<String> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(Broker.next(received));
    }
    return taken;
  }

  /** A container with one consumer of the group. It goes on after what its listener throws; stopped when closed. */
  private AutoCloseable consumer(
      String stream, String group, String name, StreamListener<String, MapRecord<String, String, String>> listener) {
    var options =
        StreamMessageListenerContainerOptions.builder().pollTimeout(Duration.ofMillis(50)).batchSize(1).build();
    var container = StreamMessageListenerContainer.create(connections, options);
    container.register(
        StreamReadRequest.builder(StreamOffset.create(stream, ReadOffset.lastConsumed()))
            .consumer(Consumer.from(group, name))
            .autoAcknowledge(false)
            .cancelOnError(error -> false)
            .errorHandler(error -> {})
            .build(),
        listener);
    container.start();
    return container::stop;
  }

  /** A listener that acknowledges what it gets, except for the numbers that it refuses by an exception. */
  private StreamListener<String, MapRecord<String, String, String>> writingTo(
      BlockingQueue<String> received, String group, String... refused) {
    return message -> {
      String number = message.getValue().get("number");
      received.add(number);
      if (List.of(refused).contains(number)) {
        throw new IllegalStateException(number);
      }
      streams.acknowledge(group, message);
    };
  }

  /** Holds the first message back until every consumer has one, so that each has a part. */
  private static StreamListener<String, MapRecord<String, String, String>> goingOnAfter(
      CountDownLatch all,
      BlockingQueue<String> received,
      StreamListener<String, MapRecord<String, String, String>> listener) {
    return message -> {
      if (received.isEmpty()) {
        all.countDown();
        awaitAll(all);
      }
      listener.onMessage(message);
    };
  }

  private static void awaitAll(CountDownLatch all) {
    try {
      assertTrue(all.await(Broker.DEADLINE_SECONDS, TimeUnit.SECONDS), "a consumer got nothing");
    } catch (InterruptedException interrupted) {
      fail(interrupted);
    }
  }

  private void nothingPending(String stream, String group) {
    Broker.eventually("all is acknowledged", () -> streams.pending(stream, group).getTotalPendingMessages() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {NO_RULE, WATCHED})
  void consumerGetsAChannelInItsOrder(String options) throws Exception {
    rule(options);
    streams.createGroup(channel, ReadOffset.from("0"), "g");
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    try (AutoCloseable consumer = consumer(channel, "g", "a", writingTo(received, "g"))) {
      publishNumbers(100);
      assertEquals(numbers(0, 100), take(received, 100));
      nothingPending(channel, "g");
    }
    assertTrue(received.isEmpty());
    StreamInfo.XInfoGroup group = streams.groups(channel).get(0);
    assertEquals(List.of("g", 1L, 0L), List.of(group.groupName(), group.consumerCount(), group.pendingCount()));
    assertEquals("a", streams.consumers(channel, "g").get(0).consumerName());
    assertEquals(100, streams.info(channel).streamLength());
  }

  @ParameterizedTest
  @ValueSource(strings = {NO_RULE, WATCHED})
  void consumersOfAGroupShareAChannel(String options) throws Exception {
    rule(options);
    streams.createGroup(channel, ReadOffset.from("0"), "g");
    publishNumbers(100);
    BlockingQueue<String> byA = new LinkedBlockingQueue<>();
    BlockingQueue<String> byB = new LinkedBlockingQueue<>();
    CountDownLatch both = new CountDownLatch(2);
    try (AutoCloseable a = consumer(channel, "g", "a", goingOnAfter(both, byA, writingTo(byA, "g")));
        AutoCloseable b = consumer(channel, "g", "b", goingOnAfter(both, byB, writingTo(byB, "g")))) {
      Broker.eventually("all have come", () -> byA.size() + byB.size() >= 100);
      nothingPending(channel, "g");
    }
    List<Integer> all = new ArrayList<>();
    byA.forEach(number -> all.add(Integer.valueOf(number)));
    byB.forEach(number -> all.add(Integer.valueOf(number)));
    assertEquals(IntStream.range(0, 100).boxed().toList(), all.stream().sorted().toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {NO_RULE, WATCHED})
  void whatAListenerRefusesStaysPendingAndIsClaimed(String options) throws Exception {
    rule(options);
    streams.createGroup(channel, ReadOffset.from("0"), "g");
    publishNumbers(4);
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    try (AutoCloseable consumer = consumer(channel, "g", "a", writingTo(received, "g", "1", "2"))) {
      assertEquals(numbers(0, 4), take(received, 4));
      Broker.eventually("the others are done", () -> streams.pending(channel, "g").getTotalPendingMessages() == 2);
    }
    PendingMessagesSummary summary = streams.pending(channel, "g");
    assertEquals(Map.of("a", 2L), summary.getPendingMessagesPerConsumer());
    PendingMessages pending = streams.pending(channel, "g", Range.unbounded(), 10);
    assertEquals(List.of(1L, 1L), pending.stream().map(each -> each.getTotalDeliveryCount()).toList());
    var claimed =
        streams.claim(channel, "g", "b", Duration.ZERO, pending.get(0).getId(), pending.get(1).getId());
    assertEquals(numbers(1, 3), claimed.stream().map(each -> each.getValue().get("number")).toList());
    claimed.forEach(each -> streams.acknowledge("g", each));
    nothingPending(channel, "g");
  }

  /** The broker does both, with plain listeners. That of the dead letters gets the fields as they were. */
  @Test
  void whatAlwaysFailsIsRedeliveredAndBecomesADeadLetter() throws Exception {
    rule("max-deliveries 3 ack-wait 100ms redeliver yes dlq " + letters);
    streams.createGroup(channel, ReadOffset.from("0"), "g");
    streams.createGroup(letters, ReadOffset.from("0"), "graveyard");
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    BlockingQueue<String> dead = new LinkedBlockingQueue<>();
    try (AutoCloseable consumer = consumer(channel, "g", "a", writingTo(received, "g", "0"));
        AutoCloseable graveyard = consumer(letters, "graveyard", "a", writingTo(dead, "graveyard"))) {
      publishNumbers(1);
      assertEquals("0", Broker.next(dead));
      nothingPending(letters, "graveyard");
    }
    assertEquals(List.of("0", "0", "0"), List.copyOf(received));
    nothingPending(channel, "g");
    Map<String, String> letter = streams.range(letters, Range.unbounded()).get(0).getValue();
    assertEquals("max-deliveries", letter.get("dlq.reason"));
    assertEquals(channel, letter.get("dlq.channel"));
    assertEquals("3", letter.get("dlq.deliveries"));
  }
}
