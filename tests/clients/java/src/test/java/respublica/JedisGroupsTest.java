package respublica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static redis.clients.jedis.params.XAutoClaimParams.xAutoClaimParams;
import static redis.clients.jedis.params.XClaimParams.xClaimParams;
import static redis.clients.jedis.params.XPendingParams.xPendingParams;
import static redis.clients.jedis.params.XReadGroupParams.xReadGroupParams;
import static redis.clients.jedis.resps.StreamEntryDeletionResult.DELETED;
import static redis.clients.jedis.resps.StreamEntryDeletionResult.NOT_DELETED_UNACKNOWLEDGED_OR_STILL_REFERENCED;
import static redis.clients.jedis.resps.StreamEntryDeletionResult.NOT_FOUND;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.args.StreamDeletionPolicy;
import redis.clients.jedis.args.XNackMode;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.params.XReadGroupParams;
import redis.clients.jedis.resps.StreamConsumerInfo;
import redis.clients.jedis.resps.StreamEntry;
import redis.clients.jedis.resps.StreamFullInfo;
import redis.clients.jedis.resps.StreamGroupFullInfo;
import redis.clients.jedis.resps.StreamGroupInfo;
import redis.clients.jedis.resps.StreamInfo;
import redis.clients.jedis.resps.StreamPendingEntry;
import redis.clients.jedis.resps.StreamPendingSummary;

/** Jedis: the commands of consumer groups, and what it makes of their replies. */
class JedisGroupsTest {
  private static final long HOUR_MS = 3_600_000;

  /** A stream with the entries 1-0 to 5-0 and a group `g` that begins at the first; gone when it is closed. */
  private static final class Stream implements AutoCloseable {
    final String name = Broker.uniqueName("jedis.group");
    final Jedis client;

    Stream(RedisProtocol protocol) {
      client =
          new Jedis(Broker.address(), DefaultJedisClientConfig.builder().protocol(protocol).clientName(name).build());
      assertEquals("OK", client.xgroupCreate(name, "g", new StreamEntryID(0), true));
      for (int number = 1; number <= 5; number++) {
        client.xadd(name, id(number), Map.of("number", "" + number));
      }
    }

    List<StreamEntry> read(String consumer, StreamEntryID from, XReadGroupParams options) {
      List<Map.Entry<String, List<StreamEntry>>> found =
          client.xreadGroup("g", consumer, options, Map.of(name, from));
      if (found == null || found.isEmpty()) {
        return List.of();
      }
      assertEquals(name, found.get(0).getKey());
      return found.get(0).getValue();
    }

    List<StreamEntry> readNew(String consumer, XReadGroupParams options) {
      return read(consumer, StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY, options);
    }

    void needsOurBroker(String what) {
      assumeTrue(client.info("server").contains("respublica_version"), "Redis has no " + what);
    }

    @Override
    public void close() {
      client.del(name);
      client.close();
    }
  }

  private static StreamEntryID id(long number) {
    return new StreamEntryID(number, 0);
  }

  private static List<String> ids(List<StreamEntry> entries) {
    return entries.stream().map(entry -> entry.getID().toString()).toList();
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void groupsAndConsumersAreMadeAndForgotten(RedisProtocol protocol) {
    try (Stream stream = new Stream(protocol)) {
      JedisDataException again =
          assertThrows(JedisDataException.class, () -> stream.client.xgroupCreate(stream.name, "g", id(0), false));
      assertTrue(again.getMessage().startsWith("BUSYGROUP"), again.getMessage());
      assertTrue(stream.client.xgroupCreateConsumer(stream.name, "g", "a"));
      assertEquals(List.of("1-0", "2-0"), ids(stream.readNew("a", xReadGroupParams().count(2))));
      assertEquals(2, stream.client.xgroupDelConsumer(stream.name, "g", "a"));
      assertEquals("OK", stream.client.xgroupSetID(stream.name, "g", id(4)));
      assertEquals(List.of("5-0"), ids(stream.readNew("b", xReadGroupParams())));
      assertEquals(1, stream.client.xgroupDestroy(stream.name, "g"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void entriesArePendingUntilTheyAreAcknowledged(RedisProtocol protocol) {
    try (Stream stream = new Stream(protocol)) {
      List<StreamEntry> read = stream.readNew("a", xReadGroupParams().count(2));
      assertEquals(Map.of("number", "1"), read.get(0).getFields());
      stream.readNew("b", xReadGroupParams());
      assertEquals(List.of(), stream.readNew("a", xReadGroupParams()));
      stream.client.xdel(stream.name, id(2));
      List<StreamEntry> again = stream.read("a", id(0), xReadGroupParams());
      assertEquals(List.of("1-0", "2-0"), ids(again));
      assertNull(again.get(1).getFields());
      assertEquals(2, stream.client.xack(stream.name, "g", id(1), id(4), id(9)));

      StreamPendingSummary summary = stream.client.xpending(stream.name, "g");
      assertEquals(3, summary.getTotal());
      assertEquals(id(2), summary.getMinId());
      assertEquals(id(5), summary.getMaxId());
      assertEquals(Map.of("a", 1L, "b", 2L), summary.getConsumerMessageCount());
      List<StreamPendingEntry> details = stream.client.xpending(stream.name, "g", xPendingParams("-", "+", 10));
      assertEquals(List.of(id(2), id(3), id(5)), details.stream().map(StreamPendingEntry::getID).toList());
      assertEquals(List.of("a", "b", "b"), details.stream().map(StreamPendingEntry::getConsumerName).toList());
      assertEquals(List.of(1L, 1L, 1L), details.stream().map(StreamPendingEntry::getDeliveredTimes).toList());
      assertTrue(details.stream().allMatch(entry -> entry.getIdleTime() >= 0));
      assertEquals(List.of(), stream.client.xpending(stream.name, "g", xPendingParams("-", "+", 10).idle(HOUR_MS)));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void whatAnotherConsumerHadIsClaimed(RedisProtocol protocol) {
    try (Stream stream = new Stream(protocol)) {
      stream.readNew("dead", xReadGroupParams());
      stream.client.xdel(stream.name, id(2));
      List<StreamEntry> claimed = stream.client.xclaim(stream.name, "g", "a", 0, xClaimParams(), id(1), id(9));
      assertEquals(List.of("1-0"), ids(claimed));
      assertEquals(Map.of("number", "1"), claimed.get(0).getFields());
      assertEquals(List.of(id(1)), stream.client.xclaimJustId(stream.name, "g", "a", 0, xClaimParams(), id(1)));
      assertEquals(List.of(), stream.client.xclaim(stream.name, "g", "b", HOUR_MS, xClaimParams(), id(1)));
      Map.Entry<StreamEntryID, List<StreamEntry>> some =
          stream.client.xautoclaim(stream.name, "g", "b", 0, id(2), xAutoClaimParams().count(2));
      assertEquals(id(4), some.getKey());
      assertEquals(List.of("3-0"), ids(some.getValue()));
      Map.Entry<StreamEntryID, List<StreamEntryID>> all =
          stream.client.xautoclaimJustId(stream.name, "g", "b", 0, id(0), xAutoClaimParams());
      assertEquals(id(0), all.getKey());
      assertEquals(List.of(id(1), id(3), id(4), id(5)), all.getValue());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void streamsGroupsAndConsumersAreDescribed(RedisProtocol protocol) {
    try (Stream stream = new Stream(protocol)) {
      stream.readNew("a", xReadGroupParams().count(2));
      stream.client.xack(stream.name, "g", id(1));
      StreamInfo described = stream.client.xinfoStream(stream.name);
      assertEquals(List.of(5L, 1L), List.of(described.getLength(), described.getGroups()));
      assertEquals(id(5), described.getLastGeneratedId());
      assertEquals(id(1), described.getFirstEntry().getID());
      assertEquals(Map.of("number", "5"), described.getLastEntry().getFields());

      StreamGroupInfo group = stream.client.xinfoGroups(stream.name).get(0);
      assertEquals("g", group.getName());
      assertEquals(List.of(1L, 1L), List.of(group.getConsumers(), group.getPending()));
      assertEquals(id(2), group.getLastDeliveredId());
      assertEquals(List.of(2L, 3L), List.of(group.getGroupInfo().get("entries-read"), group.getGroupInfo().get("lag")));
      StreamConsumerInfo consumer = stream.client.xinfoConsumers2(stream.name, "g").get(0);
      assertEquals("a", consumer.getName());
      assertEquals(1, consumer.getPending());
      assertTrue(consumer.getIdle() >= 0);

      StreamFullInfo full = stream.client.xinfoStreamFull(stream.name);
      assertEquals(List.of("1-0", "2-0", "3-0", "4-0", "5-0"), ids(full.getEntries()));
      StreamGroupFullInfo fullGroup = full.getGroups().get(0);
      assertEquals(1L, fullGroup.getPelCount());
      assertEquals(1, fullGroup.getPending().size());
      assertEquals("a", fullGroup.getConsumers().get(0).getName());
      assertEquals(1, fullGroup.getConsumers().get(0).getPending().size());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void consumerWaitsForAnEntry(RedisProtocol protocol) throws Exception {
    try (Stream stream = new Stream(protocol);
        Jedis admin = new Jedis(Broker.address())) {
      stream.readNew("a", xReadGroupParams());
      CompletableFuture<List<StreamEntry>> waiting =
          CompletableFuture.supplyAsync(() -> stream.readNew("b", xReadGroupParams().block(0)));
      Broker.eventually(
          "the consumer waits",
          () ->
              admin.clientList().lines()
                  .anyMatch(line -> line.contains(" name=" + stream.name + " ") && line.contains(" flags=b ")));
      admin.xadd(stream.name, id(6), Map.of("number", "6"));
      assertEquals(List.of("6-0"), ids(waiting.get(Broker.DEADLINE_SECONDS, TimeUnit.SECONDS)));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void whatAConsumerGivesBackGoesToTheNext(RedisProtocol protocol) {
    try (Stream stream = new Stream(protocol)) {
      stream.needsOurBroker("XNACK");
      stream.readNew("a", xReadGroupParams().count(2));
      assertEquals(1, stream.client.xnack(stream.name, "g", XNackMode.FAIL, id(1), id(9)));
      assertEquals(1, stream.client.xnack(stream.name, "g", XNackMode.SILENT, id(2)));
      List<StreamPendingEntry> details = stream.client.xpending(stream.name, "g", xPendingParams("-", "+", 10));
      assertEquals(List.of("", ""), details.stream().map(StreamPendingEntry::getConsumerName).toList());
      assertEquals(List.of(1L, 0L), details.stream().map(StreamPendingEntry::getDeliveredTimes).toList());
      List<StreamEntry> claimed = stream.readNew("b", xReadGroupParams().claim(HOUR_MS).count(3));
      assertEquals(List.of("1-0", "2-0", "3-0"), ids(claimed));
      assertEquals(List.of(1L, 0L, 0L), claimed.stream().map(StreamEntry::getDeliveredCount).toList());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void entriesAreAcknowledgedAndDeletedAtOnce(RedisProtocol protocol) {
    try (Stream stream = new Stream(protocol)) {
      stream.needsOurBroker("XACKDEL and XDELEX");
      stream.client.xgroupCreate(stream.name, "other", id(0), false);
      stream.readNew("a", xReadGroupParams());
      assertEquals(
          List.of(NOT_DELETED_UNACKNOWLEDGED_OR_STILL_REFERENCED, NOT_FOUND),
          stream.client.xackdel(stream.name, "g", StreamDeletionPolicy.ACKNOWLEDGED, id(1), id(9)));
      assertEquals(
          List.of(DELETED), stream.client.xackdel(stream.name, "g", StreamDeletionPolicy.DELETE_REFERENCES, id(2)));
      assertEquals(
          List.of(NOT_DELETED_UNACKNOWLEDGED_OR_STILL_REFERENCED),
          stream.client.xdelex(stream.name, StreamDeletionPolicy.ACKNOWLEDGED, id(3)));
      assertEquals(List.of(DELETED), stream.client.xdelex(stream.name, id(3)));
      assertEquals(List.of("1-0", "4-0", "5-0"), ids(stream.client.xrange(stream.name, "-", "+")));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"RESP2", "RESP3"})
  void whatNobodyCanProcessIsADeadLetter(RedisProtocol protocol) {
    try (Stream stream = new Stream(protocol)) {
      stream.needsOurBroker("dead letters");
      String letters = stream.name + ".dlq";
      String before = stream.client.configGet("durable").get("durable");
      stream.client.configSet("durable", stream.name + " max-deliveries 2 backoff 0 redeliver yes dlq " + letters);
      try {
        stream.readNew("a", xReadGroupParams().count(1));
        assertEquals(1, stream.client.xnack(stream.name, "g", XNackMode.FATAL, id(1)));
        for (int delivery = 1; delivery <= 2; delivery++) {
          assertEquals(List.of("2-0"), ids(stream.readNew("b", xReadGroupParams().count(1))));
          assertEquals(1, stream.client.xnack(stream.name, "g", XNackMode.FAIL, id(2)));
        }
        assertEquals(0, stream.client.xpending(stream.name, "g").getTotal());
        List<Map<String, String>> dead =
            stream.client.xrange(letters, "-", "+").stream().map(StreamEntry::getFields).toList();
        assertEquals(List.of("1-0", "2-0"), dead.stream().map(letter -> letter.get("dlq.id")).toList());
        assertEquals(
            List.of("rejected", "max-deliveries"), dead.stream().map(letter -> letter.get("dlq.reason")).toList());
        assertEquals(List.of("1", "2"), dead.stream().map(letter -> letter.get("number")).toList());
      } finally {
        stream.client.configSet("durable", before);
        stream.client.del(letters);
      }
    }
  }
}
