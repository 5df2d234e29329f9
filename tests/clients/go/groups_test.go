package clients

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// numbered makes a stream with the entries 1-0 to n-0 and a group g that begins at the first.
func numbered(t *testing.T, client *redis.Client, stream string, n int) {
	t.Helper()
	if err := client.XGroupCreateMkStream(within(t), stream, "g", "0").Err(); err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= n; i++ {
		id := fmt.Sprintf("%d-0", i)
		if err := client.XAdd(within(t), &redis.XAddArgs{Stream: stream, ID: id, Values: []any{"number", i}}).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// groupTest runs a test over both protocols, on a stream of its own with five entries and a group g.
func groupTest(t *testing.T, test func(t *testing.T, client *redis.Client, stream string)) {
	t.Parallel()
	forEachProtocol(t, func(t *testing.T, protocol int) {
		stream := "stream." + connectionName(t)
		client := connect(t, protocol)
		forgetAfterwards(t, stream)
		numbered(t, client, stream, 5)
		test(t, client, stream)
	})
}

// readGroup gives the entries of the one stream; none when there are none to read.
func readGroup(t *testing.T, client *redis.Client, stream, consumer, id string, change ...func(*redis.XReadGroupArgs)) []redis.XMessage {
	t.Helper()
	arguments := &redis.XReadGroupArgs{Group: "g", Consumer: consumer, Streams: []string{stream, id}, Block: -1}
	for _, each := range change {
		each(arguments)
	}
	streams, err := client.XReadGroup(within(t), arguments).Result()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil || len(streams) != 1 || streams[0].Stream != stream {
		t.Fatalf("XREADGROUP: %v, %v", streams, err)
	}
	return streams[0].Messages
}

func first(count int64) func(*redis.XReadGroupArgs) {
	return func(arguments *redis.XReadGroupArgs) { arguments.Count = count }
}

func idsOf(entries []redis.XMessage) []string {
	ids := []string{}
	for _, entry := range entries {
		ids = append(ids, entry.ID)
	}
	return ids
}

// expect compares what a command gave with what it should give.
func expect[T any](t *testing.T, what string, got T, err error, want T) {
	t.Helper()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%s gave %+v, %v, want %+v", what, got, err, want)
	}
}

func TestGroupCommandsMakeAndForgetGroupsAndConsumers(t *testing.T) {
	groupTest(t, func(t *testing.T, client *redis.Client, stream string) {
		ctx := within(t)
		if err := client.XGroupCreate(ctx, stream, "g", "$").Err(); !redis.HasErrorPrefix(err, "BUSYGROUP") {
			t.Fatalf("a second group of that name: %v", err)
		}
		if err := client.XAck(ctx, stream, "none", "1-0").Err(); err != nil {
			t.Fatalf("XACK of no group: %v", err)
		}
		err := client.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "none", Consumer: "a", Streams: []string{stream, ">"}}).Err()
		if !redis.HasErrorPrefix(err, "NOGROUP") {
			t.Fatalf("XREADGROUP of no group: %v", err)
		}
		made, err := client.XGroupCreateConsumer(ctx, stream, "g", "a").Result()
		expect(t, "XGROUP CREATECONSUMER", made, err, 1)
		expect(t, "XREADGROUP", idsOf(readGroup(t, client, stream, "a", ">", first(2))), nil, []string{"1-0", "2-0"})
		pending, err := client.XGroupDelConsumer(ctx, stream, "g", "a").Result()
		expect(t, "XGROUP DELCONSUMER", pending, err, 2)
		status, err := client.XGroupSetID(ctx, stream, "g", "4-0").Result()
		expect(t, "XGROUP SETID", status, err, "OK")
		expect(t, "XREADGROUP", idsOf(readGroup(t, client, stream, "b", ">")), nil, []string{"5-0"})
		destroyed, err := client.XGroupDestroy(ctx, stream, "g").Result()
		expect(t, "XGROUP DESTROY", destroyed, err, 1)
	})
}

func TestPendingEntriesAreListedUntilTheyAreAcknowledged(t *testing.T) {
	groupTest(t, func(t *testing.T, client *redis.Client, stream string) {
		ctx := within(t)
		nothing, err := client.XPending(ctx, stream, "g").Result()
		expect(t, "XPENDING", nothing, err, &redis.XPending{Consumers: map[string]int64{}})
		read := readGroup(t, client, stream, "a", ">", first(2))
		expect(t, "XREADGROUP", read, nil, []redis.XMessage{
			{ID: "1-0", Values: map[string]any{"number": "1"}},
			{ID: "2-0", Values: map[string]any{"number": "2"}},
		})
		readGroup(t, client, stream, "b", ">")
		expect(t, "XREADGROUP", readGroup(t, client, stream, "a", ">"), nil, nil)
		if err := client.XDel(ctx, stream, "2-0").Err(); err != nil {
			t.Fatal(err)
		}
		again := readGroup(t, client, stream, "a", "0")
		expect(t, "XREADGROUP 0", idsOf(again), nil, []string{"1-0", "2-0"})
		if len(again[1].Values) != 0 {
			t.Fatalf("a deleted entry has the fields %v", again[1].Values)
		}
		acknowledged, err := client.XAck(ctx, stream, "g", "1-0", "4-0", "9-9").Result()
		expect(t, "XACK", acknowledged, err, 2)
		summary, err := client.XPending(ctx, stream, "g").Result()
		expect(t, "XPENDING", summary, err, &redis.XPending{
			Count: 3, Lower: "2-0", Higher: "5-0", Consumers: map[string]int64{"a": 1, "b": 2},
		})

		details, err := client.XPendingExt(ctx, &redis.XPendingExtArgs{Stream: stream, Group: "g", Start: "-", End: "+", Count: 10}).Result()
		for i := range details {
			if details[i].Idle < 0 || details[i].Idle > deadline {
				t.Errorf("%s is idle for %v", details[i].ID, details[i].Idle)
			}
			details[i].Idle = 0
		}
		expect(t, "XPENDING - +", details, err, []redis.XPendingExt{
			{ID: "2-0", Consumer: "a", RetryCount: 1}, {ID: "3-0", Consumer: "b", RetryCount: 1}, {ID: "5-0", Consumer: "b", RetryCount: 1},
		})
		ofB, err := client.XPendingExt(ctx, &redis.XPendingExtArgs{Stream: stream, Group: "g", Start: "(3-0", End: "+", Count: 10, Consumer: "b"}).Result()
		if err != nil || len(ofB) != 1 || ofB[0].ID != "5-0" {
			t.Fatalf("XPENDING of a consumer: %v, %v", ofB, err)
		}
		idle, err := client.XPendingExt(ctx, &redis.XPendingExtArgs{Stream: stream, Group: "g", Idle: time.Hour, Start: "-", End: "+", Count: 10}).Result()
		expect(t, "XPENDING IDLE", idle, err, []redis.XPendingExt{})
	})
}

func TestEntriesOfAnotherConsumerAreClaimed(t *testing.T) {
	groupTest(t, func(t *testing.T, client *redis.Client, stream string) {
		ctx := within(t)
		readGroup(t, client, stream, "dead", ">")
		if err := client.XDel(ctx, stream, "2-0").Err(); err != nil {
			t.Fatal(err)
		}
		claim := &redis.XClaimArgs{Stream: stream, Group: "g", Consumer: "a", Messages: []string{"1-0", "9-9"}}
		claimed, err := client.XClaim(ctx, claim).Result()
		expect(t, "XCLAIM", claimed, err, []redis.XMessage{{ID: "1-0", Values: map[string]any{"number": "1"}}})
		ids, err := client.XClaimJustID(ctx, claim).Result()
		expect(t, "XCLAIM JUSTID", ids, err, []string{"1-0"})
		claim.MinIdle = time.Hour
		tooEarly, err := client.XClaim(ctx, claim).Result()
		expect(t, "XCLAIM of what is not idle", tooEarly, err, []redis.XMessage{})

		auto := &redis.XAutoClaimArgs{Stream: stream, Group: "g", Consumer: "b", Start: "2-0", Count: 2}
		entries, next, gone, err := client.XAutoClaimWithDeleted(ctx, auto).Result()
		expect(t, "XAUTOCLAIM", entries, err, []redis.XMessage{{ID: "3-0", Values: map[string]any{"number": "3"}}})
		expect(t, "XAUTOCLAIM's deleted entries", gone, nil, []string{"2-0"})
		expect(t, "XAUTOCLAIM's next start", next, nil, "4-0")
		auto.Start = next
		entries, next, err = client.XAutoClaim(ctx, auto).Result()
		expect(t, "XAUTOCLAIM", idsOf(entries), err, []string{"4-0", "5-0"})
		expect(t, "XAUTOCLAIM's last start", next, nil, "0-0")
		auto.Start = "0"
		auto.Count = 10
		ids, next, err = client.XAutoClaimJustID(ctx, auto).Result()
		expect(t, "XAUTOCLAIM JUSTID", ids, err, []string{"1-0", "3-0", "4-0", "5-0"})
		expect(t, "XAUTOCLAIM JUSTID's next start", next, nil, "0-0")
		summary, err := client.XPending(ctx, stream, "g").Result()
		expect(t, "XPENDING", summary, err, &redis.XPending{
			Count: 4, Lower: "1-0", Higher: "5-0", Consumers: map[string]int64{"b": 4},
		})
	})
}

func TestStreamsGroupsAndConsumersAreDescribed(t *testing.T) {
	groupTest(t, func(t *testing.T, client *redis.Client, stream string) {
		ctx := within(t)
		begin := time.Now().Add(-time.Second)
		readGroup(t, client, stream, "a", ">", first(2))
		if err := client.XAck(ctx, stream, "g", "1-0").Err(); err != nil {
			t.Fatal(err)
		}
		groups, err := client.XInfoGroups(ctx, stream).Result()
		expect(t, "XINFO GROUPS", groups, err, []redis.XInfoGroup{
			{Name: "g", Consumers: 1, Pending: 1, LastDeliveredID: "2-0", EntriesRead: 2, Lag: 3},
		})
		consumers, err := client.XInfoConsumers(ctx, stream, "g").Result()
		if err != nil || len(consumers) != 1 || consumers[0].Name != "a" || consumers[0].Pending != 1 {
			t.Fatalf("XINFO CONSUMERS: %v, %v", consumers, err)
		}
		if idle := consumers[0].Idle; idle < 0 || idle > deadline {
			t.Fatalf("the consumer is idle for %v", idle)
		}
		described, err := client.XInfoStream(ctx, stream).Result()
		if err != nil || described.Length != 5 || described.Groups != 1 || described.LastGeneratedID != "5-0" ||
			described.FirstEntry.ID != "1-0" || described.LastEntry.ID != "5-0" || described.EntriesAdded != 5 {
			t.Fatalf("XINFO STREAM: %+v, %v", described, err)
		}

		full, err := client.XInfoStreamFull(ctx, stream, 3).Result()
		if err != nil || full.Length != 5 || len(full.Entries) != 3 || full.RecordedFirstEntryID != "1-0" || len(full.Groups) != 1 {
			t.Fatalf("XINFO STREAM FULL: %+v, %v", full, err)
		}
		group := full.Groups[0]
		if group.Name != "g" || group.PelCount != 1 || group.Lag != 3 || group.EntriesRead != 2 || len(group.Pending) != 1 || len(group.Consumers) != 1 {
			t.Fatalf("XINFO STREAM FULL, the group: %+v", group)
		}
		pending := group.Pending[0]
		if pending.ID != "2-0" || pending.Consumer != "a" || pending.DeliveryCount != 1 || pending.DeliveryTime.Before(begin) {
			t.Fatalf("XINFO STREAM FULL, what is pending: %+v", pending)
		}
		consumer := group.Consumers[0]
		if consumer.Name != "a" || consumer.PelCount != 1 || len(consumer.Pending) != 1 || consumer.Pending[0].ID != "2-0" || consumer.SeenTime.Before(begin) {
			t.Fatalf("XINFO STREAM FULL, the consumer: %+v", consumer)
		}
	})
}

// TestReaderWaitsForAnEntry: with a Block of 0 go-redis waits for as long as it takes.
func TestReaderWaitsForAnEntry(t *testing.T) {
	groupTest(t, func(t *testing.T, client *redis.Client, stream string) {
		readGroup(t, client, stream, "a", ">")
		ctx := within(t)
		read := make(chan *redis.XStreamSliceCmd)
		go func() {
			read <- client.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "g", Consumer: "waits", Streams: []string{stream, ">"}})
		}()
		// Redis 7.0 makes a consumer only when it gets something, so the look is at the connection.
		admin := connect(t, 3)
		eventually(t, "the consumer waits", func() bool { return blockedConnection(t, admin) })
		if err := admin.XAdd(ctx, &redis.XAddArgs{Stream: stream, ID: "6-0", Values: []any{"number", 6}}).Err(); err != nil {
			t.Fatal(err)
		}
		streams, err := (<-read).Result()
		if err != nil || len(streams) != 1 || !slices.Equal(idsOf(streams[0].Messages), []string{"6-0"}) {
			t.Fatalf("the waiting consumer got %v, %v", streams, err)
		}
	})
}

func TestReadingClaimsWhatIsIdle(t *testing.T) {
	ourBrokerOnly(t, "XREADGROUP ... CLAIM")
	groupTest(t, func(t *testing.T, client *redis.Client, stream string) {
		readGroup(t, client, stream, "dead", ">", first(2))
		var entries []redis.XMessage
		eventually(t, "what the other consumer had is idle", func() bool {
			entries = append(entries, readGroup(t, client, stream, "a", ">", func(arguments *redis.XReadGroupArgs) {
				arguments.Claim = 10 * time.Millisecond
			})...)
			return slices.ContainsFunc(entries, func(each redis.XMessage) bool { return each.ID == "2-0" })
		})
		for _, entry := range entries {
			isNew := entry.ID != "1-0" && entry.ID != "2-0"
			if isNew && entry.DeliveredCount == 0 && entry.MillisElapsedFromDelivery == 0 {
				continue
			}
			if entry.DeliveredCount < 1 || entry.MillisElapsedFromDelivery < 10 {
				t.Errorf("%s was delivered %d times and %d ms ago", entry.ID, entry.DeliveredCount, entry.MillisElapsedFromDelivery)
			}
		}
		ids := idsOf(entries)
		slices.Sort(ids)
		expect(t, "XREADGROUP ... CLAIM", slices.Compact(ids), nil, []string{"1-0", "2-0", "3-0", "4-0", "5-0"})
	})
}

func TestEntriesAreAcknowledgedAndDeletedAtOnce(t *testing.T) {
	ourBrokerOnly(t, "XACKDEL and XDELEX")
	groupTest(t, func(t *testing.T, client *redis.Client, stream string) {
		ctx := within(t)
		if err := client.XGroupCreate(ctx, stream, "other", "0").Err(); err != nil {
			t.Fatal(err)
		}
		readGroup(t, client, stream, "a", ">")
		done, err := client.XAckDel(ctx, stream, "g", "ACKED", "1-0", "9-9").Result()
		expect(t, "XACKDEL ACKED", done, err, []any{int64(2), int64(-1)})
		done, err = client.XAckDel(ctx, stream, "g", "DELREF", "2-0").Result()
		expect(t, "XACKDEL DELREF", done, err, []any{int64(1)})
		done, err = client.XDelEx(ctx, stream, "ACKED", "3-0").Result()
		expect(t, "XDELEX ACKED", done, err, []any{int64(2)})
		done, err = client.XDelEx(ctx, stream, "DELREF", "3-0", "9-9").Result()
		expect(t, "XDELEX DELREF", done, err, []any{int64(1), int64(-1)})
		entries, err := client.XRange(ctx, stream, "-", "+").Result()
		expect(t, "XRANGE", idsOf(entries), err, []string{"1-0", "4-0", "5-0"})
		summary, err := client.XPending(ctx, stream, "g").Result()
		expect(t, "XPENDING", summary, err, &redis.XPending{Count: 2, Lower: "4-0", Higher: "5-0", Consumers: map[string]int64{"a": 2}})
	})
}

func TestWhatAConsumerGivesBackGoesToTheNext(t *testing.T) {
	ourBrokerOnly(t, "XNACK")
	groupTest(t, func(t *testing.T, client *redis.Client, stream string) {
		ctx := within(t)
		readGroup(t, client, stream, "a", ">")
		given, err := client.XNack(ctx, &redis.XNackArgs{Stream: stream, Group: "g", Mode: redis.XNackModeFail, IDs: []string{"1-0", "9-9"}}).Result()
		expect(t, "XNACK FAIL", given, err, 1)
		given, err = client.XNack(ctx, &redis.XNackArgs{Stream: stream, Group: "g", Mode: redis.XNackModeSilent, IDs: []string{"2-0"}}).Result()
		expect(t, "XNACK SILENT", given, err, 1)
		details, err := client.XPendingExt(ctx, &redis.XPendingExtArgs{Stream: stream, Group: "g", Start: "-", End: "2-0", Count: 10}).Result()
		expect(t, "XPENDING - +", details, err, []redis.XPendingExt{
			{ID: "1-0", Idle: -time.Millisecond, RetryCount: 1}, {ID: "2-0", Idle: -time.Millisecond, RetryCount: 0},
		})
		summary, err := client.XPending(ctx, stream, "g").Result()
		expect(t, "XPENDING", summary, err, &redis.XPending{Count: 5, Lower: "1-0", Higher: "5-0", Consumers: map[string]int64{"a": 3}})
		full, err := client.XInfoStreamFull(ctx, stream, 10).Result()
		if err != nil || len(full.Groups) != 1 || len(full.Groups[0].Pending) != 5 {
			t.Fatalf("XINFO STREAM FULL: %+v, %v", full, err)
		}
		claimed := readGroup(t, client, stream, "b", ">", func(arguments *redis.XReadGroupArgs) { arguments.Claim = time.Hour })
		expect(t, "XREADGROUP ... CLAIM", idsOf(claimed), nil, []string{"1-0", "2-0"})
	})
}

func TestRejectedEntryIsADeadLetter(t *testing.T) {
	t.Parallel()
	forEachProtocol(t, func(t *testing.T, protocol int) {
		stream := "stream." + connectionName(t)
		letters := stream + ".dlq"
		durable(t, stream, "max-deliveries 2 backoff 0 dlq "+letters)
		forgetAfterwards(t, stream, letters)
		client := connect(t, protocol)
		ctx := within(t)
		numbered(t, client, stream, 2)
		readGroup(t, client, stream, "a", ">", first(1))
		given, err := client.XNack(ctx, &redis.XNackArgs{Stream: stream, Group: "g", Mode: redis.XNackModeFatal, IDs: []string{"1-0"}}).Result()
		expect(t, "XNACK FATAL", given, err, 1)
		for range 2 {
			expect(t, "XREADGROUP ... CLAIM", idsOf(readGroup(t, client, stream, "b", ">", func(arguments *redis.XReadGroupArgs) {
				arguments.Claim = time.Hour
			})), nil, []string{"2-0"})
			given, err = client.XNack(ctx, &redis.XNackArgs{Stream: stream, Group: "g", Mode: redis.XNackModeFail, IDs: []string{"2-0"}}).Result()
			expect(t, "XNACK FAIL", given, err, 1)
		}
		summary, err := client.XPending(ctx, stream, "g").Result()
		expect(t, "XPENDING", summary, err, &redis.XPending{Consumers: map[string]int64{}})
		dead, err := client.XRange(ctx, letters, "-", "+").Result()
		if err != nil || len(dead) != 2 {
			t.Fatalf("the dead letters are %v, %v", dead, err)
		}
		for i, want := range []map[string]string{
			{"dlq.reason": "rejected", "dlq.id": "1-0", "dlq.consumer": "a", "dlq.deliveries": "1", "number": "1"},
			{"dlq.reason": "max-deliveries", "dlq.id": "2-0", "dlq.consumer": "b", "dlq.deliveries": "2", "number": "2"},
		} {
			for field, value := range want {
				if dead[i].Values[field] != value {
					t.Errorf("%s of letter %d is %v, want %q", field, i, dead[i].Values[field], value)
				}
			}
		}
	})
}

// blockedConnection: whether a connection of this test waits in a command.
func blockedConnection(t *testing.T, admin *redis.Client) bool {
	t.Helper()
	list, err := admin.ClientList(within(t)).Result()
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(` name=` + regexp.QuoteMeta(connectionName(t)) + ` .* flags=b `).MatchString(list)
}
