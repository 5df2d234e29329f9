package clients

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill-redisstream/pkg/redisstream"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/redis/go-redis/v9"
)

// watermillSubscriber has a connection pool of its own, as a process of its own would; it is closed when the test ends.
func watermillSubscriber(t *testing.T, group, consumer string, change ...func(*redisstream.SubscriberConfig)) *redisstream.Subscriber {
	t.Helper()
	config := redisstream.SubscriberConfig{
		Client:                        redis.NewClient(&redis.Options{Addr: brokerAddress(t)}),
		ConsumerGroup:                 group,
		Consumer:                      consumer,
		DisableIndefiniteInitialBlock: true,
	}
	for _, each := range change {
		each(&config)
	}
	subscriber, err := redisstream.NewSubscriber(config, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { subscriber.Close() })
	return subscriber
}

// claiming has a subscriber take what the dead consumer has left. It would also take from itself what it has not
// acknowledged in so short a time, and get that twice.
func claiming(dead string) func(*redisstream.SubscriberConfig) {
	return func(config *redisstream.SubscriberConfig) {
		config.MaxIdleTime = 50 * time.Millisecond
		config.ClaimInterval = 20 * time.Millisecond
		config.ShouldClaimPendingMessage = func(pending redis.XPendingExt) bool { return pending.Consumer == dead }
	}
}

func messagesOf(t *testing.T, subscriber *redisstream.Subscriber, topic string) <-chan *message.Message {
	t.Helper()
	messages, err := subscriber.Subscribe(context.Background(), topic)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

func nextOf(t *testing.T, messages <-chan *message.Message) *message.Message {
	t.Helper()
	select {
	case received, open := <-messages:
		if !open {
			t.Fatal("the subscriber has given up")
		}
		return received
	case <-time.After(deadline):
		t.Fatal("no message arrived")
	}
	return nil
}

// publishNumbers publishes 0 to n - 1, each with its number as metadata also.
func publishNumbers(t *testing.T, topic string, n int) []*message.Message {
	t.Helper()
	publisher, err := redisstream.NewPublisher(redisstream.PublisherConfig{
		Client: redis.NewClient(&redis.Options{Addr: brokerAddress(t)}),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer publisher.Close()
	published := make([]*message.Message, n)
	for i := range published {
		published[i] = message.NewMessage(watermill.NewUUID(), message.Payload(strconv.Itoa(i)))
		published[i].Metadata.Set("number", strconv.Itoa(i))
	}
	if err := publisher.Publish(topic, published...); err != nil {
		t.Fatal(err)
	}
	return published
}

// nothingPending waits until the group has been given all entries and has acknowledged them.
func nothingPending(t *testing.T, topic, group string) {
	t.Helper()
	client := connect(t, 3)
	eventually(t, "all is acknowledged", func() bool {
		groups, err := client.XInfoGroups(within(t), topic).Result()
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(groups, func(each redis.XInfoGroup) bool {
			return each.Name == group && each.Pending == 0 && each.Lag == 0
		})
	})
}

func TestWatermillConsumerGetsATopicInItsOrder(t *testing.T) {
	t.Parallel()
	forEachChannel(t, func(t *testing.T, topic string) {
		messages := messagesOf(t, watermillSubscriber(t, "g", "a"), topic)
		published := publishNumbers(t, topic, 200)
		for i, want := range published {
			got := nextOf(t, messages)
			if !got.Equals(want) {
				t.Fatalf("message %d is %s %q %v, want %s %q %v", i, got.UUID, got.Payload, got.Metadata, want.UUID, want.Payload, want.Metadata)
			}
			got.Ack()
		}
		nothingPending(t, topic, "g")
	})
}

func TestWatermillRouterRetriesWhatItsHandlerRefuses(t *testing.T) {
	t.Parallel()
	forEachChannel(t, func(t *testing.T, topic string) {
		publishNumbers(t, topic, 4)
		router, err := message.NewRouter(message.RouterConfig{}, watermill.NopLogger{})
		if err != nil {
			t.Fatal(err)
		}
		handled := make(chan string, 100)
		attempts := 0
		router.AddConsumerHandler("fails twice", topic, watermillSubscriber(t, "g", "a"), func(each *message.Message) error {
			handled <- string(each.Payload)
			if string(each.Payload) == "1" {
				if attempts++; attempts <= 2 {
					return errors.New("not yet")
				}
			}
			return nil
		})
		go router.Run(context.Background())
		t.Cleanup(func() { router.Close() })
		nothingPending(t, topic, "g")
		var order []string
		for len(handled) > 0 {
			order = append(order, <-handled)
		}
		if want := []string{"0", "1", "1", "1", "2", "3"}; !slices.Equal(order, want) {
			t.Fatalf("handled %v, want %v", order, want)
		}
	})
}

func TestWatermillConsumersOfAGroupShareATopic(t *testing.T) {
	t.Parallel()
	forEachChannel(t, func(t *testing.T, topic string) {
		const total = 300
		a := messagesOf(t, watermillSubscriber(t, "g", "a"), topic)
		b := messagesOf(t, watermillSubscriber(t, "g", "b"), topic)
		others := messagesOf(t, watermillSubscriber(t, "other", "a"), topic)
		publishNumbers(t, topic, total)

		times := map[string]int{}
		// Each has got one before either goes on, so both have a part.
		for _, first := range []*message.Message{nextOf(t, a), nextOf(t, b)} {
			times[string(first.Payload)]++
			first.Ack()
		}
		for n := 2; n < total; n++ {
			select {
			case each := <-a:
				times[string(each.Payload)]++
				each.Ack()
			case each := <-b:
				times[string(each.Payload)]++
				each.Ack()
			case <-time.After(deadline):
				t.Fatalf("only %d of %d messages arrived", n, total)
			}
		}
		nothingPending(t, topic, "g")
		select {
		case each := <-a:
			t.Fatalf("%q came twice", each.Payload)
		case each := <-b:
			t.Fatalf("%q came twice", each.Payload)
		default:
		}
		for i := range total {
			if n := times[strconv.Itoa(i)]; n != 1 {
				t.Errorf("message %d came %d times", i, n)
			}
			each := nextOf(t, others)
			if string(each.Payload) != strconv.Itoa(i) {
				t.Fatalf("the other group got %q, want %d", each.Payload, i)
			}
			each.Ack()
		}
		nothingPending(t, topic, "other")
	})
}

// allOnce takes the messages 0 to n - 1 in any order, and acknowledges them.
func allOnce(t *testing.T, messages <-chan *message.Message, n int) {
	t.Helper()
	times := map[string]int{}
	for range n {
		each := nextOf(t, messages)
		times[string(each.Payload)]++
		each.Ack()
	}
	for i := range n {
		if times[strconv.Itoa(i)] != 1 {
			t.Fatalf("message %d came %d times", i, times[strconv.Itoa(i)])
		}
	}
}

func TestWatermillClaimsWhatAKilledProcessHad(t *testing.T) {
	t.Parallel()
	binary := program(t, "worker")
	forEachChannel(t, func(t *testing.T, topic string) {
		publishNumbers(t, topic, 20)
		worker := exec.CommandContext(within(t), binary, brokerAddress(t), topic, "g", "dead")
		output, err := worker.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := worker.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(output).ReadString('\n')
		worker.Process.Kill()
		worker.Wait()
		if err != nil || line != "0\n" {
			t.Fatalf("the worker printed %q, %v", line, err)
		}

		allOnce(t, messagesOf(t, watermillSubscriber(t, "g", "alive", claiming("dead")), topic), 20)
		nothingPending(t, topic, "g")
	})
}

func TestWatermillClaimsWhatAClosedSubscriberHad(t *testing.T) {
	t.Parallel()
	forEachChannel(t, func(t *testing.T, topic string) {
		publishNumbers(t, topic, 20)
		dead := watermillSubscriber(t, "g", "dead")
		if first := nextOf(t, messagesOf(t, dead, topic)); string(first.Payload) != "0" {
			t.Fatalf("the first message is %q", first.Payload)
		}
		if err := dead.Close(); err != nil {
			t.Fatal(err)
		}
		allOnce(t, messagesOf(t, watermillSubscriber(t, "g", "alive", claiming("dead")), topic), 20)
		nothingPending(t, topic, "g")
	})
}

func TestBrokerRedeliversToWatermillWithoutAClaim(t *testing.T) {
	t.Parallel()
	topic := "stream." + connectionName(t)
	durable(t, topic, "redeliver yes ack-wait 200ms max-deliveries 0")
	forgetAfterwards(t, topic)
	published := publishNumbers(t, topic, 1)
	dead := watermillSubscriber(t, "g", "dead")
	nextOf(t, messagesOf(t, dead, topic))
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	again := nextOf(t, messagesOf(t, watermillSubscriber(t, "g", "alive"), topic))
	if !again.Equals(published[0]) {
		t.Fatalf("got %s %q", again.UUID, again.Payload)
	}
	again.Ack()
	nothingPending(t, topic, "g")
}

// TestMessageThatKillsEveryConsumerIsReadFromTheDeadLetters: two consumers take it and go; a third is not needed. Whoever
// subscribes to the dead letters gets the message that was published.
func TestMessageThatKillsEveryConsumerIsReadFromTheDeadLetters(t *testing.T) {
	t.Parallel()
	topic := "stream." + connectionName(t)
	letters := topic + ".dlq"
	durable(t, topic, "max-deliveries 2 ack-wait 200ms dlq "+letters)
	forgetAfterwards(t, topic, letters)
	deadLetters := messagesOf(t, watermillSubscriber(t, "graveyard", "a"), letters)
	poison := publishNumbers(t, topic, 1)[0]
	before := "nobody"
	for i := range 2 {
		name := fmt.Sprintf("victim-%d", i)
		victim := watermillSubscriber(t, "g", name, claiming(before))
		if got := nextOf(t, messagesOf(t, victim, topic)); !got.Equals(poison) {
			t.Fatalf("%s got %s %q", name, got.UUID, got.Payload)
		}
		if err := victim.Close(); err != nil {
			t.Fatal(err)
		}
		before = name
	}
	letter := nextOf(t, deadLetters)
	if !letter.Equals(poison) {
		t.Fatalf("the dead letter is %s %q %v", letter.UUID, letter.Payload, letter.Metadata)
	}
	letter.Ack()
	nothingPending(t, topic, "g")
	nothingPending(t, letters, "graveyard")

	entries, err := connect(t, 3).XRange(within(t), letters, "-", "+").Result()
	if err != nil || len(entries) != 1 {
		t.Fatalf("the dead letters are %v, %v", entries, err)
	}
	for field, want := range map[string]string{
		"dlq.reason": "max-deliveries", "dlq.channel": topic, "dlq.group": "g", "dlq.consumer": before, "dlq.deliveries": "2",
	} {
		if entries[0].Values[field] != want {
			t.Errorf("%s is %v, want %q", field, entries[0].Values[field], want)
		}
	}
}
