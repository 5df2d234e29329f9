package clients

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

const deadline = 20 * time.Second

// brokerAddress is the server under test, which run.sh has started.
func brokerAddress(t *testing.T) string {
	t.Helper()
	address := os.Getenv("BROKER_ADDRESS")
	if address == "" {
		t.Fatal("BROKER_ADDRESS is not set: start the tests with tests/clients/run.sh go")
	}
	return address
}

// forEachProtocol runs a test over RESP2 and over RESP3.
func forEachProtocol(t *testing.T, test func(t *testing.T, protocol int)) {
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprintf("RESP%d", protocol), func(t *testing.T) {
			t.Parallel()
			test(t, protocol)
		})
	}
}

// connect gives a client whose connections carry the test's name, so that CLIENT LIST tells them from others'.
func connect(t *testing.T, protocol int) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{
		Addr:       brokerAddress(t),
		Protocol:   protocol,
		ClientName: connectionName(t),
	})
	t.Cleanup(func() { client.Close() })
	return client
}

func connectionName(t *testing.T) string {
	return strings.ReplaceAll(t.Name(), "/", ".")
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	t.Cleanup(cancel)
	return ctx
}

// confirmed waits for the n confirmations of a subscription.
func confirmed(t *testing.T, subscription *redis.PubSub, n int) []*redis.Subscription {
	t.Helper()
	confirmations := make([]*redis.Subscription, n)
	for i := range confirmations {
		received, err := subscription.ReceiveTimeout(within(t), deadline)
		if err != nil {
			t.Fatalf("confirmation %d: %v", i+1, err)
		}
		confirmation, ok := received.(*redis.Subscription)
		if !ok {
			t.Fatalf("confirmation %d: got %T %v", i+1, received, received)
		}
		confirmations[i] = confirmation
	}
	return confirmations
}

func nextMessage(t *testing.T, messages <-chan *redis.Message) *redis.Message {
	t.Helper()
	select {
	case message, open := <-messages:
		if !open {
			t.Fatal("the subscription's channel is closed")
		}
		return message
	case <-time.After(deadline):
		t.Fatal("no message arrived")
	}
	return nil
}

func publish(t *testing.T, client *redis.Client, channel string, payload any) int64 {
	t.Helper()
	receivers, err := client.Publish(within(t), channel, payload).Result()
	if err != nil {
		t.Fatalf("PUBLISH %s: %v", channel, err)
	}
	return receivers
}

// subscriberID finds the connection of this test that has subscriptions; its last command in `command`.
func subscriberID(t *testing.T, client *redis.Client) (id, command string) {
	t.Helper()
	list, err := client.ClientList(within(t)).Result()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(list) {
		field := func(name string) string {
			found := regexp.MustCompile(`(?:^| )` + name + `=(\S*)`).FindStringSubmatch(line)
			if found == nil {
				t.Fatalf("CLIENT LIST has no field %s: %s", name, line)
			}
			return found[1]
		}
		subscribed := field("sub") != "0" || field("psub") != "0" || field("ssub") != "0"
		if field("name") == connectionName(t) && subscribed {
			return field("id"), field("cmd")
		}
	}
	return "", ""
}

// eventually retries until the condition holds; the deadline is for a broker that never gets there.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("never came true: %s", what)
}
