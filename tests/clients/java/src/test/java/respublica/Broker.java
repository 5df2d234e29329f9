package respublica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.ClientKillParams;

/** The server under test, which run.sh has started, and what is needed to wait for events in it. */
final class Broker {
  static final int DEADLINE_SECONDS = 20;
  private static final AtomicInteger NAMES = new AtomicInteger();

  private Broker() {}

  static HostAndPort address() {
    String address = System.getenv("BROKER_ADDRESS");
    assertNotNull(address, "BROKER_ADDRESS is not set: start the tests with tests/clients/run.sh java");
    return HostAndPort.from(address);
  }

  /** A channel and connection name that no other test uses. */
  static String uniqueName(String prefix) {
    return prefix + "." + NAMES.incrementAndGet();
  }

  static byte[] allBytes() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  /** Payloads that a broker which looks into them would spoil. */
  static Map<String, byte[]> payloads() {
    ByteArrayOutputStream megabyte = new ByteArrayOutputStream();
    for (int i = 0; i < 4096; i++) {
      megabyte.writeBytes(allBytes());
    }
    Map<String, byte[]> payloads = new LinkedHashMap<>();
    payloads.put("all 256 bytes", allBytes());
    payloads.put("invalid UTF-8", new byte[] {(byte) 0xc3, 0x28, (byte) 0xa0, (byte) 0xff, (byte) 0xfe});
    payloads.put("line ends", "\r\n$5\r\nhello\r\n*1\r\n+OK\r\n\n\r".getBytes(StandardCharsets.US_ASCII));
    payloads.put("nothing", new byte[0]);
    payloads.put("one megabyte", megabyte.toByteArray());
    return payloads;
  }

  static <T> T next(BlockingQueue<T> received) {
    try {
      T message = received.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
      return message != null ? message : fail("nothing arrived");
    } catch (InterruptedException interrupted) {
      return fail(interrupted);
    }
  }

  /** Retries until the condition holds; the deadline is for a broker that never gets there. */
  static void eventually(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        fail("never came true: " + what);
      }
      try {
        Thread.sleep(10);
      } catch (InterruptedException interrupted) {
        fail(interrupted);
      }
    }
  }

  /** Kills the connection of that name which has subscriptions. */
  static void killSubscriber(String name) {
    try (Jedis admin = new Jedis(address())) {
      String id =
          admin
              .clientList()
              .lines()
              .map(Broker::fields)
              .filter(entry -> entry.get("name").equals(name))
              .filter(entry -> !(entry.get("sub") + entry.get("psub") + entry.get("ssub")).equals("000"))
              .map(entry -> entry.get("id"))
              .findFirst()
              .orElseGet(() -> fail("no subscribed connection is called " + name));
      assertEquals(1, admin.clientKill(new ClientKillParams().id(id)));
    }
  }

  private static Map<String, String> fields(String line) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String field : line.split(" ")) {
      int equals = field.indexOf('=');
      fields.put(field.substring(0, equals), field.substring(equals + 1));
    }
    return fields;
  }
}
