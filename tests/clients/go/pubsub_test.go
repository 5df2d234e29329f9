package clients

import (
	"bytes"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

func TestConnectsWithDefaultOptions(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(&redis.Options{Addr: brokerAddress(t)})
	defer client.Close()
	if pong, err := client.Ping(within(t)).Result(); err != nil || pong != "PONG" {
		t.Fatalf("PING: %q, %v", pong, err)
	}
	info, err := client.ClientInfo(within(t)).Result()
	if err != nil {
		t.Fatal(err)
	}
	if info.DB != 0 || info.Addr == "" {
		t.Errorf("CLIENT INFO: %+v", *info)
	}
}

func TestSubscriberHearsWhatIsPublished(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, protocol int) {
		client, name := connect(t, protocol), connectionName(t)
		subscription := client.Subscribe(within(t), name+".a", name+".b", name+".a")
		defer subscription.Close()

		confirmations := confirmed(t, subscription, 3)
		for i, want := range []redis.Subscription{
			{Kind: "subscribe", Channel: name + ".a", Count: 1},
			{Kind: "subscribe", Channel: name + ".b", Count: 2},
			{Kind: "subscribe", Channel: name + ".a", Count: 2},
		} {
			if *confirmations[i] != want {
				t.Errorf("confirmation %d: got %+v, want %+v", i, *confirmations[i], want)
			}
		}

		messages := subscription.Channel()
		if receivers := publish(t, client, name+".b", "hello"); receivers != 1 {
			t.Errorf("PUBLISH answered %d receivers", receivers)
		}
		if message := nextMessage(t, messages); message.Channel != name+".b" || message.Payload != "hello" {
			t.Errorf("got %v", message)
		}
		if receivers := publish(t, client, name+".nobody", "hello"); receivers != 0 {
			t.Errorf("PUBLISH to nobody answered %d receivers", receivers)
		}
	})
}

func TestMessagesKeepThePublishersOrder(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, protocol int) {
		client, name := connect(t, protocol), connectionName(t)
		subscription := client.Subscribe(within(t), name)
		defer subscription.Close()
		confirmed(t, subscription, 1)
		messages := subscription.Channel(redis.WithChannelSize(1000))

		pipeline := client.Pipeline()
		for i := range 1000 {
			pipeline.Publish(within(t), name, i)
		}
		if _, err := pipeline.Exec(within(t)); err != nil {
			t.Fatal(err)
		}
		for i := range 1000 {
			if got := nextMessage(t, messages).Payload; got != strconv.Itoa(i) {
				t.Fatalf("message %d is %q", i, got)
			}
		}
	})
}

func TestPatternSubscriberHearsMatchingChannels(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, protocol int) {
		client, name := connect(t, protocol), connectionName(t)
		subscription := client.PSubscribe(within(t), name+".h[ae]llo.*", name+".?")
		defer subscription.Close()
		if last := confirmed(t, subscription, 2)[1]; last.Kind != "psubscribe" || last.Count != 2 {
			t.Errorf("got %+v", last)
		}
		messages := subscription.Channel()

		for channel, want := range map[string]int64{".hello.1": 1, ".hillo.1": 0, ".x": 1, ".xx": 0} {
			if receivers := publish(t, client, name+channel, channel); receivers != want {
				t.Errorf("PUBLISH %s answered %d receivers, want %d", channel, receivers, want)
			}
			if want == 0 {
				continue
			}
			message := nextMessage(t, messages)
			if message.Channel != name+channel || message.Payload != channel || message.Pattern == "" {
				t.Errorf("got %+v", *message)
			}
		}
	})
}

func TestShardSubscriberHearsOnlySpublish(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, protocol int) {
		client, name := connect(t, protocol), connectionName(t)
		subscription := client.SSubscribe(within(t), name)
		defer subscription.Close()
		if first := confirmed(t, subscription, 1)[0]; first.Kind != "ssubscribe" || first.Count != 1 {
			t.Errorf("got %+v", first)
		}
		messages := subscription.Channel()

		if receivers := publish(t, client, name, "not for shards"); receivers != 0 {
			t.Errorf("PUBLISH reached %d shard subscribers", receivers)
		}
		if receivers, err := client.SPublish(within(t), name, "for shards").Result(); err != nil || receivers != 1 {
			t.Errorf("SPUBLISH: %d, %v", receivers, err)
		}
		if message := nextMessage(t, messages); message.Payload != "for shards" {
			t.Errorf("got %v", message)
		}
		if count := client.PubSubShardNumSub(within(t), name).Val()[name]; count != 1 {
			t.Errorf("PUBSUB SHARDNUMSUB says %d", count)
		}
	})
}

func TestPayloadsAndNamesAreBytes(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, protocol int) {
		client := connect(t, protocol)
		allBytes := make([]byte, 256)
		for i := range allBytes {
			allBytes[i] = byte(i)
		}
		channel := connectionName(t) + "\r\n\x00\xff" + string(allBytes)
		subscription := client.Subscribe(within(t), channel)
		defer subscription.Close()
		confirmed(t, subscription, 1)
		messages := subscription.Channel()

		payloads := map[string][]byte{
			"all 256 bytes": allBytes,
			"invalid UTF-8": {0xc3, 0x28, 0xa0, 0xa1, 0xe2, 0x28, 0xa1, 0xf0, 0x28, 0x8c, 0x28, 0xff, 0xfe},
			"line ends":     []byte("\r\n$5\r\nhello\r\n*1\r\n+OK\r\n\n\r"),
			"nothing":       {},
			"one megabyte":  bytes.Repeat(allBytes, 4096),
		}
		for what, payload := range payloads {
			publish(t, client, channel, payload)
			message := nextMessage(t, messages)
			if message.Channel != channel {
				t.Errorf("%s: the channel's name has changed: %q", what, message.Channel)
			}
			if message.Payload != string(payload) {
				t.Errorf("%s: %d bytes sent, %d other bytes received", what, len(payload), len(message.Payload))
			}
		}
	})
}

func TestUnsubscribeIsConfirmedAndSilences(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, protocol int) {
		client, name := connect(t, protocol), connectionName(t)
		subscription := client.Subscribe(within(t), name+".a", name+".b")
		defer subscription.Close()
		confirmed(t, subscription, 2)
		if err := subscription.PSubscribe(within(t), name+".p*"); err != nil {
			t.Fatal(err)
		}
		if got := confirmed(t, subscription, 1)[0]; got.Count != 3 {
			t.Errorf("channels and patterns are counted together: got %+v", got)
		}
		if err := subscription.Unsubscribe(within(t), name+".a"); err != nil {
			t.Fatal(err)
		}
		want := redis.Subscription{Kind: "unsubscribe", Channel: name + ".a", Count: 2}
		if got := confirmed(t, subscription, 1)[0]; *got != want {
			t.Errorf("got %+v, want %+v", *got, want)
		}
		if receivers := publish(t, client, name+".a", "x"); receivers != 0 {
			t.Errorf("PUBLISH after UNSUBSCRIBE reached %d", receivers)
		}
		if err := subscription.Unsubscribe(within(t)); err != nil {
			t.Fatal(err)
		}
		if got := confirmed(t, subscription, 1)[0]; got.Channel != name+".b" || got.Count != 1 {
			t.Errorf("got %+v", *got)
		}
		if err := subscription.Unsubscribe(within(t)); err != nil {
			t.Fatal(err)
		}
		want = redis.Subscription{Kind: "unsubscribe", Channel: "", Count: 1}
		if got := confirmed(t, subscription, 1)[0]; *got != want {
			t.Errorf("UNSUBSCRIBE from nothing: got %+v, want %+v", *got, want)
		}
	})
}

func TestPubSubCommandsCount(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, protocol int) {
		client, name := connect(t, protocol), connectionName(t)
		subscription := client.Subscribe(within(t), name+".1", name+".2")
		defer subscription.Close()
		confirmed(t, subscription, 2)

		if channels := client.PubSubChannels(within(t), name+"*").Val(); len(channels) != 2 {
			t.Errorf("PUBSUB CHANNELS: %v", channels)
		}
		counts := client.PubSubNumSub(within(t), name+".1", name+".nobody").Val()
		if len(counts) != 2 || counts[name+".1"] != 1 || counts[name+".nobody"] != 0 {
			t.Errorf("PUBSUB NUMSUB: %v", counts)
		}
		if _, err := client.PubSubNumPat(within(t)).Result(); err != nil {
			t.Errorf("PUBSUB NUMPAT: %v", err)
		}
	})
}

func TestHealthCheckPingsAreAnswered(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, protocol int) {
		client, name := connect(t, protocol), connectionName(t)
		subscription := client.Subscribe(within(t), name)
		defer subscription.Close()
		confirmed(t, subscription, 1)

		for _, payload := range []string{"", "are you there?"} {
			if err := subscription.Ping(within(t), payload); err != nil {
				t.Fatal(err)
			}
			received, err := subscription.ReceiveTimeout(within(t), deadline)
			if err != nil {
				t.Fatal(err)
			}
			if pong, ok := received.(*redis.Pong); !ok || (payload != "" && pong.Payload != payload) {
				t.Errorf("PING %q: got %T %v", payload, received, received)
			}
		}
	})
}

func TestHealthChecksKeepAnIdleSubscription(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, protocol int) {
		client, name := connect(t, protocol), connectionName(t)
		subscription := client.Subscribe(within(t), name)
		defer subscription.Close()
		confirmed(t, subscription, 1)
		before, _ := subscriberID(t, client)
		messages := subscription.Channel(redis.WithChannelHealthCheckInterval(50 * time.Millisecond))

		eventually(t, "the client's own PING is its last command", func() bool {
			_, command := subscriberID(t, client)
			return command == "ping"
		})
		publish(t, client, name, "still here")
		if got := nextMessage(t, messages).Payload; got != "still here" {
			t.Errorf("got %q", got)
		}
		if after, _ := subscriberID(t, client); after != before || after == "" {
			t.Errorf("the client has reconnected: connection %q is now %q", before, after)
		}
	})
}

func TestKilledSubscriberComesBackWithAllItsSubscriptions(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, protocol int) {
		client, name := connect(t, protocol), connectionName(t)
		subscription := client.Subscribe(within(t), name+".1", name+".2")
		defer subscription.Close()
		confirmed(t, subscription, 2)
		if err := subscription.PSubscribe(within(t), name+".p*"); err != nil {
			t.Fatal(err)
		}
		confirmed(t, subscription, 1)
		if err := subscription.SSubscribe(within(t), name+".s"); err != nil {
			t.Fatal(err)
		}
		confirmed(t, subscription, 1)
		messages := subscription.Channel()

		killed, _ := subscriberID(t, client)
		if n, err := client.ClientKillByFilter(within(t), "ID", killed).Result(); err != nil || n != 1 {
			t.Fatalf("CLIENT KILL ID %s: %d, %v", killed, n, err)
		}
		for _, channel := range []string{name + ".1", name + ".2", name + ".patterned"} {
			eventually(t, channel+" has a subscriber again", func() bool {
				return publish(t, client, channel, "back") == 1
			})
			if message := nextMessage(t, messages); message.Channel != channel || message.Payload != "back" {
				t.Errorf("got %v", message)
			}
		}
		eventually(t, "the shard channel has a subscriber again", func() bool {
			return client.SPublish(within(t), name+".s", "back").Val() == 1
		})
		if message := nextMessage(t, messages); message.Channel != name+".s" {
			t.Errorf("got %v", message)
		}
		if now, _ := subscriberID(t, client); now == killed {
			t.Errorf("connection %s was not killed", killed)
		}
	})
}

func TestPublishWorksInPipelinesAndTransactions(t *testing.T) {
	forEachProtocol(t, func(t *testing.T, protocol int) {
		client, name := connect(t, protocol), connectionName(t)
		subscription := client.Subscribe(within(t), name)
		defer subscription.Close()
		confirmed(t, subscription, 1)
		messages := subscription.Channel()

		for what, batch := range map[string]redis.Pipeliner{"pipeline": client.Pipeline(), "MULTI": client.TxPipeline()} {
			first := batch.Publish(within(t), name, what+" 1")
			ping := batch.Ping(within(t))
			second := batch.Publish(within(t), name, what+" 2")
			if _, err := batch.Exec(within(t)); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if first.Val() != 1 || ping.Val() != "PONG" || second.Val() != 1 {
				t.Errorf("%s: %v, %v, %v", what, first, ping, second)
			}
			for _, want := range []string{what + " 1", what + " 2"} {
				if got := nextMessage(t, messages).Payload; got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		}
	})
}
