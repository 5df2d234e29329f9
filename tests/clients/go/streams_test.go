package clients

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// ownStream names a stream of this test, which goes with it. Redis 7 has none of what is tested here.
func ownStream(t *testing.T, client *redis.Client) string {
	t.Helper()
	if info := client.Info(within(t), "server").Val(); !strings.Contains(info, "respublica_version") {
		t.Skip("Redis 7 has no idempotent producers")
	}
	stream := "stream." + connectionName(t)
	t.Cleanup(func() { client.Del(within(t), stream) })
	return stream
}

func TestMessageOfAnIdempotentProducerIsAddedOnce(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, protocol int) {
		client := connect(t, protocol)
		stream := ownStream(t, client)
		add := func(message redis.XAddArgs) string {
			t.Helper()
			message.Stream = stream
			id, err := client.XAdd(within(t), &message).Result()
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		named := redis.XAddArgs{ProducerID: "producer", IdempotentID: "1", Values: []string{"f", "v"}}
		if first, again := add(named), add(named); first != again {
			t.Errorf("the same message has the IDs %s and %s", first, again)
		}
		content := redis.XAddArgs{ProducerID: "producer", IdempotentAuto: true, Values: []string{"a", "1", "b", "2"}}
		turned := redis.XAddArgs{ProducerID: "producer", IdempotentAuto: true, Values: []string{"b", "2", "a", "1"}}
		if first, again := add(content), add(turned); first != again {
			t.Errorf("the same content has the IDs %s and %s", first, again)
		}
		info, err := client.XInfoStream(within(t), stream).Result()
		if err != nil {
			t.Fatal(err)
		}
		if info.Length != 2 || info.PIDsTracked != 1 || info.IIDsTracked != 2 || info.IIDsAdded != 2 || info.IIDsDuplicates != 2 {
			t.Errorf("XINFO STREAM: %+v", *info)
		}
		limits := redis.XCfgSetArgs{Stream: stream, Duration: 5, MaxSize: 7}
		if err := client.XCfgSet(within(t), &limits).Err(); err != nil {
			t.Fatal(err)
		}
		full, err := client.XInfoStreamFull(within(t), stream, 10).Result()
		if err != nil {
			t.Fatal(err)
		}
		if full.IDMPDuration != 5 || full.IDMPMaxSize != 7 || full.IIDsTracked != 0 || len(full.Entries) != 2 {
			t.Errorf("XINFO STREAM FULL: %+v", full)
		}
	})
}

func TestXReadIsCappedOverAllStreams(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, protocol int) {
		client := connect(t, protocol)
		stream := ownStream(t, client)
		for range 3 {
			client.XAdd(within(t), &redis.XAddArgs{Stream: stream, Values: []string{"f", "v"}})
		}
		read, err := client.XRead(within(t), &redis.XReadArgs{Streams: []string{stream, stream, "0", "0"}, MaxCount: 4, Block: -1}).Result()
		if err != nil {
			t.Fatal(err)
		}
		entries := 0
		for _, one := range read {
			entries += len(one.Messages)
		}
		if entries != 4 {
			t.Errorf("got %d entries", entries)
		}
	})
}
